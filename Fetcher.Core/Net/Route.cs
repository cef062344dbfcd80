namespace Fetcher.Core.Net;

/// <summary>The way a connection for a URL takes.</summary>
/// <param name="Host">The host to look up and connect to: the proxy's, when there is one.</param>
/// <param name="Port">The port to connect to.</param>
internal readonly record struct Route(string Host, int Port)
{
    /// <summary>The proxy that is connected to, or null.</summary>
    public ProxyAddress? Proxy { get; init; }

    /// <summary>The host that the proxy is asked to connect us to; null when it takes the requests themselves.</summary>
    public string? TunnelHost { get; init; }

    public int TunnelPort { get; init; }

    /// <summary>Path of the Unix socket to connect to instead of the host, or null.</summary>
    public string? UnixSocket { get; init; }

    /// <summary>Whether the tunnel's host is looked up here and not by the proxy.</summary>
    public bool ResolvesTunnelHost => Proxy is { Scheme: ProxyScheme.Socks5 } && TunnelHost is not null;
}
