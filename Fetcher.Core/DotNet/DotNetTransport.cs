using System.Net;
using System.Text;
using Fetcher.Core.Exchange;
using Fetcher.Core.Http;
using Fetcher.Core.Loop;
using Fetcher.Core.Net;

namespace Fetcher.Core.DotNet;

/// <summary>
/// .NET's own HTTP client, which pools its connections and waits for sockets in its own way. Redirects, retries, decoding and limits are ours, so that only
/// the transport differs. One for all slots.
/// </summary>
internal sealed class DotNetTransport : ITransport, IDisposable
{
    /// <summary>The windows of an HTTP/2 stream that the client can be told to begin with, in bytes.</summary>
    public const int LeastWindow = 65_535, MostWindow = 16 << 20;

    /// <summary>The client for requests that need a fresh connection: it keeps none.</summary>
    private readonly Lazy<HttpMessageInvoker> _unpooled;
    private readonly Http2Connections _http2 = new();

    /// <param name="options">How URLs are fetched.</param>
    /// <param name="network">What the run's connections have in common.</param>
    /// <param name="resolver">Looks names up.</param>
    /// <param name="sockets">How many connections the run may have.</param>
    /// <param name="clock">The run's clock.</param>
    /// <param name="stop">Cancelled when the run is to stop.</param>
    public DotNetTransport(
        FetchOptions options, NetworkSetup network, Resolver resolver, SocketBudget sockets, TimeProvider clock, CancellationToken stop)
    {
        (Options, Routes, Clock, Stop) = (options, network.Routes, clock, stop);
        var connector = new DotNetConnector(resolver, network, sockets, options, _http2, clock);
        Client = new HttpMessageInvoker(CreateHandler(options, network, connector));
        _unpooled = new Lazy<HttpMessageInvoker>(() =>
        {
            var handler = CreateHandler(options, network, connector);
            handler.PooledConnectionLifetime = TimeSpan.Zero;
            return new HttpMessageInvoker(handler);
        });
    }

    public FetchOptions Options { get; }

    public Routes Routes { get; }

    public TimeProvider Clock { get; }

    /// <summary>Cancelled when the run is to stop.</summary>
    public CancellationToken Stop { get; }

    /// <summary>What a request waits for on its connection before it is written; null for nothing. One on a stream of HTTP/2 does not.</summary>
    public Func<HttpUrl, Limits, ValueTask>? Turn { get; init; }

    /// <summary>The client: nothing is done behind our back.</summary>
    private HttpMessageInvoker Client { get; }

    /// <inheritdoc/>
    /// <remarks>The client opens connections by itself, once it has a request to send.</remarks>
    public LoopTask<Lease> OpenAsync(HttpUrl url, Limits limits, ExchangeFacts facts, bool fresh) =>
        new(new Lease(new DotNetExchange(this, fresh ? _unpooled.Value : Client, isAlone: fresh, url, limits, facts)));

    public void Dispose()
    {
        Client.Dispose();
        if (_unpooled.IsValueCreated)
        {
            _unpooled.Value.Dispose();
        }
    }

    /// <summary>
    /// Has every client of this process keep the windows that it begins with, when one was asked for; else the client makes them larger as it finds the
    /// connection to be fast. Only before the first one is used.
    /// </summary>
    public static void KeepWindowsIfAsked(FetchOptions options)
    {
        if (options.Http2Window is not null)
        {
            AppContext.SetSwitch("System.Net.SocketsHttpHandler.Http2FlowControl.DisableDynamicWindowSizing", isEnabled: true);
        }
    }

    private SocketsHttpHandler CreateHandler(FetchOptions options, NetworkSetup network, DotNetConnector connector)
    {
        var watch = new StreamWatch(_http2);
        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = options.Proxies is not null,
            Proxy = new ForwardingOnly(network.Routes),
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,

            // What we did not read of a redirect costs its connection, here as on the loops.
            MaxResponseDrainSize = 0,

            // Its pool has no other bound: a list of many hosts would fill the table of open files.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
            ConnectTimeout = Timeout.InfiniteTimeSpan,
            ConnectCallback = connector.ConnectAsync,

            // As on the loops: another one when all streams are taken.
            EnableMultipleHttp2Connections = true,

            InitialHttp2StreamWindowSize = options.Http2Window ?? LeastWindow,

            // Bytes stay what they are; how long and how clean a header section is, our own parser judges.
            RequestHeaderEncodingSelector = watch.OnRequestField,
            ResponseHeaderEncodingSelector = (_, request) => watch.OnResponseField(request),
            MaxResponseHeadersLength = ResponseParser.MaxHeadLength / 1024,
        };
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
