using Fetcher.Core.Fetch;

namespace Fetcher.Core.Modes;

/// <summary>Runs a job without a loop of its own: each slot is a task on .NET's thread pool.</summary>
internal static class PoolRunner
{
    /// <summary>Starts the slots and waits for them all.</summary>
    /// <param name="mode">The mode's name, which the results carry.</param>
    /// <param name="job">What to fetch.</param>
    /// <param name="createRoundTripper">Makes what moves a slot's bytes.</param>
    public static Task RunAsync(string mode, FetchJob job, Func<IRoundTripper> createRoundTripper)
    {
        var retries = new Retries(job.Options, job.Clock, job.Drain);
        var places = new PoolPlaces(job, places => new PoolSlot(
            job, places, slot => new FetchPipeline(job, createRoundTripper(), slot, retries, mode, loopNumber: 0)));
        return places.RunAsync(job.Options.Concurrency);
    }
}
