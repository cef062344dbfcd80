using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fetcher.Core.Interop;

internal static partial class Libc
{
    /// <summary>select(2) without the set of exceptions. Negative waits for ever; a signal, SIGCONT too, ends the wait.</summary>
    /// <param name="highest">The highest descriptor in a set, plus one.</param>
    /// <param name="readable">What to watch for reading; on return, what is ready.</param>
    /// <param name="writable">Likewise for writing.</param>
    /// <param name="timeoutMilliseconds">How long to wait.</param>
    public static unsafe SysResult Select(int highest, ref FdSet readable, ref FdSet writable, int timeoutMilliseconds)
    {
        var time = stackalloc nint[2];
        fixed (FdSet* read = &readable, write = &writable)
        {
            while (true)
            {
                SyscallCounters.Current.Count(Syscall.Select);
                time[0] = timeoutMilliseconds / 1000;
                time[1] = timeoutMilliseconds % 1000 * 1000;
                var result = Result(Native.select(highest, read, write, null, timeoutMilliseconds < 0 ? null : time));
                if (result.Error != Errno.EINTR)
                {
                    return result;
                }

                // The kernel did not look at the end of the wait, and leaves the sets as they were asked: what has come by now is to be told.
                timeoutMilliseconds = 0;
            }
        }
    }

    /// <summary>Whether <paramref name="fd"/> is open (fcntl(2) F_GETFD).</summary>
    public static bool IsOpen(int fd)
    {
        SyscallCounters.Current.Count(Syscall.Fcntl);
        const int GetDescriptorFlags = 1;
        return Result(Native.fcntl(fd, GetDescriptorFlags, 0)).Error != Errno.EBADF;
    }

    /// <summary>Whether <paramref name="fd"/> is open and will not be handed on to another program (fcntl(2) F_GETFD, FD_CLOEXEC).</summary>
    public static bool ClosesOnExec(int fd)
    {
        SyscallCounters.Current.Count(Syscall.Fcntl);
        const int GetDescriptorFlags = 1, CloseOnExec = 1;
        var flags = Result(Native.fcntl(fd, GetDescriptorFlags, 0));
        return !flags.IsError && (flags.Value & CloseOnExec) != 0;
    }

    private static partial class Native
    {
        [LibraryImport(Library, SetLastError = true)]
        internal static unsafe partial int select(int highest, FdSet* read, FdSet* write, FdSet* except, nint* timeout);
    }
}

/// <summary>
/// <c>fd_set</c>: a bit a descriptor, FD_SETSIZE of them, in words of the machine's size. C's macros write past the end for a higher
/// number; this one throws.
/// </summary>
[InlineArray(Capacity / BitsPerWord)]
internal struct FdSet
{
    /// <summary>FD_SETSIZE: one more than the highest descriptor that fits.</summary>
    public const int Capacity = 1024;

    private const int BitsPerWord = 64;

    private ulong _first;

    public readonly bool Contains(int fd)
    {
        ReadOnlySpan<ulong> words = this;
        return (words[(int)((uint)fd / BitsPerWord)] & Bit(fd)) != 0;
    }

    /// <exception cref="IndexOutOfRangeException">It does not fit.</exception>
    public void Set(int fd, bool present)
    {
        Span<ulong> words = this;
        ref var word = ref words[(int)((uint)fd / BitsPerWord)];
        word = present ? word | Bit(fd) : word & ~Bit(fd);
    }

    private static ulong Bit(int fd) => 1ul << (fd % BitsPerWord);
}
