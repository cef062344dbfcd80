namespace Fetcher.Core;

/// <summary>
/// The work of a run: gives its URLs out, is told what became of each, and says when it can take no more results. A list with its reports, a journal
/// around them, the calls of a program; later a queue that machines share. Safe for use by several loops.
/// </summary>
/// <remarks>Each URL that was taken ends in one call of <see cref="Complete(UrlItem, FetchResult)"/>, or in one of <see cref="TryRelease"/> that gives true.</remarks>
internal interface IWork : IUrlSource
{
    /// <summary>How many URLs may be taken ahead of need, to be sorted by host; at least 1.</summary>
    int MostAhead { get; }

    /// <summary>Whether more results can be taken; if not, no new transfer is started. Transfers under way may still complete.</summary>
    bool HasRoom { get; }

    /// <summary>Asks for one call, on any thread, once there may be room again.</summary>
    void NotifyWhenRoom(Action ready);

    /// <summary>Takes the result of a URL. Must not block, and must not keep either after it returns.</summary>
    void Complete(UrlItem item, FetchResult result);

    /// <summary>Takes the results of several URLs, as <see cref="Complete(UrlItem, FetchResult)"/> takes each of them, in this order.</summary>
    void Complete(ReadOnlySpan<FinishedUrl> finished)
    {
        foreach (ref readonly var url in finished)
        {
            Complete(url.Item, url.Result);
        }
    }

    /// <summary>Takes back a URL that was taken and not begun, when nothing new begins any more.</summary>
    /// <returns>False when it cannot be taken back: it is to be completed, as cancelled.</returns>
    bool TryRelease(UrlItem item);
}
