
namespace Fetcher.Core.Timing;

/// <summary>A host and its slowest transfer, in nanoseconds.</summary>
internal sealed record SlowHost(string Host, long TimeTotal, string Url);

/// <summary>
/// Keeps the hosts with the slowest single transfer. Exact for any number of hosts in fixed memory: a host that was pushed out had only
/// faster transfers than those kept, and comes back with the first slower one.
/// </summary>
internal sealed class SlowestHosts
{
    /// <summary>Hosts kept.</summary>
    public const int Capacity = 10;

    private readonly List<Entry> _entries = new(Capacity);
    private long _fastestKept = -1;
    private Entry? _latest;

    /// <summary>The hosts kept, slowest first.</summary>
    public IReadOnlyList<SlowHost> Ranking =>
        [.. _entries.Select(entry => new SlowHost(entry.Host.ToString(), entry.Time, entry.Url.ToString()))
            .OrderByDescending(host => host.TimeTotal)];

    /// <summary>The slowest of all, or null before there is one.</summary>
    public SlowHost? Slowest => Ranking is [var slowest, ..] ? slowest : null;

    /// <summary>Looks at one result; a URL without a host is passed over.</summary>
    public void Add(FetchResult result) => Add(result.Url.Span, result.TimeTotal);

    /// <summary>Adds everything <paramref name="other"/> has kept.</summary>
    public void Merge(SlowestHosts other)
    {
        foreach (var entry in other._entries)
        {
            Add(entry.Url.Span, entry.Time);
        }
    }

    private void Add(ReadOnlySpan<byte> url, long time)
    {
        // Once the table is full, nearly every result ends here.
        if (time <= _fastestKept)
        {
            return;
        }

        // And while it is not, lists ask the same host again and again.
        if (_latest is not null && time <= _latest.Time && _latest.IsHostOf(url))
        {
            return;
        }

        var host = HostOf(url);
        if (host.IsEmpty)
        {
            return;
        }

        var entry = Find(host);
        if (entry is null)
        {
            entry = _entries.Count < Capacity ? new Entry() : _entries.MinBy(kept => kept.Time)!;
            if (entry.Time < 0)
            {
                _entries.Add(entry);
            }
        }

        _latest = entry;
        if (entry.Time >= time)
        {
            return;
        }

        entry.Time = time;
        entry.Host.Set(host);
        entry.Url.Set(url);
        entry.HostEnd = url.IndexOf("://"u8) + 3 + host.Length;
        if (_entries.Count == Capacity)
        {
            _fastestKept = _entries.Min(kept => kept.Time);
        }
    }

    private Entry? Find(ReadOnlySpan<byte> host)
    {
        foreach (var entry in _entries)
        {
            if (entry.Host.Span.SequenceEqual(host))
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>Host and port as written, between <c>//</c> and the path (RFC 3986, section 3.2).</summary>
    private static ReadOnlySpan<byte> HostOf(ReadOnlySpan<byte> url)
    {
        var start = url.IndexOf("://"u8);
        if (start < 0)
        {
            return default;
        }

        var authority = url[(start + 3)..];
        var end = authority.IndexOfAny((byte)'/', (byte)'?', (byte)'#');
        return end < 0 ? authority : authority[..end];
    }

    private sealed class Entry
    {
        public long Time { get; set; } = -1;

        public Utf8Text Host { get; } = new();

        public Utf8Text Url { get; } = new();

        /// <summary>Where the host ends in <see cref="Url"/>.</summary>
        public int HostEnd { get; set; }

        /// <summary>Whether <paramref name="url"/> begins with the same scheme and host, and a path follows: a quick yes, or a no that proves nothing.</summary>
        public bool IsHostOf(ReadOnlySpan<byte> url) => url.Length > HostEnd && url[HostEnd] == '/' && url.StartsWith(Url.Span[..HostEnd]);
    }
}
