using Fetcher.Core.Net;

namespace Fetcher.Core.DotNet;

/// <summary>
/// The HTTP/2 connections that are open. The client does not tell on which of them a request goes; where there is one, it is that one, and which one of
/// several is known when the response comes.
/// </summary>
internal sealed class Http2Connections
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Endpoint, List<DotNetConnection>> _open = [];
    private volatile bool _isAny;

    /// <summary>Notes a connection until <see cref="Remove"/>.</summary>
    public void Add(Endpoint endpoint, DotNetConnection connection)
    {
        lock (_gate)
        {
            if (!_open.TryGetValue(endpoint, out var connections))
            {
                _open.Add(endpoint, connections = []);
            }

            connections.Add(connection);
        }

        _isAny = true;
    }

    /// <summary>It has been closed.</summary>
    public void Remove(Endpoint endpoint, DotNetConnection connection)
    {
        lock (_gate)
        {
            _open[endpoint].Remove(connection);
        }
    }

    /// <summary>Whether HTTP/2 has been spoken with <paramref name="endpoint"/>, and the connection that it must be spoken on.</summary>
    /// <param name="endpoint">The server.</param>
    /// <param name="only">The connection, or null when there are several or none.</param>
    public bool TryFind(Endpoint endpoint, out DotNetConnection? only)
    {
        only = null;
        if (!_isAny)
        {
            return false;
        }

        lock (_gate)
        {
            var isKnown = _open.TryGetValue(endpoint, out var connections);
            only = connections is [var one] ? one : null;
            return isKnown;
        }
    }
}
