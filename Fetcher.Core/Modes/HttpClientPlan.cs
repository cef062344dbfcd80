using Fetcher.Core.Fetch;

namespace Fetcher.Core.Modes;

/// <summary>
/// Transfers run on .NET's thread pool with .NET's own HTTP client, as in most programs: the yardstick, and what works on every system.
/// </summary>
internal sealed class HttpClientPlan : IModePlan
{
    public async Task RunAsync(string mode, FetchJob job)
    {
        using var client = HttpClientRoundTripper.CreateClient(job);
        await PoolRunner.RunAsync(mode, job, () => new HttpClientRoundTripper(job, client)).ConfigureAwait(false);
    }
}
