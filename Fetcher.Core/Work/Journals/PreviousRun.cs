namespace Fetcher.Core.Work.Journals;

/// <summary>
/// What an earlier run recorded in its journal, by URL, so that a server can be asked whether it still holds (<c>--revalidate</c>; RFC 9110, section
/// 13.1). A few dozen bytes a URL in memory; the rest stays in the file. Safe for several loops.
/// </summary>
internal sealed class PreviousRun : IDisposable
{
    private readonly Dictionary<long, long> _lines = [];
    private readonly JournalFile _file;

    /// <exception cref="FetchSetupException">The file cannot be read, or it is not a journal.</exception>
    public PreviousRun(string path) => _file = new JournalFile(path, readOnly: true, Note);

    /// <summary>Looks a URL up.</summary>
    /// <param name="url">The URL of the list.</param>
    /// <param name="result">Takes what was recorded.</param>
    /// <returns>Whether it was fetched, has a validator, and its file, when it had one, is still there.</returns>
    public bool TryFind(ReadOnlySpan<byte> url, FetchResult result)
    {
        var hash = JournalLine.HashOf(url);
        if (!_lines.TryGetValue(hash, out var offset))
        {
            return false;
        }

        try
        {
            _file.Read(offset, result);
        }
        catch (IOException)
        {
            // Whoever changed the file meanwhile: to fetch the whole is always right.
            return false;
        }

        return JournalLine.HashOf(result.Url.Span) == hash && (result.SavedAs is null || File.Exists(result.SavedAs));
    }

    public void Dispose() => _file.Dispose();

    private void Note(FetchResult result, long offset, bool ok)
    {
        if (ok && result.ETag.Length + result.LastModified.Length > 0)
        {
            _lines[JournalLine.HashOf(result.Url.Span)] = offset;
        }
    }
}
