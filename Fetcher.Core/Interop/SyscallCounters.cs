namespace Fetcher.Core.Interop;

/// <summary>The system calls fetcher makes on its own account, for counting.</summary>
internal enum Syscall
{
    Socket, Connect, Send, Recv, RecvMsg, Shutdown, Close, Fcntl, SetSockOpt, GetSockName, Bind,
    EpollCreate, EpollCtl, EpollWait, Poll, Select, EventFd, Read, Write, ClockNanosleep,
    IoUringSetup, IoUringEnter, IoUringRegister, Mmap, Munmap,
    OpenAt, MkdirAt, RenameAt2, LinkAt, UnlinkAt, Statx, Flock,
}

/// <summary>
/// Counts system calls by name, each thread on its own, at the one place where libc is called. A plain increment: no lock, no sharing of cache lines
/// while the threads run.
/// </summary>
internal sealed class SyscallCounters
{
    private static readonly List<SyscallCounters> Threads = [];

    [ThreadStatic]
    private static SyscallCounters? _current;

    private readonly long[] _calls = new long[Enum.GetValues<Syscall>().Length];

    /// <summary>Whether any thread's calls are or were timed: asked first, since it costs less than the thread's own <see cref="Timer"/>.</summary>
    public static bool AreTimed { get; private set; }

    /// <summary>The counters of this thread.</summary>
    public static SyscallCounters Current => _current ?? Register();

    /// <summary>Who is told of this thread's calls, or null.</summary>
    public ISyscallTimer? Timer
    {
        get;
        set
        {
            field = value;
            AreTimed |= value is not null;
        }
    }

    /// <summary>Times that a call said EAGAIN.</summary>
    public long WouldBlock { get; private set; }

    /// <summary>Receive calls that gave bytes.</summary>
    public long Reads { get; private set; }

    /// <summary>Bytes that were received.</summary>
    public long BytesReceived { get; private set; }

    /// <summary>Calls by name, summed over all threads that ever called.</summary>
    public static IReadOnlyDictionary<string, long> Snapshot()
    {
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        lock (Threads)
        {
            foreach (var call in Enum.GetValues<Syscall>())
            {
                var sum = Threads.Sum(thread => thread._calls[(int)call]);
                if (sum > 0)
                {
                    sums[NameOf(call)] = sum;
                }
            }
        }

        return sums;
    }

    /// <summary>EAGAIN answers, receive calls that gave bytes, and those bytes, summed over all threads that ever called.</summary>
    public static (long WouldBlock, long Reads, long BytesReceived) Totals()
    {
        lock (Threads)
        {
            return (Threads.Sum(thread => thread.WouldBlock), Threads.Sum(thread => thread.Reads), Threads.Sum(thread => thread.BytesReceived));
        }
    }

    /// <summary>How often this thread made <paramref name="call"/>.</summary>
    public long CallsOf(Syscall call) => _calls[(int)call];

    /// <summary>Has nobody know of this thread's calls: it only watches.</summary>
    public static void LeaveOutThisThread() => _current = new SyscallCounters();

    /// <summary>Counts a call that is about to be made.</summary>
    public void Count(Syscall call)
    {
        _calls[(int)call]++;
        Timer?.Begin(call);
    }

    /// <summary>Counts what came of a receive.</summary>
    public void NoteReceived(SysResult result)
    {
        if (result.Value > 0)
        {
            Reads++;
            BytesReceived += result.Value;
        }
        else if (result.WouldBlock)
        {
            WouldBlock++;
        }
    }

    /// <summary>Counts bytes that came without a recv of their own.</summary>
    public void CountReceivedBytes(int bytes) => BytesReceived += bytes;

    private static SyscallCounters Register()
    {
        var counters = new SyscallCounters();
        lock (Threads)
        {
            Threads.Add(counters);
        }

        return _current = counters;
    }

    /// <summary>The name, as strace(1) prints it.</summary>
    public static string NameOf(Syscall call) => call switch
    {
        Syscall.Send => "sendto",
        Syscall.Recv => "recvfrom",
        Syscall.EpollCreate => "epoll_create1",
        Syscall.EpollCtl => "epoll_ctl",
        Syscall.EpollWait => "epoll_wait",
        Syscall.EventFd => "eventfd2",
        Syscall.ClockNanosleep => "clock_nanosleep",
        Syscall.IoUringSetup => "io_uring_setup",
        Syscall.IoUringEnter => "io_uring_enter",
        Syscall.IoUringRegister => "io_uring_register",
        _ => call.ToString().ToLowerInvariant(),
    };
}
