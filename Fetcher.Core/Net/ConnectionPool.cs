using Fetcher.Core.Loop;

namespace Fetcher.Core.Net;

/// <summary>
/// Keeps connections alive between requests, by origin: the one used last is taken first, since it is the least likely to be closed by now. Over its
/// capacity the pool closes the one that has been idle longest. One pool a loop, so nothing is locked.
/// </summary>
internal sealed class ConnectionPool(IReadiness readiness, int capacity) : IDisposable
{
    private readonly Dictionary<byte[], IdleConnections> _origins = new(Utf8Comparer.Instance);
    private readonly LinkedList<Connection> _oldestFirst = new();
    private IdleConnections? _latest;

    /// <summary>
    /// The one given last. It stands in no list yet: whoever gave it mostly takes it for its next URL at once, and lists cost more than the rest of giving
    /// and taking (bench/NOTES.md).
    /// </summary>
    private Connection? _last;

    /// <summary>Closes an idle connection that stands elsewhere; false when there is none either. Or null.</summary>
    public Func<bool>? DropElsewhere { get; set; }

    /// <summary>Takes an idle connection to <paramref name="origin"/>, or null.</summary>
    public Connection? TryTake(ReadOnlySpan<byte> origin)
    {
        while (LatestOf(origin) is { } connection)
        {
            Remove(connection);
            if (!connection.Socket.HasNews())
            {
                return connection;
            }

            // News without a request: closed by the peer, or out of step. Either way of no use.
            connection.Dispose();
        }

        return null;
    }

    /// <summary>Keeps <paramref name="connection"/> for the next request to <paramref name="origin"/>.</summary>
    public void Give(Connection connection, ReadOnlySpan<byte> origin)
    {
        // A connection has one origin all its life.
        if (connection.Home is not { IsKnown: true })
        {
            connection.Home = HomeOf(origin);
        }

        connection.IsIdle = true;
        if (connection.Socket.OnUnexpected is null)
        {
            DropWhenUnexpected(connection);
        }

        if (_last is { Home: { } homeOfLast } last)
        {
            homeOfLast.Connections.AddLast(last.AmongOrigin);
            _oldestFirst.AddLast(last.AmongAll);
        }

        _last = connection;
        connection.Rest(readiness);
        if (_oldestFirst.Count >= capacity)
        {
            DropOldest();
        }
    }

    /// <summary>Closes the connection that has been idle longest.</summary>
    /// <returns>False when there is none.</returns>
    public bool DropOldest()
    {
        var oldest = _oldestFirst.First?.Value ?? _last;
        if (oldest is not null)
        {
            Drop(oldest);
            return true;
        }

        return DropElsewhere?.Invoke() ?? false;
    }

    public void Dispose()
    {
        while (DropOldest())
        {
        }
    }

    private IdleConnections HomeOf(ReadOnlySpan<byte> origin)
    {
        var home = Find(origin);
        if (home is null)
        {
            home = new IdleConnections(origin.ToArray());
            _origins.Add(home.Origin, home);
        }

        return home;
    }

    private Connection? LatestOf(ReadOnlySpan<byte> origin) =>
        _last is { Home: { } home } && origin.SequenceEqual(home.Origin) ? _last : Find(origin)?.Connections.Last?.Value;

    private IdleConnections? Find(ReadOnlySpan<byte> origin)
    {
        // Lists ask the same host again and again, which needs no hash.
        if (_latest is not null && origin.SequenceEqual(_latest.Origin))
        {
            return _latest;
        }

        return _origins.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(origin, out var home) ? _latest = home : null;
    }

    /// <summary>A method of its own: where a lambda captures a parameter, its object is made at every call.</summary>
    private void DropWhenUnexpected(Connection connection) => connection.Socket.OnUnexpected = () => Drop(connection);

    private void Drop(Connection connection)
    {
        if (connection.IsIdle)
        {
            Remove(connection);
            connection.Dispose();
        }
    }

    private void Remove(Connection connection)
    {
        var home = connection.Home!;
        connection.IsIdle = false;
        if (connection == _last)
        {
            _last = null;
        }
        else
        {
            home.Connections.Remove(connection.AmongOrigin);
            _oldestFirst.Remove(connection.AmongAll);
        }

        if (home.Connections.Count == 0 && _last?.Home != home && _origins.Count > capacity)
        {
            // A list of a million hosts must not leave a million empty entries behind.
            _origins.Remove(home.Origin);
            home.IsKnown = false;
            _latest = null;
        }
    }
}

/// <summary>The idle connections of one origin, latest last.</summary>
internal sealed record IdleConnections(byte[] Origin)
{
    public LinkedList<Connection> Connections { get; } = new();

    /// <summary>Whether the pool still looks here for connections.</summary>
    public bool IsKnown { get; set; } = true;
}
