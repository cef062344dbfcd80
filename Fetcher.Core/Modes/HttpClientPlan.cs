using Fetcher.Core.DotNet;
using Fetcher.Core.Exchange;
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
        var executor = new ThreadPoolExecutor(job.Clock, job.Stop);
        var turns = HostTurns.Of(job, executor);
        using var client = new DotNetTransport(job.Options, job.Network, job.Resolver, job.Sockets, job.Clock, job.Stop) { Turn = turns is null ? null : turns.WriteAsync };
        ITransport transport = turns is null ? client : new PacedTransport(client, turns, opensFirst: false);
        var retries = new Retries(job.Options, job.Clock, job.Drain);
        var slots = new Slots(job, executor, job.Options.Concurrency, CreateFetch, job.Drain);
        await slots.RunAsync().ConfigureAwait(false);

        FetchUrls CreateFetch(IPlaces places) =>
            new FetchPipeline(job, new RoundTrip(job, transport, executor), places, retries, mode, loopNumber: 0).FetchAsync;
    }
}
