using Fetcher.Core.Loop;

namespace Fetcher.Core.Exchange;

/// <summary>Which protocol an origin speaks, as far as is known.</summary>
internal enum OriginProtocol : byte
{
    Unknown,
    Http11,
    Http2,
}

/// <summary>What a loop knows of one origin, for as long as it runs: which protocol it speaks, and its connections of HTTP/2.</summary>
internal sealed class Http2Origin(EventLoop loop, byte[] key)
{
    private readonly List<Http2Connection> _connections = [];
    private TaskCompletionSource? _news;

    public byte[] Key => key;

    public OriginProtocol Protocol { get; set; }

    /// <summary>Whether a connection is being opened: who needs one waits for that.</summary>
    public bool IsOpening { get; set; }

    /// <summary>Whether somebody waits for a place.</summary>
    public bool IsAwaited => _news is not null;

    /// <summary>Whether there is nothing to remember but the protocol.</summary>
    public bool IsQuiet => _connections.Count == 0 && !IsOpening && _news is null;

    /// <summary>Whether to wait for what becomes of the connections that there are, and not to open another.</summary>
    public bool MustWait
    {
        get
        {
            foreach (var connection in _connections)
            {
                if (!connection.Session.IsSettled || connection.Session.MostStreams == 0)
                {
                    return true;
                }
            }

            return IsOpening;
        }
    }

    public void Add(Http2Connection connection) => _connections.Add(connection);

    /// <summary>A connection takes no more streams.</summary>
    public void Remove(Http2Connection connection)
    {
        _connections.Remove(connection);
        Wake();
    }

    /// <summary>Takes a place on a connection that has one free; null when there is none.</summary>
    public Http2Connection? TryTake()
    {
        // One may turn out to be of no use, and is taken out then.
        for (var i = _connections.Count - 1; i >= 0; i--)
        {
            var connection = _connections[i];
            if (connection.TryTakePlace())
            {
                return connection;
            }
        }

        return null;
    }

    /// <summary>Takes all connections out.</summary>
    public Http2Connection[] TakeAll()
    {
        Http2Connection[] all = [.. _connections];
        _connections.Clear();
        return all;
    }

    /// <summary>Where nothing receives by itself: stands still until there is a place, or that can be no more.</summary>
    public void StandForPlace(IReadiness readiness, long deadline)
    {
        if (_connections.Count > 0)
        {
            _connections[0].StandForPlace(readiness, deadline);
        }
    }

    /// <summary>Waits for news: a place, or that there will be none.</summary>
    /// <param name="deadline">When to give up, on the loop's clock in nanoseconds.</param>
    /// <returns>False at the deadline.</returns>
    /// <exception cref="FetchException">The connection that is being opened for all could not be.</exception>
    /// <exception cref="OperationCanceledException">The run is being stopped.</exception>
    public async LoopTask<bool> WaitAsync(long deadline)
    {
        var news = (_news ??= new TaskCompletionSource()).Task;
        if (!await loop.WaitForAsync(news, deadline).ConfigureAwait(false))
        {
            return false;
        }

        await news.ConfigureAwait(false);
        return true;
    }

    /// <summary>Has all who wait look again.</summary>
    public void Wake()
    {
        var news = _news;
        _news = null;
        news?.SetResult();
    }

    /// <summary>Tells all who wait that there is no connection to be had.</summary>
    public void Fail(FetchError error)
    {
        var news = _news;
        _news = null;
        news?.SetException(error.Thrown());
    }
}
