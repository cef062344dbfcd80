using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Interop;
using Fetcher.Core.Timing.Stalls;
using Fetcher.Core.Work;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Loop.Watching;

/// <summary>A watched run in memory.</summary>
/// <param name="Outcomes">Its results in the order of the list.</param>
/// <param name="Record">Where its time went, or null when no loop was watched.</param>
/// <param name="Start">When it began, in nanoseconds of the system's monotonic clock.</param>
/// <param name="Wall">How long it took, likewise.</param>
internal sealed record WatchedRun(IReadOnlyList<Outcome> Outcomes, RunRecord? Record, long Start, long Wall)
{
    public static FetchOptions Options { get; } = new() { Stalls = true, Retry = 0, Concurrency = 64 };

    /// <summary>Runs to its end.</summary>
    public static async Task<WatchedRun> OfAsync(string mode, FetchOptions options, params IReadOnlyList<string> urls)
    {
        var sink = new MemorySink();
        var job = new FetchJob(options, new ListWork(new MemorySource(urls), sink));
        var start = Now();
        await ModeRun.RunAsync(mode, job);
        return new WatchedRun([.. sink.Outcomes.OrderBy(outcome => outcome.Index)], RunRecord.Of(job.Watched), job.StartedAt, Now() - start);
    }

    /// <summary>Nanoseconds of the system's monotonic clock.</summary>
    public static long Now() => MonotonicClock.Now(TimeProvider.System);
}
