using Fetcher.Core.Interop;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Timing.Comparison;

/// <summary>Measures a round, from its making to <see cref="Read"/>.</summary>
internal sealed class RoundMeter
{
    private readonly IReadOnlyDictionary<string, long> _calls = SyscallCounters.Snapshot();
    private readonly (long WouldBlock, long Reads, long BytesReceived) _received = SyscallCounters.Totals();
    private readonly long _blocked = BlockedReads.Totals().Nanoseconds;
    private readonly RunMeter _meter = new();

    /// <summary>The figures of the run that has just ended, without its timeline.</summary>
    public Round Read(RunSummary summary)
    {
        var cost = _meter.Read();
        var (wouldBlock, reads, bytesReceived) = SyscallCounters.Totals();
        var (blocked, blockedThreads) = BlockedReads.Totals();
        var calls = SyscallCounters.Snapshot()
            .Select(call => KeyValuePair.Create(call.Key, call.Value - _calls.GetValueOrDefault(call.Key)))
            .Where(call => call.Value > 0)
            .ToDictionary();
        return new Round
        {
            Cost = cost,
            Urls = summary.Urls,
            Failed = summary.Failed,
            Bytes = summary.BytesDownloaded,
            SystemCalls = calls.Count > 0 ? calls : null,
            WouldBlock = wouldBlock - _received.WouldBlock,
            Reads = reads - _received.Reads,
            BytesReceived = bytesReceived - _received.BytesReceived,
            Blocked = blocked - _blocked,
            BlockedThreads = blockedThreads,
            TimeTotalP50 = summary.TimeOf(TimeField.Total).Percentile(50),
            TimeTotalP99 = summary.TimeOf(TimeField.Total).Percentile(99),
            Failures = [.. summary.Failures.ByKind
                .SelectMany(kind => summary.Failures.ExamplesOf(kind.Kind))
                .Take(FailureLog.ExamplesPerKind)
                .Select(example => $"{example.Url}: {example.Message}")],
        };
    }
}
