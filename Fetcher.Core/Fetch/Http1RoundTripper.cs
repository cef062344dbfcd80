using Fetcher.Core.Http;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Net;
using Fetcher.Core.Saving.Warc;

namespace Fetcher.Core.Fetch;

/// <summary>How a mode waits: for the request and the response's header section, and for the body.</summary>
internal readonly record struct Waits(IReadiness Request, IReadiness Body);

/// <summary>
/// A URL's bytes over HTTP/1.1 on a loop: take a kept connection or open one, send, read the header section, then wait for the body as the mode has it.
/// One a slot, since it holds the state of an exchange.
/// </summary>
internal sealed class Http1RoundTripper(LoopServices services) : IRoundTripper
{
    /// <summary>A redirect's body is read up to here so that the connection can be kept; a longer one costs the connection.</summary>
    public const int MostDrained = 64 * 1024;

    private readonly EventLoop _loop = services.Loop;
    private readonly FetchOptions _options = services.Options;
    private readonly long _readTimeout = Nanoseconds.From(services.Options.ReadTimeout);
    private readonly Http1Exchange _exchange = new(services.Loop)
    {
        Pace = ReceivePace.Of(services.Options),
        Tap = services.Warc is null ? null : new WarcTape(services.Warc, services.Loop.WaitForAsync),
    };

    private Connection? _connection;
    private CancellationTokenRegistration _givenUp;
    private ForwardProxy? _forwarder;

    private WarcTape? Tape => (WarcTape?)_exchange.Tap;

    public async LoopTask RoundTripAsync(Transfer transfer)
    {
        var whatCutsBody = FetchErrorKind.Cancelled;
        try
        {
            transfer.Body.Tape = Tape;
            _forwarder = services.Routes.ForwarderOf(transfer.Current.IsHttps, transfer.Current.Host, transfer.Current.Port);
            do
            {
                var isReused = TryTakeKept(transfer) || await OpenAsync(transfer).ConfigureAwait(false);
                _givenUp.Dispose();
                _givenUp = transfer.Item.GiveUp.UnsafeRegister(static socket => ((LoopSocket)socket!).Interrupt(), _connection!.Socket);
                try
                {
                    // The header section is received here, not in a method of its own: each await that one URL stands in costs (bench/NOTES.md).
                    await _exchange.SendAsync(BeginRequest(transfer, isReused)).ConfigureAwait(false);
                    while (!_exchange.TakeHead(await _exchange.ReceiveHeadAsync().ConfigureAwait(false), transfer.IsHead))
                    {
                    }
                }
                catch (Exception e) when (isReused && _exchange.FirstByteAt == 0 && IsBroken(e) && !transfer.Item.GiveUp.IsCancellationRequested)
                {
                    // The server closed an idle connection just as we used it (RFC 9112, section 9.3.1): not a failure of this request. The next kept
                    // connection may be as stale, but sooner or later a fresh one is opened.
                    _connection!.Dispose();
                    _connection = null;
                }
            }
            while (_connection is null);

            transfer.Note(_exchange.Head, services.ContentTypes, _loop.TimeProvider);
            Tape?.Note(_exchange.Head, transfer.IsUnchanged);
            services.Cookies?.Take(transfer.Current, _exchange.Head);
            if (transfer.Location is not null)
            {
                whatCutsBody = FetchErrorKind.TooLarge;
                await DrainAsync().ConfigureAwait(false);
            }
            else
            {
                _connection.WaitWith(services.Waits.Body, _readTimeout, transfer.Deadline);
                await ReceiveBodyAsync(transfer).ConfigureAwait(false);
            }

            _givenUp.Dispose();
            if (_exchange.CanReuseConnection && !transfer.Item.GiveUp.IsCancellationRequested)
            {
                services.Pool.Give(_connection, PoolKey(transfer));
                _connection = null;
            }
        }
        catch (Exception e)
        {
            whatCutsBody = Failures.Of(e).Kind;
            throw;
        }
        finally
        {
            transfer.Result.SizeDownload = transfer.Body.Downloaded;
            transfer.Result.SizeBody = transfer.Body.Size;
            if (_exchange.FirstByteAt != 0)
            {
                transfer.Result.TimeStartTransfer = _exchange.FirstByteAt - transfer.StartedAt;
            }

            Tape?.End(transfer.Result.RemoteIp, _exchange.IsWhole ? null : whatCutsBody);
            _exchange.End();
            _givenUp.Dispose();
            _connection?.Dispose();
            _connection = null;
        }
    }

    private bool TryTakeKept(Transfer transfer) => (_connection = services.Pool.TryTake(PoolKey(transfer))) is not null;

    /// <summary>Readies the connection for its next exchange, and writes the request.</summary>
    private ReadOnlyMemory<byte> BeginRequest(Transfer transfer, bool isReused)
    {
        var connection = _connection!;
        NoteConnection(transfer, connection, isReused);
        connection.WaitWith(services.Waits.Request, _readTimeout, transfer.Deadline);
        _exchange.Begin(connection);
        var url = transfer.Current;
        var requests = transfer.Requests ?? services.Requests;
        var request = requests.Write(
            _loop.SendBuffer, url, transfer.IsFirstOrigin, transfer.FieldsFor(requests, services.Cookies), transfer.IsHead, _forwarder);
        Tape?.Begin(url.Text, request.Span);
        return request;
    }

    private ReadOnlySpan<byte> PoolKey(Transfer transfer) => _forwarder is null ? transfer.Current.Origin : _forwarder.PoolKey;

    private static bool IsBroken(Exception e) =>
        e is FetchException { Error.Kind: FetchErrorKind.Send or FetchErrorKind.Receive } || (e is IOException && e.InnerException is not FetchException
        { Error.Kind: FetchErrorKind.Timeout });

    /// <summary>
    /// Opens a connection. Where there is no room for another, waits for one of the run's connections to end, or to become free for this origin;
    /// when the run has none, others hold what is missing, and the wait is that for connecting.
    /// </summary>
    /// <returns>Whether the connection has served others before.</returns>
    private async LoopTask<bool> OpenAsync(Transfer transfer)
    {
        var patience = new Patience(services.Sockets, Nanoseconds.From(_options.ConnectTimeout));
        while (true)
        {
            if (services.Sockets.TryTake())
            {
                try
                {
                    _connection = await ConnectAsync(transfer).ConfigureAwait(false);
                    _connection.Budget = services.Sockets;
                    services.Sockets.NoteOpened();
                    return false;
                }
                catch (NoRoomException e)
                {
                    services.Sockets.GiveBack();
                    transfer.Result.NumConnects--;
                    if (patience.IsOver(_loop.GetTimestamp()))
                    {
                        throw e.ToFailure();
                    }
                }
                catch
                {
                    services.Sockets.GiveBack();
                    throw;
                }
            }
            else if (services.Pool.DropOldest())
            {
                continue;
            }

            var now = _loop.GetTimestamp();
            if (now >= transfer.Deadline)
            {
                throw Failures.TimeOverBefore.Of("there was room for a connection").Thrown();
            }

            await _loop.DelayUntilAsync(Math.Min(now + SocketBudget.Pause, transfer.Deadline), services.Draining).ConfigureAwait(false);
            if (TryTakeKept(transfer))
            {
                return true;
            }
        }
    }

    private async LoopTask<Connection> ConnectAsync(Transfer transfer)
    {
        var url = transfer.Current;
        var times = transfer.ConnectTimes;
        times.NameLookup = times.Connect = times.AppConnect = 0;
        var endpoint = new Endpoint(url.IsHttps, url.HostString, url.Port);
        try
        {
            transfer.Result.NumConnects++;
            return await services.Connector.ConnectAsync(endpoint, transfer.Deadline, times).ConfigureAwait(false);
        }
        finally
        {
            var result = transfer.Result;
            result.TimeNameLookup = times.NameLookup == 0 ? 0 : times.NameLookup - transfer.StartedAt;
            result.TimeConnect = times.Connect == 0 ? 0 : times.Connect - transfer.StartedAt;
            result.TimeAppConnect = times.AppConnect == 0 ? 0 : times.AppConnect - transfer.StartedAt;
        }
    }

    private void NoteConnection(Transfer transfer, Connection connection, bool isReused)
    {
        var result = transfer.Result;
        result.RemoteIp = connection.RemoteIp;
        result.RemotePort = connection.RemotePort;
        result.LocalPort = connection.LocalPort;
        result.TimePreTransfer = _loop.GetTimestamp() - transfer.StartedAt;
        if (isReused)
        {
            result.TimeNameLookup = result.TimeConnect = result.TimePreTransfer;
            result.TimeAppConnect = connection.IsTls ? result.TimePreTransfer : 0;
        }
    }

    private async LoopTask ReceiveBodyAsync(Transfer transfer)
    {
        var body = transfer.Body;
        var head = _exchange.Head;
        if (body.File is not null && !transfer.IsUnchanged)
        {
            _exchange.KeepInput();
            await body.BeginSavingAsync(head).ConfigureAwait(false);
        }

        if (head.Framing == BodyFraming.ContentLength)
        {
            body.Announce(head.ContentLength);
        }

        if (_options.Compressed && head.ContentCodings.Length > 0 && head.Framing != BodyFraming.None)
        {
            var coded = new ExchangeBodyStream(_exchange, body.CountDownloaded);
            await body.WriteDecodedAsync(coded, Decode(coded, head.ContentCodings), coded.Keep).ConfigureAwait(false);
            return;
        }

        if (body.IsDropped)
        {
            int dropped;
            while ((dropped = await _exchange.DropBodyAsync().ConfigureAwait(false)) > 0)
            {
                body.CountDropped(dropped);
            }

            return;
        }

        while (await _exchange.ReadBodyAsync().ConfigureAwait(false) > 0)
        {
            body.CountDownloaded(_exchange.Body.Length);
            body.Write(_exchange.Body.Span);
            if (body.MustDrain)
            {
                _exchange.KeepInput();
                await body.DrainAsync().ConfigureAwait(false);
            }
        }
    }

    private Stream Decode(Stream coded, ReadOnlySpan<ContentCoding> codings)
    {
        if (_loop.Observer is not { } observer)
        {
            return ContentDecoding.Decode(coded, codings);
        }

        var kept = codings.ToArray();
        return WatchedStream.Around(observer, Activity.Decode, coded, stream => ContentDecoding.Decode(stream, kept));
    }

    private async LoopTask DrainAsync()
    {
        if (_exchange.Head.ContentLength <= MostDrained)
        {
            var drained = 0;
            int length;
            while (drained <= MostDrained && (length = await _exchange.ReadBodyAsync().ConfigureAwait(false)) > 0)
            {
                drained += length;
            }
        }
    }
}
