namespace Fetcher.Commands;

/// <summary>
/// The file of a report. A document gets its name when it is whole, so that what was there before is not lost to a run that is killed; a report of
/// lines is under its name from the start, to be read while it grows. So is what is no plain file of its own, such as a pipe or a link.
/// </summary>
internal sealed class ReportFile
{
    private const string Unfinished = ".part";

    private readonly string _path;
    private readonly string? _unfinishedPath;

    /// <exception cref="UsageException">It cannot be written.</exception>
    public ReportFile(string path)
    {
        _path = path;
        try
        {
            _unfinishedPath = GrowsInPlace(path) ? null : path + Unfinished;
            Stream = new FileStream(_unfinishedPath ?? path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"the report {path} cannot be written: {e.Message}");
        }
    }

    public Stream Stream { get; }

    /// <summary>Where what has been written is until <see cref="Finish"/>.</summary>
    public string CurrentPath => _unfinishedPath ?? _path;

    /// <summary>Gives the whole report its name. The stream is closed already.</summary>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public void Finish()
    {
        if (_unfinishedPath is not null)
        {
            File.Move(_unfinishedPath, _path, overwrite: true);
        }
    }

    /// <summary>Takes the report back: nothing was to be reported. The stream is closed already.</summary>
    public void Abandon()
    {
        if (_unfinishedPath is not null)
        {
            File.Delete(_unfinishedPath);
        }
    }

    private static bool GrowsInPlace(string path) =>
        path.EndsWith(".ndjson", StringComparison.OrdinalIgnoreCase)
        || path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)
        || IsSpecial(new FileInfo(path));

    private static bool IsSpecial(FileInfo file)
    {
        if (!file.Exists || file.LinkTarget is not null)
        {
            return file.LinkTarget is not null;
        }

        // What is open for writing already, or cannot be opened, tells by itself when it is opened for good.
        using var probe = new FileStream(file.FullName, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        return !probe.CanSeek;
    }
}
