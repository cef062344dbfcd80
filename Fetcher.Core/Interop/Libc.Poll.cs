using System.Runtime.InteropServices;

namespace Fetcher.Core.Interop;

internal static partial class Libc
{
    /// <summary>poll(2). Negative waits for ever; a signal, SIGCONT too, ends the wait.</summary>
    public static unsafe SysResult Poll(Span<PollFd> descriptors, int timeoutMilliseconds)
    {
        fixed (PollFd* start = descriptors)
        {
            while (true)
            {
                SyscallCounters.Current.Count(Syscall.Poll);
                var result = Result(Native.poll(start, (nuint)descriptors.Length, timeoutMilliseconds));
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
        internal static unsafe partial int poll(PollFd* descriptors, nuint count, int timeoutMilliseconds);
    }
}

/// <summary><c>struct pollfd</c>: what is asked of one descriptor, and the answer. One with a negative number is passed over.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollFd
{
    public const short In = 0x001, Out = 0x004, Error = 0x008, HangUp = 0x010, NotOpen = 0x020, PeerClosed = 0x2000;

    public int Fd;
    public short Wanted;
    public short Ready;
}
