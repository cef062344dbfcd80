namespace Fetcher.Core;

/// <summary>What <see cref="IUrlSource.TryTake"/> found.</summary>
internal enum TakeStatus
{
    /// <summary>The item was filled.</summary>
    Taken,

    /// <summary>Nothing just now; more may come.</summary>
    Empty,

    /// <summary>Nothing any more.</summary>
    End,
}

/// <summary>One line of work, written over for the next one.</summary>
internal sealed class UrlItem
{
    /// <summary>Place in the work, from 0.</summary>
    public long Index { get; set; }

    /// <summary>The line as given, trimmed; not yet checked to be a URL.</summary>
    public Utf8Text Text { get; } = new();

    /// <summary>File (or "-", or "argument") the line came from.</summary>
    public string Origin
    {
        get;
        set => Kept.Set(ref field, value);
    } = "";

    /// <summary>Line number in the file, from 1; 0 for an argument.</summary>
    public long Line { get; set; }

    /// <summary>How many times the list was gone through before.</summary>
    public int Round { get; set; }

    /// <summary>
    /// Why the line can be no URL, when the source itself knows it (it is too long to hold); else null. <see cref="Text"/> is then
    /// only its beginning.
    /// </summary>
    public string? Problem
    {
        get;
        set => Kept.Set(ref field, value);
    }

    /// <summary>What is said of this URL alone, or null.</summary>
    public UrlOptions? Options { get; set; }

    /// <summary>Cancelled, on any thread, when nobody wants its result any more: no attempt begins, and its connection is broken off.</summary>
    public CancellationToken GiveUp { get; set; }
}

/// <summary>Where URLs come from: a file, a pipe, or later a queue shared by machines. Safe for use by several loops.</summary>
internal interface IUrlSource
{
    /// <summary>URLs in all, when that is known.</summary>
    long? Total { get; }

    /// <summary>Takes the next URL without ever blocking.</summary>
    /// <exception cref="IOException">The input could not be read.</exception>
    TakeStatus TryTake(UrlItem item);

    /// <summary>
    /// Asks for one call, on any thread, as soon as <see cref="TryTake"/> would not answer <see cref="TakeStatus.Empty"/>.
    /// </summary>
    void NotifyWhenReady(Action ready);
}
