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

    /// <summary>Neither the opening nor later calls wait: a FIFO that nobody reads says ENXIO (fifo(7)).</summary>
    NonBlocking = 64,

    /// <summary>A file in the folder that has no name yet (O_TMPFILE): the kernel frees it unless <see cref="Libc.LinkFileAt"/> gives it one.</summary>
    Nameless = 128,
}

/// <summary>What kind of file a name leads to (inode(7)).</summary>
internal enum FileKind
{
    Fifo = 0x1000, Character = 0x2000, Folder = 0x4000, Block = 0x6000, Regular = 0x8000, Link = 0xA000, Socket = 0xC000,
}

/// <summary>Which file it is, whatever its names: the device and the number of its inode.</summary>
internal readonly record struct FileId(ulong Device, ulong Inode);

/// <summary>What statx(2) says of a name: the kind of file, its size in bytes, how many names it has, which one it is, and when its inode was changed last
/// (nanoseconds since 1970).</summary>
internal readonly record struct FileFacts(FileKind Kind, long Size, uint Links, FileId Id, long Changed)
{
    public bool IsRegular => Kind == FileKind.Regular;
}

internal static partial class Libc
{
    /// <summary>openat(2) of a single name, never through a symbolic link; the mode is left to the umask.</summary>
    public static SysResult OpenAt(SafeFileHandle folder, string name, OpenFlags flags)
    {
        const int Anyone = 0x1B6; // rw for all
        return Repeat(Syscall.OpenAt, (folder, name, flags: Bits(flags)), static call => Native.openat(call.folder, call.name, call.flags, Anyone));
    }

    /// <summary>mkdirat(2); the mode is left to the umask.</summary>
    public static SysResult MakeFolderAt(SafeFileHandle folder, string name)
    {
        const int Anyone = 0x1FF; // rwx for all
        return Repeat(Syscall.MkdirAt, (folder, name), static call => Native.mkdirat(call.folder, call.name, Anyone));
    }

    /// <summary>renameat2(2) within a folder, which says EEXIST instead of replacing anything.</summary>
    public static SysResult RenameAt(SafeFileHandle folder, string from, SafeFileHandle target, string to)
    {
        const uint NoReplace = 1;
        return Repeat(Syscall.RenameAt2, (folder, from, target, to), static call => Native.renameat2(call.folder, call.from, call.target, call.to, NoReplace));
    }

    /// <summary>linkat(2): a further name of a file; EEXIST when it is taken.</summary>
    public static SysResult LinkAt(SafeFileHandle folder, string from, SafeFileHandle target, string to) =>
        Repeat(Syscall.LinkAt, (folder, from, target, to), static call => Native.linkat(call.folder, call.from, call.target, call.to, 0));

    /// <summary>linkat(2) of an open file without a name: EEXIST when the name is taken, ENOENT where only privileged processes may (before Linux 6.10).</summary>
    public static SysResult LinkFileAt(SafeFileHandle file, SafeFileHandle target, string to)
    {
        const int EmptyPath = 0x1000;
        return Repeat(Syscall.LinkAt, (file, target, to), static call => Native.linkat(call.file, "", call.target, call.to, EmptyPath));
    }

    /// <summary>linkat(2) of what a path leads to, through symbolic links.</summary>
    public static SysResult LinkPathAt(string path, SafeFileHandle target, string to)
    {
        const int Follow = 0x400;
        using var anywhere = WorkingFolder();
        return Repeat(Syscall.LinkAt, (anywhere, path, target, to), static call => Native.linkat(call.anywhere, call.path, call.target, call.to, Follow));
    }

    /// <summary>unlinkat(2) of a file.</summary>
    public static SysResult UnlinkAt(SafeFileHandle folder, string name) =>
        Repeat(Syscall.UnlinkAt, (folder, name), static call => Native.unlinkat(call.folder, call.name, 0));

    /// <summary>statx(2) of a name itself, not of what a symbolic link leads to; an empty name is the handle's own file.</summary>
    public static SysResult StatAt(SafeFileHandle folder, string name, out FileFacts facts)
    {
        const int NoFollow = 0x100, EmptyPath = 0x1000;
        return Stat(folder, name, NoFollow | EmptyPath, out facts);
    }

    /// <summary>statx(2) of what a path leads to.</summary>
    public static SysResult Stat(string path, out FileFacts facts)
    {
        using var anywhere = WorkingFolder();
        return Stat(anywhere, path, flags: 0, out facts);
    }

    /// <summary>Stands for the working folder where a call takes a folder (openat(2), AT_FDCWD).</summary>
    public static SafeFileHandle WorkingFolder() => new(-100, ownsHandle: false);

    /// <summary>pwrite(2); as many bytes as it took.</summary>
    public static unsafe SysResult WriteAt(SafeFileHandle file, ReadOnlySpan<byte> bytes, long position)
    {
        fixed (byte* start = bytes)
        {
            SysResult result;
            do
            {
                SyscallCounters.Current.Count(Syscall.Write);
                result = Result(Native.pwrite(file, start, (nuint)bytes.Length, position));
            }
            while (result.Error == Errno.EINTR);
            return result;
        }
    }

    /// <summary>realpath(3): the path without symbolic links; null when nothing is there.</summary>
    public static unsafe string? RealPath(string path)
    {
        const int MostBytes = 4096;
        var buffer = stackalloc byte[MostBytes];
        return Native.realpath(path, buffer) == 0 ? null : Marshal.PtrToStringUTF8((nint)buffer);
    }

    /// <summary>fsync(2): waits until the disk has the file. Not to be tried again after an error: the kernel may have dropped what it could not write.</summary>
    public static SysResult Sync(SafeFileHandle file) => Repeat(Syscall.Fsync, file, Native.fsync);

    /// <summary>flock(2), exclusive and without waiting: EAGAIN when another has the file locked. <see cref="CloseLocked"/> unlocks it.</summary>
    public static SysResult TryLock(SafeFileHandle file)
    {
        const int Exclusive = 2, DontWait = 4;
        return Repeat(Syscall.Flock, file, static file => Native.flock(file, Exclusive | DontWait));
    }

    /// <summary>
    /// Unlocks a file and closes it. Closing alone is not enough: the lock stays until the last copy of the descriptor is closed, and a child process
    /// has one between fork(2) and execve(2). One that is closed already, or null, is left alone.
    /// </summary>
    public static void CloseLocked(SafeFileHandle? file)
    {
        const int Unlock = 8;
        if (file is { IsClosed: false })
        {
            // A file system that cannot unlock could not lock either.
            Repeat(Syscall.Flock, file, static file => Native.flock(file, Unlock));
            file.Dispose();
        }
    }

    /// <summary>
    /// Makes a call that EINTR has left undone until it is done: on a network's file system any may be interrupted. Its arguments are handed over, so that
    /// a call makes no garbage.
    /// </summary>
    private static SysResult Repeat<T>(Syscall name, T arguments, Func<T, int> call)
    {
        SysResult result;
        do
        {
            SyscallCounters.Current.Count(name);
            result = Result(call(arguments));
        }
        while (result.Error == Errno.EINTR);
        return result;
    }

    private static unsafe SysResult Stat(SafeFileHandle folder, string name, int flags, out FileFacts facts)
    {
        SyscallCounters.Current.Count(Syscall.Statx);
        const uint TypeLinksChangedInodeAndSize = 0x385, TypeMask = 0xF000;
        const long NanosecondsPerSecond = 1_000_000_000;
        var buffer = stackalloc byte[256];
        var result = Result(Native.statx(folder, name, flags, TypeLinksChangedInodeAndSize, buffer));
        facts = result.IsError ? default : new FileFacts(
            (FileKind)(*(ushort*)(buffer + 28) & TypeMask),
            *(long*)(buffer + 40),
            *(uint*)(buffer + 16),
            new FileId(((ulong)*(uint*)(buffer + 136) << 32) | *(uint*)(buffer + 140), *(ulong*)(buffer + 32)),
            (*(long*)(buffer + 96) * NanosecondsPerSecond) + *(uint*)(buffer + 104));
        return result;
    }

    private static int Bits(OpenFlags flags)
    {
        var isArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        const int CloseOnExec = 0x80000, Create = 0x40, Exclusive = 0x80, Truncate = 0x200, NonBlock = 0x800, TempFile = 0x400000, AccessMask = 3;
        var folder = isArm ? 0x4000 : 0x10000;
        var noFollow = isArm ? 0x8000 : 0x20000;
        return CloseOnExec | noFollow | ((int)flags & AccessMask)
            | (flags.HasFlag(OpenFlags.Create) ? Create : 0)
            | (flags.HasFlag(OpenFlags.Exclusive) ? Exclusive : 0)
            | (flags.HasFlag(OpenFlags.Truncate) ? Truncate : 0)
            | (flags.HasFlag(OpenFlags.NonBlocking) ? NonBlock : 0)
            | (flags.HasFlag(OpenFlags.Nameless) ? TempFile | folder : 0)
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
        internal static unsafe partial nint pwrite(SafeFileHandle file, byte* bytes, nuint length, long position);

        [LibraryImport(Library, SetLastError = true)]
        internal static partial int fsync(SafeFileHandle file);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static unsafe partial nint realpath(string path, byte* resolved);

        [LibraryImport(Library, SetLastError = true)]
        internal static partial int flock(SafeFileHandle file, int operation);

        [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static unsafe partial int statx(SafeFileHandle folder, string name, int flags, uint mask, byte* buffer);
    }
}
