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

    /// <summary>Takes an idle connection to <paramref name="origin"/>, or null.</summary>
    public Connection? TryTake(ReadOnlySpan<byte> origin)
    {
        while (Find(origin)?.Connections.Last is { } latest)
        {
            var connection = latest.Value;
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
        var home = Find(origin);
        if (home is null)
        {
            home = new IdleConnections(origin.ToArray());
            _origins.Add(home.Origin, home);
        }

        connection.Home = home;
        connection.Socket.OnUnexpected ??= () => Drop(connection);
        home.Connections.AddLast(connection.AmongOrigin);
        _oldestFirst.AddLast(connection.AmongAll);
        connection.Rest(readiness);
        if (_oldestFirst.Count > capacity)
        {
            DropOldest();
        }
    }

    /// <summary>Closes the connection that has been idle longest.</summary>
    /// <returns>False when there is none.</returns>
    public bool DropOldest()
    {
        var oldest = _oldestFirst.First;
        if (oldest is not null)
        {
            Drop(oldest.Value);
        }

        return oldest is not null;
    }

    public void Dispose()
    {
        while (DropOldest())
        {
        }
    }

    private IdleConnections? Find(ReadOnlySpan<byte> origin)
    {
        // Lists ask the same host again and again, which needs no hash.
        if (_latest is not null && origin.SequenceEqual(_latest.Origin))
        {
            return _latest;
        }

        return _origins.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(origin, out var home) ? _latest = home : null;
    }

    private void Drop(Connection connection)
    {
        if (connection.Home is not null)
        {
            Remove(connection);
            connection.Dispose();
        }
    }

    private void Remove(Connection connection)
    {
        var home = connection.Home!;
        connection.Home = null;
        home.Connections.Remove(connection.AmongOrigin);
        _oldestFirst.Remove(connection.AmongAll);
        if (home.Connections.Count == 0 && _origins.Count > capacity)
        {
            // A list of a million hosts must not leave a million empty entries behind.
            _origins.Remove(home.Origin);
            _latest = null;
        }
    }
}

/// <summary>The idle connections of one origin, latest last.</summary>
internal sealed record IdleConnections(byte[] Origin)
{
    public LinkedList<Connection> Connections { get; } = new();
}
