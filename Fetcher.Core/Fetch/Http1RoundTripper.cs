using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Fetcher.Core.Http;
using Fetcher.Core.Loop;
using Fetcher.Core.Net;

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
    private const int MostDrained = 64 * 1024;

    private readonly EventLoop _loop = services.Loop;
    private readonly FetchOptions _options = services.Options;
    private readonly long _readTimeout = Nanoseconds.From(services.Options.ReadTimeout);
    private readonly Http1Exchange _exchange = new(services.Loop);
    private Connection? _connection;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask RoundTripAsync(Transfer transfer)
    {
        try
        {
            await AskAsync(transfer).ConfigureAwait(false);
            NoteHead(transfer);
            var connection = _connection!;
            if (transfer.Location is not null)
            {
                await DrainAsync().ConfigureAwait(false);
            }
            else
            {
                connection.WaitWith(services.Waits.Body, _readTimeout, transfer.Deadline);
                await ReceiveBodyAsync(transfer).ConfigureAwait(false);
            }

            if (_exchange.CanReuseConnection)
            {
                _connection = null;
                services.Pool.Give(connection, transfer.Current.Origin);
            }
        }
        finally
        {
            transfer.Result.SizeDownload = transfer.Body.Downloaded;
            transfer.Result.SizeBody = transfer.Body.Size;
            if (_exchange.FirstByteAt != 0)
            {
                transfer.Result.TimeStartTransfer = _exchange.FirstByteAt - transfer.StartedAt;
            }

            _exchange.End();
            _connection?.Dispose();
            _connection = null;
        }
    }

    /// <summary>Gets a connection, sends the request and reads the response's header section.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AskAsync(Transfer transfer)
    {
        while (true)
        {
            _connection = services.Pool.TryTake(transfer.Current.Origin);
            var isReused = _connection is not null;
            _connection ??= await ConnectAsync(transfer).ConfigureAwait(false);
            NoteConnection(transfer, _connection, isReused);
            _connection.WaitWith(services.Waits.Request, _readTimeout, transfer.Deadline);
            _exchange.Begin(_connection);
            try
            {
                var request = services.Requests.Write(_loop.SendBuffer, transfer.Current, transfer.IsFirstOrigin);
                await _exchange.SendAsync(request).ConfigureAwait(false);
                await _exchange.ReadHeadAsync(isHead: false).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (isReused && _exchange.FirstByteAt == 0 && IsBroken(e))
            {
                // The server closed an idle connection just as we used it (RFC 9112, section 9.3.1): not a failure of this request. The next kept
                // connection may be as stale, but sooner or later a fresh one is opened.
                _connection.Dispose();
                _connection = null;
            }
        }
    }

    private static bool IsBroken(Exception e) =>
        e is FetchException { Error.Kind: FetchErrorKind.Send or FetchErrorKind.Receive } || (e is IOException && e.InnerException is not FetchException
        { Error.Kind: FetchErrorKind.Timeout });

    private async ValueTask<Connection> ConnectAsync(Transfer transfer)
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

    private void NoteHead(Transfer transfer)
    {
        var head = _exchange.Head;
        var result = transfer.Result;
        result.Status = head.Status;
        result.HttpVersion = head.MinorVersion == 1 ? "1.1" : "1.0";
        result.ContentType = services.ContentTypes.Get(head.ContentType);
        transfer.RetryAfter = ParseRetryAfter(head.RetryAfter, services.Loop.TimeProvider);
        transfer.Location = _options.FollowRedirects && Transfer.IsRedirect(head.Status) && !head.Location.IsEmpty ? head.Location.ToArray() : null;
    }

    /// <summary>Retry-After in seconds or as a date (RFC 9110, section 10.2.3); null when absent or neither.</summary>
    private static TimeSpan? ParseRetryAfter(ReadOnlySpan<byte> value, TimeProvider clock)
    {
        if (value.IsEmpty)
        {
            return null;
        }

        if (Utf8Parser.TryParse(value, out uint seconds, out var used) && used == value.Length)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        var text = Encoding.ASCII.GetString(value);
        return DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? TimeSpan.FromTicks(Math.Max(0, (date - clock.GetUtcNow()).Ticks))
            : null;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReceiveBodyAsync(Transfer transfer)
    {
        var body = transfer.Body;
        var head = _exchange.Head;
        if (head.Framing == BodyFraming.ContentLength)
        {
            body.Announce(head.ContentLength);
        }

        if (_options.Compressed && head.ContentCodings.Length > 0 && head.Framing != BodyFraming.None)
        {
            await ReceiveCodedBodyAsync(body).ConfigureAwait(false);
            return;
        }

        while (await _exchange.ReadBodyAsync().ConfigureAwait(false) > 0)
        {
            body.CountDownloaded(_exchange.Body.Length);
            body.Write(_exchange.Body.Span);
        }
    }

    private async ValueTask ReceiveCodedBodyAsync(BodyReceiver body)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        var coded = new ExchangeBodyStream(_exchange, body.CountDownloaded);
        var decoded = ContentDecoding.Decode(coded, _exchange.Head.ContentCodings);
        try
        {
            int length;
            while ((length = await decoded.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                body.Write(buffer.AsSpan(0, length));
            }

            // A decoder stops at its own end mark; the framing's end is further on.
            while (await coded.ReadAsync(buffer).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (InvalidDataException e)
        {
            throw new FetchException(FetchErrorKind.Decode, $"the body could not be decoded: {e.Message.TrimEnd('.')}", 61, e);
        }
        finally
        {
            await decoded.DisposeAsync().ConfigureAwait(false);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask DrainAsync()
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
