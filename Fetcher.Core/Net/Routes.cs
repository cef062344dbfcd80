using System.Text;

namespace Fetcher.Core.Net;

/// <summary>
/// Where the connections of a run go: <c>--lab</c> sends every host to the embedded origin, <c>--connect-to</c> some hosts elsewhere, a proxy takes what
/// it is for, a Unix socket everything. The same origin always goes the same way, so the pool may know its connections by their origin.
/// </summary>
internal sealed class Routes
{
    private readonly FetchOptions _options;
    private readonly ProxyOptions? _proxies;
    private readonly ForwardProxy? _forwarder;

    public Routes(FetchOptions options)
    {
        _options = options;
        _proxies = options is { Lab: null, UnixSocket: null } ? options.Proxies : null;

        // A proxy takes requests by HTTP/1.1.
        _forwarder = _proxies is { Tunnel: false, ForHttp: { IsSocks: false } proxy } && options.Protocol != HttpProtocol.Http2PriorKnowledge
            ? new ForwardProxy(proxy)
            : null;
    }

    /// <summary>The way to a URL. Its own host stays the one that TLS and the Host field name.</summary>
    public Route To(Endpoint endpoint)
    {
        if (_options.Lab is { } lab)
        {
            var labPort = endpoint.IsHttps ? lab.HttpsPort : _options.Protocol == HttpProtocol.Http2PriorKnowledge ? lab.Http2Port : lab.HttpPort;
            return new Route(lab.Address.ToString(), labPort);
        }

        if (_options.UnixSocket is not null)
        {
            return new Route(endpoint.Host, endpoint.Port) { UnixSocket = _options.UnixSocket };
        }

        var (host, port, isElsewhere) = ConnectTo(endpoint);
        if (_proxies?.For(endpoint.IsHttps, endpoint.Host) is not { } proxy)
        {
            return new Route(host, port);
        }

        var toProxy = new Route(proxy.Host, proxy.Port) { Proxy = proxy };
        return _forwarder is not null && !endpoint.IsHttps && !isElsewhere ? toProxy : toProxy with { TunnelHost = host, TunnelPort = port };
    }

    /// <summary>The proxy that takes the requests for an http URL themselves, or null.</summary>
    public ForwardProxy? ForwarderOf(bool isHttps, ReadOnlySpan<byte> host, int port)
    {
        if (_forwarder is null || isHttps)
        {
            return null;
        }

        var route = To(new Endpoint(isHttps, Encoding.ASCII.GetString(host), port));
        return route is { Proxy: not null, TunnelHost: null } ? _forwarder : null;
    }

    /// <summary>Where <c>--connect-to</c> leads; a proxy that takes requests would not know of it, so it is asked for a tunnel (as by curl).</summary>
    private (string Host, int Port, bool IsElsewhere) ConnectTo(Endpoint endpoint)
    {
        foreach (var rule in _options.ConnectTo)
        {
            var matches = (rule.FromHost.Length == 0 || rule.FromHost.Equals(endpoint.Host, StringComparison.OrdinalIgnoreCase))
                && (rule.FromPort == 0 || rule.FromPort == endpoint.Port);
            if (matches)
            {
                return (rule.ToHost.Length == 0 ? endpoint.Host : rule.ToHost, rule.ToPort == 0 ? endpoint.Port : rule.ToPort, true);
            }
        }

        return (endpoint.Host, endpoint.Port, false);
    }
}
