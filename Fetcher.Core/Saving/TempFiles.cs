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
