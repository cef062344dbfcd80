using Fetcher.Core;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Compare;

/// <summary>Where the results of a round end: added up, the first of them kept to be drawn. Safe for several loops.</summary>
internal sealed class RoundSink(int transfersKept) : IResultSink
{
    private readonly Lock _lock = new();
    private readonly SortedSet<string> _versions = new(StringComparer.Ordinal);
    private string? _lastVersion;

    public RunSummary Summary { get; } = new();

    /// <summary>The versions of HTTP that answers came by, in order.</summary>
    public IReadOnlyList<string> HttpVersions => [.. _versions];

    /// <summary>Size of the largest body, as sent on the wire.</summary>
    public long LargestBody { get; private set; }

    public TimelineRecorder Timeline { get; } = new(transfersKept);

    public bool HasRoom => true;

    public void Add(FetchResult result)
    {
        lock (_lock)
        {
            Summary.Add(result);
            LargestBody = Math.Max(LargestBody, result.SizeDownload);
            if (result.HttpVersion is { } version && version != _lastVersion)
            {
                _versions.Add(_lastVersion = version);
            }
        }

        Timeline.Add(result);
    }

    public void NotifyWhenRoom(Action ready) => ready();
}
