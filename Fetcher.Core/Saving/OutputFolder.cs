using System.Globalization;
using Fetcher.Core.Interop;
using Microsoft.Win32.SafeHandles;

namespace Fetcher.Core.Saving;

/// <summary>
/// The folder that bodies are saved in. Nothing is made outside of it: the way to a name goes folder by folder, each opened from the one
/// before with openat(2) and O_NOFOLLOW, so that no symbolic link is followed, not even one that is put there meanwhile.
/// </summary>
internal sealed class OutputFolder
{
    /// <summary>Numbers that are tried for a folder whose name is a file's.</summary>
    private const int MostFolderNumbers = 1000;

    private readonly string _path;
    private readonly Place _root;
    private readonly List<string> _made = [];

    /// <summary>Makes the folder if need be, and opens it. The user named it, so links that lead there are followed.</summary>
    /// <exception cref="FetchSetupException">There can be no such folder.</exception>
    public OutputFolder(string path)
    {
        _path = path;
        try
        {
            for (var folder = Path.GetFullPath(path); folder is not null && !Path.Exists(folder); folder = Path.GetDirectoryName(folder))
            {
                _made.Add(folder);
            }

            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            TakeBack();
            throw new FetchSetupException($"the output folder {path} cannot be made: {e.Message}", e);
        }

        // With a dot behind it, the last part of the path may be a link too.
        using var anywhere = Libc.WorkingFolder();
        var opened = Libc.OpenAt(anywhere, Path.Combine(path, "."), OpenFlags.Read | OpenFlags.Folder);
        _root = opened.IsError
            ? throw new FetchSetupException($"the output folder {path} cannot be opened: {opened.Message}")
            : new Place(new SafeFileHandle(opened.Value, ownsHandle: true), path, isRoot: true);
    }

    /// <summary>The path that a file of any path would have as a body in this folder; null when it is outside of it.</summary>
    public string? PathOf(string file)
    {
        var full = Path.GetFullPath(file);
        if (Libc.RealPath(_path) is not { } root || Libc.RealPath(Path.GetDirectoryName(full) ?? "/") is not { } folder)
        {
            return null;
        }

        var relative = Path.GetRelativePath(root, Path.Combine(folder, Path.GetFileName(full)));
        return relative.StartsWith("..", StringComparison.Ordinal) ? null : Path.Combine(_path, relative);
    }

    /// <summary>Removes the folders that had to be made, as far as nobody has put anything in: there is no run.</summary>
    public void TakeBack()
    {
        foreach (var folder in _made)
        {
            try
            {
                Directory.Delete(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is somebody else's by now, or was never made.
                return;
            }
        }
    }

    /// <summary>Opens the folder below this one that <paramref name="names"/> lead to, and makes what is missing.</summary>
    /// <exception cref="FetchException">It cannot be made.</exception>
    public Place Open(ReadOnlySpan<string> names)
    {
        var place = _root;
        foreach (var name in names)
        {
            using var above = place;
            place = Step(above, name);
        }

        return place;
    }

    private static Place Step(Place place, string name)
    {
        for (var number = 0; number < MostFolderNumbers; number++)
        {
            var tried = SafeName.Numbered(name, number);
            var opened = Libc.OpenAt(place.Handle, tried, OpenFlags.Read | OpenFlags.Folder);
            if (opened.Error == Errno.ENOENT)
            {
                var made = Libc.MakeFolderAt(place.Handle, tried);
                opened = made.IsError && made.Error != Errno.EEXIST
                    ? made
                    : Libc.OpenAt(place.Handle, tried, OpenFlags.Read | OpenFlags.Folder);
            }

            if (!opened.IsError)
            {
                return new Place(new SafeFileHandle(opened.Value, ownsHandle: true), Path.Combine(place.Path, tried), isRoot: false);
            }

            // A file or a link has the name.
            if (opened.Error is not (Errno.ENOTDIR or Errno.ELOOP))
            {
                throw Failure(opened, Path.Combine(place.Path, tried));
            }
        }

        throw Failures.NoNameLeft.Of(Path.Combine(place.Path, name)).Thrown();
    }

    private static FetchException Failure(SysResult result, string path) =>
        Failures.NotWritable.Of(path, result.Message).Thrown();

    /// <summary>An open folder in the output folder, and the calls that take a name in it.</summary>
    internal sealed class Place(SafeFileHandle handle, string path, bool isRoot) : IDisposable
    {
        public SafeFileHandle Handle => handle;

        /// <summary>Its path, for people.</summary>
        public string Path => path;

        /// <summary>A path that leads to just this folder, whatever has its name now.</summary>
        public string OwnPath => string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.DangerousGetHandle()}/");

        public string PathOf(string name) => System.IO.Path.Combine(path, name);

        /// <summary>What stands under a name; null when nothing does.</summary>
        public FileFacts? Look(string name)
        {
            var result = Libc.StatAt(handle, name, out var facts);
            return result.Error == Errno.ENOENT ? null : result.IsError ? throw Failure(result, PathOf(name)) : facts;
        }

        /// <exception cref="FetchException">It cannot be opened.</exception>
        public SafeFileHandle OpenFile(string name, OpenFlags flags)
        {
            var result = Libc.OpenAt(handle, name, flags);
            return result.IsError ? throw Failure(result, PathOf(name)) : new SafeFileHandle(result.Value, ownsHandle: true);
        }

        /// <summary>Makes a file without a name; null when the file system, or anything else, is against it.</summary>
        public SafeFileHandle? TryOpenNameless()
        {
            var result = Libc.OpenAt(handle, ".", OpenFlags.ReadWrite | OpenFlags.Nameless);
            return result.IsError ? null : new SafeFileHandle(result.Value, ownsHandle: true);
        }

        /// <summary>Gives a file its final name, in this folder or another; false when that is taken.</summary>
        /// <exception cref="FetchException">It cannot be renamed.</exception>
        public bool TryRename(string from, Place target, string to)
        {
            var result = Libc.RenameAt(handle, from, target.Handle, to);
            if (result.Error is Errno.EINVAL or Errno.ENOSYS)
            {
                // A file system that cannot rename without replacing can link, which never replaces.
                result = Libc.LinkAt(handle, from, target.Handle, to);
                if (!result.IsError)
                {
                    result = Libc.UnlinkAt(handle, from);
                }
            }

            return !result.IsError || (result.Error == Errno.EEXIST ? false : throw Failure(result, target.PathOf(to)));
        }

        /// <summary>Removes a file; one that is gone already is as good.</summary>
        /// <exception cref="FetchException">It cannot be removed.</exception>
        public void Remove(string name)
        {
            var result = Libc.UnlinkAt(handle, name);
            if (result.IsError && result.Error != Errno.ENOENT)
            {
                throw Failure(result, PathOf(name));
            }
        }

        public void Dispose()
        {
            if (!isRoot)
            {
                handle.Dispose();
            }
        }
    }
}
