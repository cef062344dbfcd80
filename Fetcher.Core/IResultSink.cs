namespace Fetcher.Core;

/// <summary>Where results go. Called on the loops' threads, from several at once when there are several loops.</summary>
internal interface IResultSink
{
    /// <summary>Takes one result. Must not block, and must not keep <paramref name="result"/> after it returns.</summary>
    void Add(FetchResult result);

    /// <summary>Takes several results, as <see cref="Add(FetchResult)"/> takes each of them, in this order.</summary>
    void Add(ReadOnlySpan<FinishedUrl> finished)
    {
        foreach (ref readonly var url in finished)
        {
            Add(url.Result);
        }
    }

    /// <summary>Whether it can take more results; if not, no new transfer is started. Transfers under way may still add theirs.</summary>
    bool HasRoom { get; }

    /// <summary>Asks for one call, on any thread, once there may be room again.</summary>
    void NotifyWhenRoom(Action ready);
}
