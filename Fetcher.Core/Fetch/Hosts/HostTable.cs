using Fetcher.Core.Net;

namespace Fetcher.Core.Fetch.Hosts;

/// <summary>The hosts that <see cref="HostScheduler"/> knows, and what the options say about each. Forgets those that nothing is to be remembered of.</summary>
internal sealed class HostTable(FetchOptions options, Func<long> now)
{
    /// <summary>Where a host begins with <c>--adaptive</c>.</summary>
    private const int FirstLimit = 2;

    /// <summary>Hosts from which on idle ones are forgotten, so that a list of a million hosts does not leave a million behind.</summary>
    private const int FewestSwept = 10_000;

    private readonly Dictionary<byte[], HostState> _hosts = new(Utf8Comparer.Instance);
    private readonly long _startInterval = Nanoseconds.From(options.StartIntervalPerHost);
    private int _sweepAt = FewestSwept;

    /// <summary>How many transfers may be under way to <paramref name="host"/>.</summary>
    public int LimitOf(HostState host)
    {
        // Lines that are no URLs have no host and ask nobody.
        var most = options.PerHost == 0 || host.Origin.Length == 0 ? int.MaxValue : options.PerHost;
        return host.Limit is { } limit ? Math.Min(most, limit.Value) : most;
    }

    /// <summary>Shortest time between two starts at <paramref name="host"/>, in nanoseconds.</summary>
    public long IntervalOf(HostState host) => host.Origin.Length == 0 ? 0 : _startInterval;

    /// <summary>The host of <paramref name="origin"/>, or null when nothing is known of it.</summary>
    public HostState? Find(ReadOnlySpan<byte> origin) =>
        _hosts.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(origin, out var host) ? host : null;

    /// <summary>The host of <paramref name="origin"/>.</summary>
    public HostState Get(ReadOnlySpan<byte> origin)
    {
        if (Find(origin) is { } known)
        {
            return known;
        }

        if (_hosts.Count >= _sweepAt)
        {
            Sweep(now());
        }

        var host = new HostState(origin.ToArray())
        {
            Limit = options.Adaptive && !origin.IsEmpty ? new AdaptiveLimit(FirstLimit, options.Concurrency) : null,
        };
        _hosts.Add(host.Origin, host);
        return host;
    }

    /// <summary>Takes away all lines that wait.</summary>
    public Queue<UrlItem> TakeLines()
    {
        var lines = new Queue<UrlItem>(_hosts.Values.SelectMany(host => host.Waiting));
        foreach (var host in _hosts.Values)
        {
            host.Waiting.Clear();
        }

        return lines;
    }

    private void Sweep(long now)
    {
        foreach (var host in _hosts.Values)
        {
            if (!host.HasWork && host.UnderWay == 0 && host.HeldUntil <= now && host.NextStart <= now)
            {
                _hosts.Remove(host.Origin);
            }
        }

        _sweepAt = Math.Max(FewestSwept, 2 * _hosts.Count);
    }
}
