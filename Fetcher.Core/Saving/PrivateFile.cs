using Fetcher.Core.Interop;

namespace Fetcher.Core.Saving;

/// <summary>A small file that is written at the end of a run in the place of what it was, and that only its owner may read.</summary>
internal static class PrivateFile
{
    /// <summary>What its name ends with while it is being written.</summary>
    public const string Unfinished = ".tmp";

    /// <summary>Writes it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be.</exception>
    public static void Write(string path, byte[] bytes)
    {
        path = TargetOf(path);
        if (IsSpecial(path))
        {
            File.WriteAllBytes(path, bytes);
            return;
        }

        using (var file = Create(path + Unfinished))
        {
            file.Write(bytes);
        }

        File.Move(path + Unfinished, path, overwrite: true);
    }

    /// <summary>Makes sure, before anything is fetched, that it can be written at the end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">What is in it, for the message.</param>
    /// <exception cref="FetchSetupException">It cannot.</exception>
    public static void EnsureWritable(string path, string content)
    {
        try
        {
            path = TargetOf(path);
            if (Directory.Exists(path))
            {
                throw new IOException("it is a directory");
            }

            if (!IsSpecial(path))
            {
                Create(path + Unfinished).Dispose();
                File.Delete(path + Unfinished);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new FetchSetupException($"{content} cannot be written to {path}: {e.Message}", e);
        }
    }

    /// <summary>The file, or where it leads to: a link stays one.</summary>
    private static string TargetOf(string path) =>
        IsSpecial(path) || new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

    /// <summary>Whether it is there and no plain file, such as /dev/null, which is written as it is.</summary>
    private static bool IsSpecial(string path) =>
        OperatingSystem.IsLinux() && !Libc.Stat(path, out var facts).IsError && !facts.IsRegular;

    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }
}
