using Fetcher.Core.DotNet;
using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Modes;

/// <summary>
/// Transfers run on .NET's thread pool with .NET's own HTTP client, as in most programs: the yardstick, and what works on every system.
/// </summary>
internal sealed class HttpClientPlan : IModePlan
{
    public async Task RunAsync(string mode, FetchJob job)
    {
        using var transport = new DotNetTransport(job.Options, job.Network, job.Resolver, job.Sockets, job.Clock, job.Stop);
        var retries = new Retries(job.Options, job.Clock, job.Drain);
        var executor = new ThreadPoolExecutor(job.Clock, job.Stop);
        var slots = new Slots(job, executor, job.Options.Concurrency, CreateFetch, job.Drain);
        await slots.RunAsync().ConfigureAwait(false);

        FetchUrl CreateFetch(ISlot slot) => new FetchPipeline(job, new RoundTrip(job, transport, executor), slot, retries, mode, loopNumber: 0).FetchAsync;
    }
}
