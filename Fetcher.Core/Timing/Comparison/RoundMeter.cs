using Fetcher.Core.Interop;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Timing.Comparison;

/// <summary>Measures a round, from its making to <see cref="Read"/>.</summary>
/// <param name="counters">Those of the round's run.</param>
internal sealed class RoundMeter(RunCounters counters)
{
    private readonly SyscallCounters _calls = counters.Syscalls;
    private readonly long _blocked = counters.Blocked.Nanoseconds;
    private readonly RunMeter _meter = new(counters);

    /// <summary>The figures of the run that has just ended, without its timeline.</summary>
    public Round Read(RunSummary summary)
    {
        var cost = _meter.Read();
        var calls = counters.Syscalls.Since(_calls);
        var (blocked, blockedLoops) = counters.Blocked;
        return new Round
        {
            Cost = cost,
            Urls = summary.Urls,
            Failed = summary.Failed,
            Bytes = summary.BytesDownloaded,
            Connections = summary.Connects,
            SystemCalls = calls.ByName is { Count: > 0 } byName ? byName : null,
            WouldBlock = calls.WouldBlock,
            Reads = calls.Reads,
            BytesReceived = calls.BytesReceived,
            Blocked = blocked - _blocked,
            BlockedThreads = blockedLoops,
            TimeTotalP50 = summary.TimeOf(TimeField.Total).Percentile(50),
            TimeTotalP99 = summary.TimeOf(TimeField.Total).Percentile(99),
            Failures = [.. summary.Failures.ByKind
                .SelectMany(kind => summary.Failures.ExamplesOf(kind.Kind))
                .Take(FailureLog.ExamplesPerKind)
                .Select(example => $"{example.Url}: {example.Message}")],
        };
    }
}
