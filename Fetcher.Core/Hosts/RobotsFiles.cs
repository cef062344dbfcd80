using Fetcher.Core.Http;

namespace Fetcher.Core.Hosts;

/// <summary>What is known of each host's robots.txt, over all loops (<c>--robots</c>).</summary>
internal sealed class RobotsFiles(FetchOptions options, HostTable hosts)
{
    /// <summary>Bytes of rules from which on they are forgotten and fetched anew: hosts that want to do harm have long files.</summary>
    private const long MostBytes = 64 * 1024 * 1024;

    /// <summary>Fields of the user's that would ask for less than the whole file as it is.</summary>
    private static readonly HashSet<string> Replaced =
        new(["Accept-Encoding", "Range", "If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range"], StringComparer.OrdinalIgnoreCase);

    private long _bytes;

    /// <summary>The product token that files know this client by.</summary>
    public string Token { get; } = RobotsRules.TokenOf(
        options.Headers.LastOrDefault(field => field.Name.Equals("User-Agent", StringComparison.OrdinalIgnoreCase)).Value ?? options.UserAgent);

    /// <summary>
    /// What they are asked for with: all of them, uncoded, wherever they are. A coding that comes all the same is undone: else its bytes would be lines
    /// that say nothing, and all would be allowed.
    /// </summary>
    public FetchOptions Asking { get; } = options with
    {
        Sha256 = false,
        JournalPath = null,
        FollowRedirects = true,
        Compressed = true,
        Headers = [.. options.Headers.Where(field => !Replaced.Contains(field.Name)), new RequestHeader("Accept-Encoding", "identity")],
    };

    /// <summary>Counts what a file that has come takes up.</summary>
    public void Count(RobotsRules? rules)
    {
        lock (hosts.Gate)
        {
            _bytes += rules?.Size ?? 0;
            if (_bytes > MostBytes)
            {
                _bytes = 0;
                foreach (var host in hosts.All.Where(host => host.Robots is { IsBeingFetched: false }))
                {
                    host.Robots = null;
                }
            }
        }
    }

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
