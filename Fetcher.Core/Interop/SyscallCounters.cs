namespace Fetcher.Core.Interop;

/// <summary>The system calls fetcher makes on its own account, for counting.</summary>
internal enum Syscall
{
    Socket, Connect, Send, Recv, RecvMsg, Shutdown, Close, Fcntl, SetSockOpt, GetSockName, Bind,
    EpollCreate, EpollCtl, EpollWait, Poll, Select, EventFd, Read, Write, ClockNanosleep,
    IoUringSetup, IoUringEnter, IoUringRegister, Mmap, Munmap,
    OpenAt, MkdirAt, RenameAt2, LinkAt, UnlinkAt, Statx, Flock, Fsync, SchedSetScheduler,
}

/// <summary>
/// Counts the system calls of one thread by name, at the one place where libc is called: a plain increment, without a lock. Whoever wants the calls of a
/// run installs counters of its own on each of the run's threads.
/// </summary>
internal sealed class SyscallCounters
{
    [ThreadStatic]
    private static SyscallCounters? _current;

    /// <summary>Asking the type would read its metadata, which is an eighth of what is ours of <c>fetcher --version</c>.</summary>
    private const int Kinds = (int)Syscall.SchedSetScheduler + 1;

    private readonly long[] _calls = new long[Kinds];

    /// <summary>Whether any thread's calls are or were timed: asked first, since it costs less than the thread's own <see cref="Timer"/>.</summary>
    public static bool AreTimed { get; private set; }

    /// <summary>The counters of this thread; its own, and nobody else's, unless some were installed.</summary>
    public static SyscallCounters Current => _current ?? Begin();

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

    /// <summary>Receive calls that gave EAGAIN.</summary>
    public long WouldBlock { get; private set; }

    /// <summary>Receive calls that gave bytes.</summary>
    public long Reads { get; private set; }

    /// <summary>Bytes that were received.</summary>
    public long BytesReceived { get; private set; }

    /// <summary>The calls that were made at least once, by their names in strace(1), in alphabetical order.</summary>
    public IReadOnlyDictionary<string, long> ByName => new SortedDictionary<string, long>(
        Enum.GetValues<Syscall>().Where(call => CallsOf(call) > 0).ToDictionary(NameOf, CallsOf), StringComparer.Ordinal);

    /// <summary>Has this thread count with <paramref name="counters"/> from now on; null for new ones of its own.</summary>
    public static void Install(SyscallCounters? counters) => _current = counters;

    /// <summary>How often <paramref name="call"/> was made.</summary>
    public long CallsOf(Syscall call) => _calls[(int)call];

    /// <summary>Counts a call that is about to be made.</summary>
    public void Count(Syscall call)
    {
        _calls[(int)call]++;
        Timer?.Begin(call);
    }

    /// <summary>Counts the result of a receive.</summary>
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

    /// <summary>Counts bytes that were received without a receive call of their own.</summary>
    public void CountReceivedBytes(int bytes) => BytesReceived += bytes;

    /// <summary>Adds what <paramref name="other"/> has counted. It may still be counting on its thread.</summary>
    public void Add(SyscallCounters other) => Add(other, 1);

    /// <summary>What has been counted since this was <paramref name="before"/>.</summary>
    public SyscallCounters Since(SyscallCounters before)
    {
        var since = new SyscallCounters();
        since.Add(this, 1);
        since.Add(before, -1);
        return since;
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

    // Apart from Current, so that this is small enough to be inlined into each call.
    private static SyscallCounters Begin() => _current = new SyscallCounters();

    private void Add(SyscallCounters other, int times)
    {
        for (var call = 0; call < _calls.Length; call++)
        {
            _calls[call] += times * other._calls[call];
        }

        WouldBlock += times * other.WouldBlock;
        Reads += times * other.Reads;
        BytesReceived += times * other.BytesReceived;
    }
}
