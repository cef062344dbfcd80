namespace Fetcher.Core.Work;

/// <summary>A list of URLs whose results go to a sink.</summary>
/// <param name="list">The list.</param>
/// <param name="sink">Where results go.</param>
/// <param name="isEndless">Whether the list is gone round until the time is over, so that what was not begun is missed by nobody.</param>
internal sealed class ListWork(IUrlSource list, IResultSink sink, bool isEndless = false) : IWork
{
    public long? Total => isEndless ? null : list.Total;

    /// <summary>When all of so many lines are of hosts that must wait, the rest of the list waits with them.</summary>
    public int MostAhead => 10_000;

    public bool HasRoom => sink.HasRoom;

    public TakeStatus TryTake(UrlItem item) => list.TryTake(item);

    public void NotifyWhenReady(Action ready) => list.NotifyWhenReady(ready);

    public void NotifyWhenRoom(Action ready) => sink.NotifyWhenRoom(ready);

    public void Complete(UrlItem item, FetchResult result)
    {
        if (isEndless && result is { Attempts: 0, Error.Kind: FetchErrorKind.Cancelled })
        {
            return;
        }

        sink.Add(result);
    }

    public void Complete(ReadOnlySpan<FinishedUrl> finished)
    {
        if (!isEndless)
        {
            sink.Add(finished);
            return;
        }

        foreach (ref readonly var url in finished)
        {
            Complete(url.Item, url.Result);
        }
    }

    /// <summary>A line that was read is gone from the list, so its result has to say that it was not fetched, unless the list has no end.</summary>
    public bool TryRelease(UrlItem item) => isEndless;
}
