namespace Fetcher.Core.Loop;

/// <summary>What one loop counts of HTTP/2: its streams, and the time in which the server could not send since our windows were closed.</summary>
internal sealed class StreamCounters
{
    /// <summary>Bodies that are told apart; of more, those that count least are dropped.</summary>
    private const int MostUnread = 256;

    private readonly Dictionary<string, long> _unread = new(StringComparer.Ordinal);

    /// <summary>The most streams that were open at once on one connection.</summary>
    public int Most { get; private set; }

    /// <summary>How long windows of streams were closed, summed over the streams, in nanoseconds.</summary>
    public long StreamsClosed { get; private set; }

    /// <summary>How long windows of connections were closed, summed over the connections, in nanoseconds.</summary>
    public long ConnectionsClosed { get; private set; }

    /// <summary>The URL whose unread body kept a window closed for longest, and for how long in nanoseconds; null when none did.</summary>
    public (string Url, long Closed)? Worst => _unread.Count == 0 ? null : _unread.Select(each => (each.Key, each.Value)).MaxBy(each => each.Value);

    /// <summary>So many streams are open on a connection.</summary>
    public void NoteOpen(int streams) => Most = Math.Max(Most, streams);

    /// <summary>The window of a stream was closed until now.</summary>
    /// <param name="url">Its URL.</param>
    /// <param name="closed">How long, in nanoseconds.</param>
    public void NoteStreamClosed(string url, long closed)
    {
        StreamsClosed += closed;
        NoteUnread(url, closed);
    }

    /// <summary>The window of a connection was closed until now.</summary>
    /// <param name="url">Whose unread body filled most of it.</param>
    /// <param name="closed">How long, in nanoseconds.</param>
    public void NoteConnectionClosed(string url, long closed)
    {
        ConnectionsClosed += closed;
        NoteUnread(url, closed);
    }

    /// <summary>Adds what another loop counted.</summary>
    public void Add(StreamCounters other)
    {
        Most = Math.Max(Most, other.Most);
        StreamsClosed += other.StreamsClosed;
        ConnectionsClosed += other.ConnectionsClosed;
        foreach (var (url, closed) in other._unread)
        {
            NoteUnread(url, closed);
        }
    }

    private void NoteUnread(string url, long closed)
    {
        if (_unread.Count == MostUnread && !_unread.ContainsKey(url))
        {
            foreach (var (least, _) in _unread.OrderBy(each => each.Value).Take(MostUnread / 2).ToArray())
            {
                _unread.Remove(least);
            }
        }

        _unread[url] = _unread.GetValueOrDefault(url) + closed;
    }
}
