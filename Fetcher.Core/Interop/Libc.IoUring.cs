using System.Runtime.InteropServices;

namespace Fetcher.Core.Interop;

internal static partial class Libc
{
    /// <summary>io_uring_setup(2): makes a ring, whose descriptor is closed on exec.</summary>
    public static unsafe SysResult IoUringSetup(uint entries, ref UringParameters parameters)
    {
        SyscallCounters.Current.Count(Syscall.IoUringSetup);
        const int Setup = 425;
        fixed (UringParameters* start = &parameters)
        {
            return Result(Native.syscall(Setup, (nint)entries, (nint)start, 0, 0, 0, 0));
        }
    }

    /// <summary>io_uring_enter(2): submits what is queued and waits for completions; the wait's deadline is in <paramref name="wait"/>.</summary>
    public static unsafe SysResult IoUringEnter(int ring, uint submit, uint complete, uint flags, in UringWait wait)
    {
        SyscallCounters.Current.Count(Syscall.IoUringEnter);
        const int Enter = 426;
        fixed (UringWait* start = &wait)
        {
            return Result(Native.syscall(Enter, ring, (nint)submit, (nint)complete, (nint)flags, (nint)start, sizeof(UringWait)));
        }
    }

    /// <summary>io_uring_register(2).</summary>
    public static unsafe SysResult IoUringRegister(int ring, uint operation, void* argument, uint count)
    {
        SyscallCounters.Current.Count(Syscall.IoUringRegister);
        const int Register = 427;
        return Result(Native.syscall(Register, ring, (nint)operation, (nint)argument, (nint)count, 0, 0));
    }

    /// <summary>mmap(2): memory shared with the kernel through <paramref name="fd"/>, at one of its offsets; null when refused.</summary>
    public static unsafe byte* MapShared(int fd, long offset, nuint length, out SysResult result)
    {
        SyscallCounters.Current.Count(Syscall.Mmap);
        const int Shared = 0x01, Populate = 0x8000, ReadWrite = 3;
        var start = Native.mmap(0, length, ReadWrite, Shared | Populate, fd, (nint)offset);
        result = Result(start == -1 ? -1 : 0);
        return result.IsError ? null : (byte*)start;
    }

    /// <summary>munmap(2).</summary>
    public static unsafe SysResult Unmap(byte* start, nuint length)
    {
        SyscallCounters.Current.Count(Syscall.Munmap);
        return Result(Native.munmap((nint)start, length));
    }

    private static partial class Native
    {
        // The C library has no functions for io_uring. syscall(2) takes its arguments as any other function would on x64 and arm64.
        [LibraryImport(Library, SetLastError = true)]
        internal static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

        [LibraryImport(Library, SetLastError = true)]
        internal static partial nint mmap(nint address, nuint length, int protection, int flags, int fd, nint offset);

        [LibraryImport(Library, SetLastError = true)]
        internal static partial int munmap(nint address, nuint length);
    }
}
