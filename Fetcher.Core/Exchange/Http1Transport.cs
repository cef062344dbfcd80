using Fetcher.Core.Http;
using Fetcher.Core.Loop;
using Fetcher.Core.Net;
using Fetcher.Core.Saving.Warc;

namespace Fetcher.Core.Exchange;

/// <summary>How a mode waits: for the request and the response's header section, and for the body.</summary>
internal readonly record struct Waits(IReadiness Request, IReadiness Body);

/// <summary>HTTP/1.1 on the raw sockets of one loop: takes a kept connection or opens one, which then carries one exchange at a time.</summary>
internal sealed class Http1Transport : ITransport, IDisposable
{
    private readonly FetchOptions _options;
    private readonly Routes _routes;
    private readonly SocketBudget _sockets;
    private readonly WarcFile? _warc;
    private readonly CancellationToken _draining;
    private readonly ConnectionPool _pool;
    private Http1Exchange? _free;

    /// <param name="loop">The loop.</param>
    /// <param name="waits">How its transfers wait.</param>
    /// <param name="options">How URLs are fetched.</param>
    /// <param name="network">What the run's connections have in common.</param>
    /// <param name="resolver">Looks names up.</param>
    /// <param name="sockets">How many connections the run may have.</param>
    /// <param name="warc">The archive of all exchanges, or null.</param>
    /// <param name="most">Connections that are kept for later.</param>
    /// <param name="openStream">Makes the stream of a connected socket; null for the usual one.</param>
    /// <param name="draining">Cancelled, on the loop's thread, when nothing new is to begin.</param>
    public Http1Transport(
        EventLoop loop,
        Waits waits,
        FetchOptions options,
        NetworkSetup network,
        Resolver resolver,
        SocketBudget sockets,
        WarcFile? warc,
        int most,
        Func<LoopSocket, SocketStream>? openStream,
        CancellationToken draining)
    {
        (Loop, Waits, _options, _routes, _sockets, _warc, _draining) = (loop, waits, options, network.Routes, sockets, warc, draining);
        _pool = new ConnectionPool(waits.Request, most);
        Connector = new Connector(
            loop, waits.Request, openStream ?? (socket => new ReadinessStream(loop, socket)), _pool, resolver, network, sockets, options);
    }

    public EventLoop Loop { get; }

    public Waits Waits { get; }

    /// <summary>Opens connections that no exchange is waiting for.</summary>
    public Connector Connector { get; }

    public LoopTask<Lease> OpenAsync(HttpUrl url, Limits limits, ExchangeFacts facts, bool fresh)
    {
        var forwarder = _routes.ForwarderOf(url.IsHttps, url.Host, url.Port);
        return !fresh && _pool.TryTake(KeyOf(url, forwarder)) is { } kept
            ? new LoopTask<Lease>(Begin(kept, isReused: true, url, forwarder, limits, facts))
            : OpenNewAsync(url, forwarder, limits, facts, fresh);
    }

    /// <summary>An exchange is over: keeps its connection for the next request to the same origin.</summary>
    public void Give(Connection connection, HttpUrl url, ForwardProxy? forwarder) => _pool.Give(connection, KeyOf(url, forwarder));

    /// <summary>An exchange is over, and ready for the next.</summary>
    public void Return(Http1Exchange exchange) => (exchange.NextFree, _free) = (_free, exchange);

    public void Dispose() => _pool.Dispose();

    /// <summary>Has the transport close idle connections of another, too, when there is no room for one more.</summary>
    public void DropAlso(Func<bool> drop) => _pool.DropElsewhere = drop;

    /// <summary>Begins an exchange over a connection.</summary>
    public Lease Begin(Connection connection, bool isReused, HttpUrl url, ForwardProxy? forwarder, Limits limits, ExchangeFacts facts)
    {
        facts.IsReused = isReused;
        var exchange = _free ?? new Http1Exchange(this, _options, _warc is null ? null : new WarcTape(_warc, Loop.WaitForAsync));
        (_free, exchange.NextFree) = (exchange.NextFree, null);
        exchange.Begin(connection, url, forwarder, limits, facts);
        return new Lease(exchange);
    }

    /// <summary>How long to wait for room for a connection.</summary>
    public Patience NewPatience() => new(_sockets, Nanoseconds.From(_options.ConnectTimeout));

    /// <summary>Opens a connection, or waits for another to become free for this origin.</summary>
    private async LoopTask<Lease> OpenNewAsync(HttpUrl url, ForwardProxy? forwarder, Limits limits, ExchangeFacts facts, bool fresh)
    {
        var patience = NewPatience();
        while (true)
        {
            if (await TryConnectAsync(url, limits, facts, patience, HttpProtocol.Http11).ConfigureAwait(false) is { } connection)
            {
                return Begin(connection, isReused: false, url, forwarder, limits, facts);
            }

            if (!fresh && _pool.TryTake(KeyOf(url, forwarder)) is { } kept)
            {
                return Begin(kept, isReused: true, url, forwarder, limits, facts);
            }
        }
    }

    /// <summary>
    /// Opens a connection. Where there is no room for another, waits a little for one of the run's connections to end; when the run has none, others hold what
    /// is missing, and the wait is that for connecting.
    /// </summary>
    /// <param name="url">Where to.</param>
    /// <param name="limits">When it has to be over.</param>
    /// <param name="facts">Told what happens on the way.</param>
    /// <param name="patience">How long to wait for room, over all tries.</param>
    /// <param name="protocol">What is offered by ALPN, over TLS.</param>
    /// <returns>Null when there was no room: one that is there already may be free by now.</returns>
    /// <exception cref="FetchException">None could be opened.</exception>
    /// <exception cref="OperationCanceledException">The run is being stopped.</exception>
    public async LoopTask<Connection?> TryConnectAsync(
        HttpUrl url, Limits limits, ExchangeFacts facts, Patience patience, HttpProtocol protocol)
    {
        do
        {
            if (!_sockets.TryTake())
            {
                continue;
            }

            try
            {
                facts.Connecting.Begin(Loop.GetTimestamp());
                var endpoint = new Endpoint(url.IsHttps, url.HostString, url.Port);
                var connection = await Connector.ConnectAsync(endpoint, limits.Deadline, facts.Connecting, protocol).ConfigureAwait(false);
                connection.Budget = _sockets;
                _sockets.NoteOpened();
                return connection;
            }
            catch (NoRoomException e)
            {
                _sockets.GiveBack();
                if (patience.IsOver(Loop.GetTimestamp()))
                {
                    throw e.ToFailure();
                }

                break;
            }
            catch
            {
                _sockets.GiveBack();
                throw;
            }
            finally
            {
                facts.Connects += facts.Connecting.Connect == 0 ? 0 : 1;
            }
        }
        while (_pool.DropOldest());

        var now = Loop.GetTimestamp();
        if (now >= limits.Deadline)
        {
            throw Failures.TimeOverBefore.Of("there was room for a connection").Thrown();
        }

        await Loop.DelayUntilAsync(Math.Min(now + SocketBudget.Pause, limits.Deadline), _draining).ConfigureAwait(false);
        return null;
    }

    private static ReadOnlySpan<byte> KeyOf(HttpUrl url, ForwardProxy? forwarder) => forwarder is null ? url.Origin : forwarder.PoolKey;
}
