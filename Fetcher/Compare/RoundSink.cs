using Fetcher.Core;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Compare;

/// <summary>Where the results of a round end: added up, the first of them kept to be drawn. Safe for several loops.</summary>
internal sealed class RoundSink(int transfersKept) : IResultSink
{
    private readonly Lock _lock = new();

    public RunSummary Summary { get; } = new();

    public TimelineRecorder Timeline { get; } = new(transfersKept);

    public bool HasRoom => true;

    public void Add(FetchResult result)
    {
        lock (_lock)
        {
            Summary.Add(result);
        }

        Timeline.Add(result);
    }

    public void NotifyWhenRoom(Action ready) => ready();
}
