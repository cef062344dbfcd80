using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using Fetcher.Core.Http;
using Fetcher.Core.Loop;
using Fetcher.Core.Net;

namespace Fetcher.Core.Fetch;

/// <summary>
/// A URL's bytes by .NET's own HTTP client, which pools its connections and waits for sockets in its own way. Redirects, retries, decoding
/// and limits are ours, so that only the transport differs. One a slot.
/// </summary>
/// <param name="job">The run.</param>
/// <param name="client">The client, which all slots share; see <see cref="CreateClient"/>.</param>
internal sealed class HttpClientRoundTripper(FetchJob job, HttpMessageInvoker client) : IRoundTripper
{
    private readonly long _readTimeout = Nanoseconds.From(job.Options.ReadTimeout);
    private readonly ReceivePace? _pace = ReceivePace.Of(job.Options);
    private readonly StringCache _contentTypes = new();
    private readonly ResponseHead _head = new();
    private readonly byte[] _request = new byte[1024];

    /// <summary>The client of a run: HTTP/1.1, and nothing done behind our back.</summary>
    public static HttpMessageInvoker CreateClient(FetchJob job) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = job.Options.Proxies is not null,
        Proxy = new ForwardingOnly(job.Network.Routes),
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,

        // What we did not read of a redirect costs its connection, here as on the loops.
        MaxResponseDrainSize = 0,

        // Its pool has no other bound: a list of many hosts would fill the table of open files.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
        ConnectTimeout = Timeout.InfiniteTimeSpan,
        ConnectCallback = new ClientConnector(job.Resolver, job.Network, job.Sockets, job.Options, job.Clock).ConnectAsync,

        // Bytes stay what they are; how long and how clean a header section is, our own parser judges.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => FieldEncoding.Instance,
        MaxResponseHeadersLength = ResponseParser.MaxHeadLength / 1024,
    });

    public async LoopTask RoundTripAsync(Transfer transfer)
    {
        while (!await TryRoundTripAsync(transfer).ConfigureAwait(false))
        {
            // The next kept connection may be as stale, but sooner or later a fresh one is opened.
        }
    }

    /// <summary>Asks once; false when a kept connection turned out to be of no use.</summary>
    private async ValueTask<bool> TryRoundTripAsync(Transfer transfer)
    {
        var url = transfer.Current;
        var endpoint = new Endpoint(url.IsHttps, url.HostString, url.Port);
        using var exchange = new ClientExchange(endpoint, _readTimeout, transfer.Deadline, job.Clock, job.Stop, transfer.Item.GiveUp);
        var isBody = false;
        try
        {
            using var request = CreateRequest(transfer, exchange);
            using var response = await client.SendAsync(request, exchange.Over).ConfigureAwait(false);
            ReadHead(response, transfer.IsHead);
            transfer.Note(_head, _contentTypes, job.Clock);
            job.Cookies?.Take(transfer.Current, _head);
            isBody = true;
            _pace?.Begin(exchange.FirstByteAt);
            var stream = await response.Content.ReadAsStreamAsync(exchange.Over).ConfigureAwait(false);
            var body = new ClientBodyStream(stream, exchange, _pace, job.Clock);
            await (transfer.Location is null ? ReceiveAsync(body, transfer) : DrainAsync(body)).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (exchange.TimedOut)
        {
            throw TimedOut(transfer);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            job.Stop.ThrowIfCancellationRequested();
            if (exchange is { IsReused: true, FirstByteAt: 0, TimedOut: false })
            {
                // The client sends again by itself when the server closed the connection, but not when it reset it.
                return false;
            }

            throw exchange.TimedOut ? TimedOut(transfer) : HttpClientErrors.Explain(e, exchange.FirstByteAt != 0, isBody);
        }
        finally
        {
            NoteExchange(transfer, exchange);
        }
    }

    /// <summary>The same request that <see cref="RequestWriter"/> would send, in the client's terms.</summary>
    private HttpRequestMessage CreateRequest(Transfer transfer, ClientExchange exchange)
    {
        var asWritten = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        if (!Uri.TryCreate(transfer.Current.ToString(), asWritten, out var uri))
        {
            throw Failures.NotForDotNet.Of().Thrown();
        }

        var request = new HttpRequestMessage(transfer.IsHead ? HttpMethod.Head : HttpMethod.Get, uri)
        {
            Version = job.Options.Http10 ? HttpVersion.Version10 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Options.Set(ClientExchange.Key, exchange);
        var url = transfer.Current;
        var forwarder = job.Network.Routes.ForwarderOf(url.IsHttps, url.Host, url.Port);
        var requests = transfer.Requests ?? job.Requests;
        var lines = requests.Write(_request, url, transfer.IsFirstOrigin, transfer.FieldsFor(requests, job.Cookies), transfer.IsHead, forwarder).Span;
        foreach (var range in lines.Split("\r\n"u8))
        {
            var line = lines[range];
            var colon = line.IndexOf((byte)':');
            if (range.Start.Value > 0 && colon > 0)
            {
                var (name, value) = (Encoding.Latin1.GetString(line[..colon]), Encoding.Latin1.GetString(line[(colon + 1)..].Trim((byte)' ')));
                if (!request.Headers.TryAddWithoutValidation(name, value))
                {
                    // The client has fields that go with a body only, such as Content-Type.
                    request.Content ??= new ByteArrayContent([]);
                    request.Content.Headers.TryAddWithoutValidation(name, value);
                }
            }
        }

        return request;
    }

    /// <summary>Reads the header section by our own rules, so that what it means does not depend on the mode.</summary>
    private void ReadHead(HttpResponseMessage response, bool isHead)
    {
        var text = new StringBuilder();
        var (minor, status) = (response.Version.Minor, (int)response.StatusCode);
        text.Append(CultureInfo.InvariantCulture, $"HTTP/1.{minor} {status} {response.ReasonPhrase}\r\n");
        foreach (var fields in new[] { response.Headers.NonValidated, response.Content.Headers.NonValidated })
        {
            foreach (var (name, values) in fields)
            {
                foreach (var value in values)
                {
                    text.Append(name).Append(": ").Append(value).Append("\r\n");
                }
            }
        }

        text.Append("\r\n");
        var bytes = Encoding.Latin1.GetBytes(text.ToString());
        if (ResponseParser.Parse(bytes, isHead, _head, out _, out var reason) != ParseStatus.Complete)
        {
            throw Failures.HeadInvalid.Of(reason).Thrown();
        }
    }

    private async Task ReceiveAsync(ClientBodyStream stream, Transfer transfer)
    {
        var body = transfer.Body;
        if (body.File is not null && !transfer.IsUnchanged)
        {
            await body.BeginSavingAsync(_head).ConfigureAwait(false);
        }

        var most = 64 * 1024L;
        if (_head.Framing == BodyFraming.ContentLength)
        {
            body.Announce(_head.ContentLength);

            // A transfer that is silent keeps its buffer: let it be no larger than the body.
            most = Math.Clamp(_head.ContentLength, 1, most);
        }

        stream.OnRun = body.CountDownloaded;
        if (job.Options.Compressed && _head.ContentCodings.Length > 0 && _head.Framing != BodyFraming.None)
        {
            await body.WriteDecodedAsync(stream, ContentDecoding.Decode(stream, _head.ContentCodings)).ConfigureAwait(false);
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent((int)most);
        try
        {
            int length;
            while ((length = await stream.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                body.Write(buffer.AsSpan(0, length));
                if (body.MustDrain)
                {
                    await body.DrainAsync().ConfigureAwait(false);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task DrainAsync(ClientBodyStream stream)
    {
        if (_head.ContentLength <= Http1RoundTripper.MostDrained)
        {
            var drained = 0;
            int length;
            var buffer = new byte[4096];
            while (drained <= Http1RoundTripper.MostDrained && (length = await stream.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                drained += length;
            }
        }
    }

    private FetchException TimedOut(Transfer transfer) => Nanoseconds.Now(job.Clock) >= transfer.Deadline
        ? Failures.TimeOver.Of().Thrown()
        : Failures.Silence.Of("received", job.Options.ReadTimeout.TotalSeconds).Thrown();

    private static void NoteExchange(Transfer transfer, ClientExchange exchange)
    {
        var result = transfer.Result;
        (result.SizeDownload, result.SizeBody) = (transfer.Body.Downloaded, transfer.Body.Size);
        if (exchange.Connection is not { } connection)
        {
            if (exchange.Connecting is { } failed)
            {
                result.NumConnects++;
                NoteTimes(result, failed, transfer.StartedAt);
            }

            return;
        }

        (result.RemoteIp, result.RemotePort, result.LocalPort) = (connection.RemoteIp, connection.RemotePort, connection.LocalPort);
        result.NumConnects += exchange.IsReused ? 0 : 1;
        result.TimePreTransfer = exchange.SentAt - transfer.StartedAt;
        result.TimeStartTransfer = exchange.FirstByteAt == 0 ? 0 : exchange.FirstByteAt - transfer.StartedAt;

        // The client opens connections ahead of need, too: one that was there before the transfer cost it nothing.
        if (exchange.IsReused || connection.Times.NameLookup < transfer.StartedAt)
        {
            result.TimeNameLookup = result.TimeConnect = result.TimePreTransfer;
            result.TimeAppConnect = connection.Times.AppConnect == 0 ? 0 : result.TimePreTransfer;
        }
        else
        {
            NoteTimes(result, connection.Times, transfer.StartedAt);
        }
    }

    private static void NoteTimes(FetchResult result, ConnectTimes times, long startedAt)
    {
        result.TimeNameLookup = times.NameLookup == 0 ? 0 : times.NameLookup - startedAt;
        result.TimeConnect = times.Connect == 0 ? 0 : times.Connect - startedAt;
        result.TimeAppConnect = times.AppConnect == 0 ? 0 : times.AppConnect - startedAt;
    }

    /// <summary>
    /// The client writes requests for a proxy itself, when it knows that there is one. Tunnels are ours: to the client they are connections like others.
    /// </summary>
    private sealed class ForwardingOnly(Routes routes) : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri? GetProxy(Uri destination) => ForwarderOf(destination) is { } forwarder ? forwarder.ClientAddress : null;

        public bool IsBypassed(Uri host) => ForwarderOf(host) is null;

        private ForwardProxy? ForwarderOf(Uri url) =>
            routes.ForwarderOf(url.Scheme == "https", Encoding.ASCII.GetBytes(url.IdnHost), url.Port);
    }
}
