using System.Runtime.InteropServices;

namespace Fetcher.Core.Interop;

internal static partial class Libc
{
    /// <summary>epoll_create1(2), closed on exec.</summary>
    public static SysResult EpollCreate()
    {
        SyscallCounters.Current.Count(Syscall.EpollCreate);
        const int CloseOnExec = 0x80000;
        return Result(Native.epoll_create1(CloseOnExec));
    }

    /// <summary>epoll_ctl(2) EPOLL_CTL_ADD.</summary>
    public static SysResult EpollAdd(int epoll, int fd, uint events, ulong data)
    {
        SyscallCounters.Current.Count(Syscall.EpollCtl);
        return EpollControl(epoll, Epoll.Add, fd, events, data);
    }

    /// <summary>epoll_ctl(2), uncounted: for what only watches a run.</summary>
    public static unsafe SysResult EpollControl(int epoll, int operation, int fd, uint events, ulong data)
    {
        var buffer = stackalloc byte[16];
        Epoll.Write(buffer, events, data);
        return Result(Native.epoll_ctl(epoll, operation, fd, buffer));
    }

    /// <summary>epoll_wait(2) into <paramref name="events"/>, laid out as <see cref="Epoll"/> says. Negative waits for ever; a signal, SIGCONT too, ends the wait.</summary>
    public static unsafe SysResult EpollWait(int epoll, Span<byte> events, int timeoutMilliseconds)
    {
        fixed (byte* start = events)
        {
            while (true)
            {
                SyscallCounters.Current.Count(Syscall.EpollWait);
                var result = Result(Native.epoll_wait(epoll, start, events.Length / Epoll.EventSize, timeoutMilliseconds));
                if (result.Error != Errno.EINTR)
                {
                    return result;
                }

                // The kernel did not look at the end of the wait: what has come by now is to be told.
                timeoutMilliseconds = 0;
            }
        }
    }

    private static partial class Native
    {
        [LibraryImport(Library, SetLastError = true)]
        internal static partial int epoll_create1(int flags);

        [LibraryImport(Library, SetLastError = true)]
        internal static unsafe partial int epoll_ctl(int epoll, int operation, int fd, byte* data);

        [LibraryImport(Library, SetLastError = true)]
        internal static unsafe partial int epoll_wait(int epoll, byte* events, int capacity, int timeoutMilliseconds);
    }
}

/// <summary>The layout of <c>struct epoll_event</c>: packed to 12 bytes on x64, aligned to 16 everywhere else.</summary>
internal static class Epoll
{
    /// <summary>EPOLL_CTL_ADD and EPOLL_CTL_MOD.</summary>
    public const int Add = 1, Modify = 3;

    public const uint In = 0x001, Out = 0x004, Error = 0x008, HangUp = 0x010, PeerClosed = 0x2000, OneShot = 1u << 30, EdgeTriggered = 1u << 31;

    private static readonly bool Packed = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    public static int EventSize => Packed ? 12 : 16;

    private static int DataOffset => Packed ? 4 : 8;

    public static unsafe void Write(byte* to, uint events, ulong data)
    {
        *(uint*)to = events;
        *(ulong*)(to + DataOffset) = data;
    }

    public static (uint Events, ulong Data) Read(ReadOnlySpan<byte> events, int index)
    {
        var one = events.Slice(index * EventSize, EventSize);
        return (MemoryMarshal.Read<uint>(one), MemoryMarshal.Read<ulong>(one[DataOffset..]));
    }
}
