using Fetcher.Core.Fetch;

namespace Fetcher.Core.Modes;

/// <summary>
/// The same work by .NET's own HTTP client, as most programs would do it: the yardstick, and the mode that works on every system.
/// </summary>
internal sealed class HttpClientMode : IMode
{
    public string Name => "httpclient";

    public string? Alias => null;

    public string Waiting => "tasks on .NET's thread pool; .NET waits for the sockets";

    public string SystemCall => "epoll_wait, inside .NET";

    public string Limit => "open files; memory for the tasks";

    public string? WhyNot(FetchOptions options) =>
        options.WarcPath is null ? null : "an archive holds what came over the wire, which .NET's client does not show";

    public async Task RunAsync(FetchJob job)
    {
        using var client = HttpClientRoundTripper.CreateClient(job);
        await PoolRunner.RunAsync(this, job, () => new HttpClientRoundTripper(job, client)).ConfigureAwait(false);
    }
}
