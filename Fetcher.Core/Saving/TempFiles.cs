using Microsoft.Win32.SafeHandles;

namespace Fetcher.Core.Saving;

/// <summary>Temporary files and folders, which nobody else may read. What cannot be made is told with where it should have been.</summary>
internal static class TempFiles
{
    /// <summary>A new folder.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static DirectoryInfo CreateFolder() => Create(() => Directory.CreateTempSubdirectory("fetcher-"));

    /// <summary>The path of a new, empty file (mkstemp(3)).</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static string CreateFile() => Create(Path.GetTempFileName);

    /// <summary>
    /// A new file without a name, which the kernel frees when the process ends, however it ends. Readable by nobody else, since URLs may hold secrets.
    /// </summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static SafeFileHandle CreateUnlinked()
    {
        var path = CreateFile();
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Delete);
        File.Delete(path);
        return file;
    }

    private static T Create<T>(Func<T> create)
    {
        try
        {
            return create();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"nothing can be written to {Path.GetTempPath()}, where temporary files go unless TMPDIR says otherwise: {e.Message}", e);
        }
    }
}
