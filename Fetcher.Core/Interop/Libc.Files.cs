using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fetcher.Core.Interop;

/// <summary>How <see cref="Libc.OpenAt"/> opens (open(2)); the bits themselves depend on the architecture.</summary>
[Flags]
internal enum OpenFlags
{
    Read = 0, Write = 1, ReadWrite = 2, Create = 4, Exclusive = 8, Truncate = 16,

    /// <summary>It has to be a folder.</summary>
    Folder = 32,
}

/// <summary>What statx(2) says of a name: whether it is a regular file, its size in bytes, and how many names it has.</summary>
internal readonly record struct FileFacts(bool IsRegular, long Size, uint Links);

internal static partial class Libc
{
    /// <summary>openat(2) of a single name, never through a symbolic link; the mode is left to the umask.</summary>
    public static SysResult OpenAt(SafeFileHandle folder, string name, OpenFlags flags)
    {
        SyscallCounters.Current.Count(Syscall.OpenAt);
        const int Anyone = 0x1B6; // rw for all
        return Result(Native.openat(folder, name, Bits(flags), Anyone));
    }

    /// <summary>mkdirat(2); the mode is left to the umask.</summary>
    public static SysResult MakeFolderAt(SafeFileHandle folder, string name)
    {
        SyscallCounters.Current.Count(Syscall.MkdirAt);
        const int Anyone = 0x1FF; // rwx for all
        return Result(Native.mkdirat(folder, name, Anyone));
    }

    /// <summary>renameat2(2) within a folder, which says EEXIST instead of replacing anything.</summary>
    public static SysResult RenameAt(SafeFileHandle folder, string from, string to)
    {
        SyscallCounters.Current.Count(Syscall.RenameAt2);
        const uint NoReplace = 1;
        return Result(Native.renameat2(folder, from, folder, to, NoReplace));
    }

    /// <summary>linkat(2) within a folder: a further name of a file; EEXIST when it is taken.</summary>
    public static SysResult LinkAt(SafeFileHandle folder, string from, string to)
    {
        SyscallCounters.Current.Count(Syscall.LinkAt);
        return Result(Native.linkat(folder, from, folder, to, 0));
    }

    /// <summary>unlinkat(2) of a file.</summary>
    public static SysResult UnlinkAt(SafeFileHandle folder, string name)
    {
        SyscallCounters.Current.Count(Syscall.UnlinkAt);
        return Result(Native.unlinkat(folder, name, 0));
    }

    /// <summary>statx(2) of a name itself, not of what a symbolic link leads to; an empty name is the handle's own file.</summary>
    public static unsafe SysResult StatAt(SafeFileHandle folder, string name, out FileFacts facts)
    {
        SyscallCounters.Current.Count(Syscall.Statx);
        const int NoFollow = 0x100, EmptyPath = 0x1000, Asked = 0x205, TypeMask = 0xF000, Regular = 0x8000;
        var buffer = stackalloc byte[256];
        var result = Result(Native.statx(folder, name, NoFollow | EmptyPath, Asked, buffer));
        var isRegular = (*(ushort*)(buffer + 28) & TypeMask) == Regular;
        facts = result.IsError ? default : new FileFacts(isRegular, *(long*)(buffer + 40), *(uint*)(buffer + 16));
        return result;
    }

    /// <summary>flock(2), exclusive and without waiting: EAGAIN when another has the file locked. Closing it unlocks it.</summary>
    public static SysResult TryLock(SafeFileHandle file)
    {
        SyscallCounters.Current.Count(Syscall.Flock);
        const int Exclusive = 2, DontWait = 4;
        return Result(Native.flock(file, Exclusive | DontWait));
    }

    private static int Bits(OpenFlags flags)
    {
        var isArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        const int CloseOnExec = 0x80000, Create = 0x40, Exclusive = 0x80, Truncate = 0x200, AccessMask = 3;
        var folder = isArm ? 0x4000 : 0x10000;
        var noFollow = isArm ? 0x8000 : 0x20000;
        return CloseOnExec | noFollow | ((int)flags & AccessMask)
            | (flags.HasFlag(OpenFlags.Create) ? Create : 0)
            | (flags.HasFlag(OpenFlags.Exclusive) ? Exclusive : 0)
            | (flags.HasFlag(OpenFlags.Truncate) ? Truncate : 0)
            | (flags.HasFlag(OpenFlags.Folder) ? folder : 0);
    }

    private static partial class Native
    {
        [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int openat(SafeFileHandle folder, string name, int flags, int mode);

        [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int mkdirat(SafeFileHandle folder, string name, int mode);

        [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int renameat2(SafeFileHandle fromFolder, string from, SafeFileHandle toFolder, string to, uint flags);

        [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int linkat(SafeFileHandle fromFolder, string from, SafeFileHandle toFolder, string to, int flags);

        [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int unlinkat(SafeFileHandle folder, string name, int flags);

        [LibraryImport(Library, SetLastError = true)]
        internal static partial int flock(SafeFileHandle file, int operation);

        [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static unsafe partial int statx(SafeFileHandle folder, string name, int flags, uint mask, byte* buffer);
    }
}
