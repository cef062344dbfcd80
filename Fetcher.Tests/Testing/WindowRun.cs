using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Fetch.Bodies;
using Fetcher.Core.Loop;
using Fetcher.Core.Timing.Stalls;
using Fetcher.Core.Work;

namespace Fetcher.Tests.Testing;

/// <summary>A run in memory whose bodies are read by the test, or not.</summary>
/// <param name="Outcomes">Its results in the order of the list.</param>
/// <param name="Ended">Their indexes in the order in which they came.</param>
/// <param name="Record">Where its time went, or null when no loop was watched.</param>
/// <param name="Streams">What it counted of HTTP/2.</param>
internal sealed record WindowRun(IReadOnlyList<Outcome> Outcomes, IReadOnlyList<long> Ended, RunRecord? Record, StreamCounters Streams)
{
    /// <summary>Runs to its end.</summary>
    /// <param name="mode">The mode.</param>
    /// <param name="options">The options.</param>
    /// <param name="reader">Reads the bodies; null for nobody, so that they are dropped as they come.</param>
    /// <param name="onResult">Told each time that a URL has its result.</param>
    /// <param name="urls">The URLs.</param>
    public static async Task<WindowRun> OfAsync(string mode, FetchOptions options, BodyReader? reader, Action<int> onResult, params IReadOnlyList<string> urls)
    {
        var ended = 0;
        var sink = new MemorySink { OnResult = () => onResult(Interlocked.Increment(ref ended)) };
        var targets = reader is null ? null : new BodyTargets(reader, TestContext.Current.CancellationToken);
        var job = new FetchJob(options, new ListWork(new MemorySource(urls), sink)) { Targets = targets };
        await ModeRun.RunAsync(mode, job);
        var outcomes = sink.Outcomes;
        return new WindowRun(
            [.. outcomes.OrderBy(outcome => outcome.Index)], [.. outcomes.Select(outcome => outcome.Index)], RunRecord.Of(job.Watched), job.Counters.Streams);
    }
}
