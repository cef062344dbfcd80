using Fetcher.Core.Http;
using Fetcher.Core.Http.Http2;
using Fetcher.Core.Loop;
using Fetcher.Core.Net;
using Fetcher.Core.Saving.Warc;

namespace Fetcher.Core.Exchange;

/// <summary>
/// HTTP/2 on the raw sockets of one loop, where the origin speaks it, else HTTP/1.1. A connection carries many exchanges; while an origin's protocol is not
/// known, one connection is opened and all wait for what it says. Another is opened when the streams of those that there are have all been taken.
/// </summary>
internal sealed class Http2Transport : ITransport, IDisposable
{
    /// <summary>Origins that are remembered; beyond that, those without a connection are forgotten.</summary>
    private const int MostOrigins = 16 * 1024;

    private readonly Http1Transport _http1;
    private readonly FetchOptions _options;
    private readonly Routes _routes;
    private readonly WarcFile? _warc;
    private readonly int _mostIdle;
    private readonly long _connectTimeout;
    private readonly Dictionary<byte[], Http2Origin> _origins = new(Utf8Comparer.Instance);
    private readonly LinkedList<Http2Connection> _idle = new();
    private Http2Exchange? _free;
    private Http2Origin? _latest;

    /// <param name="http1">Carries what is not HTTP/2, and opens the connections.</param>
    /// <param name="options">How URLs are fetched.</param>
    /// <param name="routes">Where connections go.</param>
    /// <param name="warc">The archive of all exchanges, or null.</param>
    /// <param name="mostIdle">Connections without a stream that are kept.</param>
    /// <param name="counters">Where streams are counted.</param>
    public Http2Transport(Http1Transport http1, FetchOptions options, Routes routes, WarcFile? warc, int mostIdle, StreamCounters counters)
    {
        (_http1, _options, _routes, _warc, _mostIdle, Counters) = (http1, options, routes, warc, mostIdle, counters);
        ReadTimeout = Nanoseconds.From(options.ReadTimeout);
        _connectTimeout = Nanoseconds.From(options.ConnectTimeout);
        _http1.DropAlso(DropOldestIdle);

        // A slow transfer must not be sent much ahead of its rate.
        var defaults = new Http2Limits();
        var window = options.Http2Window ?? defaults.StreamWindow;
        Limits = defaults with
        {
            StreamWindow = options.LimitRate > 0 ? (int)Math.Min(window, Math.Max(Http2Limits.MaxFrameSize, options.LimitRate / 4)) : window,
            ConnectionWindow = options.Http2ConnectionWindow ?? defaults.ConnectionWindow,
        };
    }

    /// <summary>What a server may make of a connection.</summary>
    public Http2Limits Limits { get; }

    /// <summary>Where streams are counted.</summary>
    public StreamCounters Counters { get; }

    /// <summary>How long a transfer may be silent, in nanoseconds.</summary>
    public long ReadTimeout { get; }

    public EventLoop Loop => _http1.Loop;

    public Waits Waits => _http1.Waits;

    /// <summary>Whether a run may speak HTTP/2 at all.</summary>
    public static bool IsFor(FetchOptions options) => options.Protocol is not (HttpProtocol.Http10 or HttpProtocol.Http11);

    public LoopTask<Lease> OpenAsync(HttpUrl url, Limits limits, ExchangeFacts facts, bool fresh)
    {
        if (!MaySpeakHttp2(url))
        {
            return _http1.OpenAsync(url, limits, facts, fresh);
        }

        var origin = Find(url.Origin);
        if (origin.Protocol == OriginProtocol.Http11)
        {
            return _http1.OpenAsync(url, limits, facts, fresh);
        }

        return origin.TryTake() is { } connection
            ? new LoopTask<Lease>(Begin(connection, isReused: true, url, limits, facts))
            : OpenNewAsync(origin, url, limits, facts, fresh);
    }

    public void Dispose()
    {
        foreach (var connection in _origins.Values.SelectMany(origin => origin.TakeAll()).ToArray())
        {
            connection.Dispose();
        }
    }

    /// <summary>An exchange is over, and ready for the next.</summary>
    public void Return(Http2Exchange exchange) => (exchange.NextFree, _free) = (_free, exchange);

    /// <summary>A connection has no stream any more: it is kept, instead of the one that has been so for longest.</summary>
    public void Rest(Http2Connection connection)
    {
        _idle.AddLast(connection.AmongIdle);
        if (_idle.Count > _mostIdle)
        {
            DropOldestIdle();
        }
    }

    /// <summary>A connection is no longer without a stream, or of no use any more.</summary>
    public void Wake(Http2Connection connection)
    {
        if (connection.AmongIdle.List is not null)
        {
            _idle.Remove(connection.AmongIdle);
        }
    }

    private bool DropOldestIdle()
    {
        if (_idle.First?.Value is not { } oldest)
        {
            return false;
        }

        oldest.Dispose();
        return true;
    }

    /// <summary>Over TLS the server chooses. Without, we have to know; a proxy that takes requests speaks HTTP/1.1.</summary>
    private bool MaySpeakHttp2(HttpUrl url) => url.IsHttps
        || (_options.Protocol == HttpProtocol.Http2PriorKnowledge && _routes.ForwarderOf(url.IsHttps, url.Host, url.Port) is null);

    private Http2Origin Find(ReadOnlySpan<byte> key)
    {
        if (_latest is not null && key.SequenceEqual(_latest.Key))
        {
            return _latest;
        }

        if (!_origins.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var origin))
        {
            if (_origins.Count >= MostOrigins)
            {
                foreach (var (quiet, _) in _origins.Where(known => known.Value.IsQuiet).ToArray())
                {
                    _origins.Remove(quiet);
                }
            }

            origin = new Http2Origin(Loop, key.ToArray());
            _origins.Add(origin.Key, origin);
        }

        return _latest = origin;
    }

    private Lease Begin(Http2Connection connection, bool isReused, HttpUrl url, Limits limits, ExchangeFacts facts)
    {
        facts.IsReused = isReused;
        var exchange = _free ?? new Http2Exchange(this, _options, _warc is null ? null : new WarcTape(_warc, Loop.WaitForAsync));
        (_free, exchange.NextFree) = (exchange.NextFree, null);
        exchange.Begin(connection, url, limits, facts);
        return new Lease(exchange);
    }

    private async LoopTask<Lease> OpenNewAsync(Http2Origin origin, HttpUrl url, Limits limits, ExchangeFacts facts, bool fresh)
    {
        var patience = _http1.NewPatience();
        var until = Math.Min(limits.Deadline, Loop.GetTimestamp() + _connectTimeout);
        while (true)
        {
            if (origin.TryTake() is { } free)
            {
                return Begin(free, isReused: true, url, limits, facts);
            }

            if (origin.Protocol == OriginProtocol.Http11)
            {
                return await _http1.OpenAsync(url, limits, facts, fresh).ConfigureAwait(false);
            }

            if (origin.MustWait)
            {
                if (Waits.Request != Loop)
                {
                    origin.StandForPlace(Waits.Request, until);
                }

                if (Loop.GetTimestamp() >= until || (Waits.Request == Loop && !await origin.WaitAsync(until).ConfigureAwait(false)))
                {
                    throw (Loop.GetTimestamp() >= limits.Deadline ? Failures.TimeOver.Of() : Failures.NoStream.Of()).Thrown();
                }

                continue;
            }

            if (await TryConnectAsync(origin, url, limits, facts, patience).ConfigureAwait(false) is not { } connection)
            {
                continue;
            }

            if (url.IsHttps && !connection.IsHttp2)
            {
                if (_options.Protocol == HttpProtocol.Http2PriorKnowledge)
                {
                    connection.Dispose();
                    var error = Failures.Http2NotSpoken.Of(url.HostString);
                    origin.Fail(error);
                    throw error.Thrown();
                }

                origin.Protocol = OriginProtocol.Http11;
                origin.Wake();
                return _http1.Begin(connection, isReused: false, url, forwarder: null, limits, facts);
            }

            origin.Protocol = OriginProtocol.Http2;
            var opened = new Http2Connection(this, origin, connection, url.HostString);
            opened.TryTakePlace();
            origin.Add(opened);
            opened.Start();
            origin.Wake();
            return Begin(opened, isReused: false, url, limits, facts);
        }
    }

    /// <summary>Opens a connection for all who wait for one. If it cannot be, that is so for all of them.</summary>
    private async LoopTask<Connection?> TryConnectAsync(Http2Origin origin, HttpUrl url, Limits limits, ExchangeFacts facts, Patience patience)
    {
        origin.IsOpening = true;
        try
        {
            var connection = await _http1.TryConnectAsync(url, limits, facts, patience, _options.Protocol).ConfigureAwait(false);
            origin.IsOpening = false;
            return connection;
        }
        catch (Exception e)
        {
            origin.IsOpening = false;
            if (e is FetchException failure && Loop.GetTimestamp() < limits.Deadline)
            {
                origin.Fail(failure.Error);
            }
            else
            {
                // It was this URL whose time was over, or that is not wanted any more.
                origin.Wake();
            }

            throw;
        }
    }
}
