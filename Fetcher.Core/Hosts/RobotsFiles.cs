using Fetcher.Core.Http;

namespace Fetcher.Core.Hosts;

/// <summary>What is known of each host's robots.txt, over all loops (<c>--robots</c>).</summary>
internal sealed class RobotsFiles(FetchOptions options, HostTable hosts)
{
    /// <summary>The product token that files know this client by.</summary>
    public string Token { get; } = RobotsRules.TokenOf(
        options.Headers.LastOrDefault(field => field.Name.Equals("User-Agent", StringComparison.OrdinalIgnoreCase)).Value ?? options.UserAgent);

    /// <summary>The file of <paramref name="origin"/>.</summary>
    public HostRobots Of(ReadOnlySpan<byte> origin)
    {
        if (hosts.Find(origin)?.Robots is { } known)
        {
            return known;
        }

        lock (hosts.Gate)
        {
            return hosts.Get(origin).Robots ??= new HostRobots(1 + options.Retry);
        }
    }
}
