using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Timing.Stalls;

namespace Fetcher.Core.Timing.Comparison;

/// <summary>What one round of one mode cost, as the process that ran it measured it.</summary>
internal sealed record Round
{
    /// <summary>Wall time, CPU time, memory and context switches.</summary>
    public required RunCost Cost { get; init; }

    /// <summary>Results in all.</summary>
    public required long Urls { get; init; }

    /// <summary>Of them failed.</summary>
    public required long Failed { get; init; }

    /// <summary>Body bytes as sent on the wire.</summary>
    public required long Bytes { get; init; }

    /// <summary>System calls by name that the program made itself; null for a mode that leaves them to a library.</summary>
    public IReadOnlyDictionary<string, long>? SystemCalls { get; init; }

    /// <summary>The program's own receive calls that gave bytes.</summary>
    public long Reads { get; init; }

    /// <summary>Bytes that they gave.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Receive calls that said EAGAIN.</summary>
    public long WouldBlock { get; init; }

    /// <summary>Time that threads stood in blocking receive calls, summed over them, in nanoseconds.</summary>
    public long Blocked { get; init; }

    /// <summary>How many threads ever did.</summary>
    public int BlockedThreads { get; init; }

    /// <summary>Median of the transfers' time_total, in nanoseconds.</summary>
    public long TimeTotalP50 { get; init; }

    /// <summary>99th percentile of the transfers' time_total, in nanoseconds.</summary>
    public long TimeTotalP99 { get; init; }

    /// <summary>Connections that were made.</summary>
    public long Connections { get; init; }

    /// <summary>Size of the largest body, as sent on the wire.</summary>
    public long LargestBody { get; init; }

    /// <summary>The versions of HTTP that answers came by, as results have them, in order.</summary>
    public IReadOnlyList<string> HttpVersions { get; init; } = [];

    /// <summary>What it had of HTTP/2 on our loops; null when it had no stream there.</summary>
    public RoundStreams? Streams { get; init; }

    /// <summary>What its transfers waited for their loops; null when no loop was watched.</summary>
    public RoundStalls? Stalls { get; init; }

    /// <summary>The first failures, a sentence each.</summary>
    public IReadOnlyList<string> Failures { get; init; } = [];

    /// <summary>The first transfers in list order, as they went.</summary>
    public IReadOnlyList<TimelineRow> Timeline { get; init; } = [];

    /// <summary>URLs that were fetched.</summary>
    public long Ok => Urls - Failed;

    /// <summary>CPU time in user mode and in the kernel, in seconds.</summary>
    public double Cpu => (Cost.CpuUser + Cost.CpuSystem).TotalSeconds;

    /// <summary>The part of the run that a thread which blocks stood in receive calls, from 0 to 1; null when none ever did.</summary>
    public double? BlockedShare => BlockedThreads > 0 && Cost.Wall > TimeSpan.Zero
        ? Math.Min(1, Blocked / 1e9 / BlockedThreads / Cost.Wall.TotalSeconds)
        : null;
}

/// <summary>What transfers of a round waited for its loops, and whose fault that was. Times are nanoseconds.</summary>
/// <param name="ClientStall">How long they waited, summed over all of them.</param>
/// <param name="ParallelismLost">The part of the makespan, from 0 to 1, that this cost.</param>
/// <param name="Blockers">Who cost the others most, the worst first.</param>
/// <param name="Budget">Where the time of the loops went, the longest first.</param>
internal sealed record RoundStalls(
    long ClientStall, double ParallelismLost, IReadOnlyList<Blocker> Blockers, IReadOnlyList<(string Name, long Nanoseconds)> Budget)
{
    /// <summary>Blockers that are told.</summary>
    private const int MostBlockers = 5;

    /// <summary>Of a run; null when no loop was watched.</summary>
    public static RoundStalls? Of(RunSummary summary, RunRecord? record) => record is null
        ? null
        : new RoundStalls(summary.ClientStall, record.Parallelism.Lost, [.. record.Blockers.Take(MostBlockers)], record.Budget);
}

/// <summary>What a round had of HTTP/2. Times are nanoseconds in which the server could not send, since what had come was not read.</summary>
/// <param name="Most">The most streams that were open at once on one connection.</param>
/// <param name="StreamsClosed">How long windows of streams were closed, summed over the streams.</param>
/// <param name="ConnectionsClosed">How long windows of connections were closed, summed over these.</param>
/// <param name="WorstUrl">The URL whose unread body kept a window closed for longest; null when none did.</param>
/// <param name="WorstClosed">How long that was.</param>
internal sealed record RoundStreams(int Most, long StreamsClosed, long ConnectionsClosed, string? WorstUrl, long WorstClosed)
{
    /// <summary>Both sums.</summary>
    public long Closed => StreamsClosed + ConnectionsClosed;

    /// <summary>Of a run that has ended; null when it had no stream.</summary>
    public static RoundStreams? Of(StreamCounters counters) => counters.Most == 0
        ? null
        : new RoundStreams(counters.Most, counters.StreamsClosed, counters.ConnectionsClosed, counters.Worst?.Url, counters.Worst?.Closed ?? 0);
}

/// <summary>How a round ended: measured, or with a problem because its process could not do it.</summary>
/// <param name="Number">The round, from 1.</param>
/// <param name="Measured">The figures, or null.</param>
/// <param name="Problem">Why there are none, in one sentence; null when there are.</param>
internal sealed record RoundOutcome(int Number, Round? Measured, string? Problem);
