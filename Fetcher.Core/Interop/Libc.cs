using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fetcher.Core.Interop;

/// <summary>
/// The C library, a topic a file. Each call is counted, repeated when a signal interrupts it where that is right, and gives a <see cref="SysResult"/>;
/// nothing here throws. No logic lives here, and libc is visible nowhere else.
/// </summary>
internal static partial class Libc
{
    private const string Library = "libc";

    /// <summary>close(2). Never repeated: on Linux the descriptor is gone even when the call says EINTR.</summary>
    public static SysResult Close(int fd)
    {
        SyscallCounters.Current.Count(Syscall.Close);
        return Result(Native.close(fd));
    }

    /// <summary>eventfd(2): a counter that can be waited for; non-blocking.</summary>
    public static SysResult EventFd()
    {
        SyscallCounters.Current.Count(Syscall.EventFd);
        const int CloseOnExec = 0x80000, NonBlock = 0x800;
        return Result(Native.eventfd(0, CloseOnExec | NonBlock));
    }

    /// <summary>write(2).</summary>
    public static unsafe SysResult Write(int fd, ReadOnlySpan<byte> data)
    {
        fixed (byte* start = data)
        {
            SysResult result;
            do
            {
                SyscallCounters.Current.Count(Syscall.Write);
                result = Result(Native.write(fd, start, (nuint)data.Length));
            }
            while (result.Error == Errno.EINTR);
            return result;
        }
    }

    /// <summary>read(2).</summary>
    public static unsafe SysResult Read(int fd, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            SysResult result;
            do
            {
                SyscallCounters.Current.Count(Syscall.Read);
                result = Result(Native.read(fd, start, (nuint)buffer.Length));
            }
            while (result.Error == Errno.EINTR);
            return result;
        }
    }

    /// <summary>fcntl(2) F_SETFL: whether calls on the descriptor wait, or say EAGAIN.</summary>
    public static SysResult SetBlocking(int fd, bool blocking)
    {
        SyscallCounters.Current.Count(Syscall.Fcntl);
        const int SetFlags = 4, ReadWrite = 2, NonBlock = 0x800;
        return Result(Native.fcntl(fd, SetFlags, blocking ? ReadWrite : ReadWrite | NonBlock));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static SysResult Result(nint returned) => Ended(new SysResult(returned >= 0 ? (int)returned : -Marshal.GetLastPInvokeError()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static SysResult Ended(SysResult result)
    {
        if (SyscallCounters.AreTimed)
        {
            SyscallCounters.Current.Timer?.End();
        }

        return result;
    }

    private static partial class Native
    {
        [LibraryImport(Library, SetLastError = true)]
        internal static partial int close(int fd);

        [LibraryImport(Library, SetLastError = true)]
        internal static partial int eventfd(uint value, int flags);

        [LibraryImport(Library, SetLastError = true)]
        internal static unsafe partial nint write(int fd, byte* data, nuint length);

        [LibraryImport(Library, SetLastError = true)]
        internal static unsafe partial nint read(int fd, byte* buffer, nuint length);

        [LibraryImport(Library, SetLastError = true)]
        internal static partial int fcntl(int fd, int command, int argument);
    }
}
