namespace Fetcher.Core.Work;

/// <summary>A list of URLs whose results go to a sink.</summary>
internal sealed class ListWork(IUrlSource list, IResultSink sink) : IWork
{
    public long? Total => list.Total;

    /// <summary>When all of so many lines are of hosts that must wait, the rest of the list waits with them.</summary>
    public int MostAhead => 10_000;

    public bool HasRoom => sink.HasRoom;

    public TakeStatus TryTake(UrlItem item) => list.TryTake(item);

    public void NotifyWhenReady(Action ready) => list.NotifyWhenReady(ready);

    public void NotifyWhenRoom(Action ready) => sink.NotifyWhenRoom(ready);

    public void Complete(UrlItem item, FetchResult result) => sink.Add(result);

    /// <summary>A line that was read is gone from the list, so its result has to say that it was not fetched.</summary>
    public bool TryRelease(UrlItem item) => false;
}
