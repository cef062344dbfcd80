using System.Text;

namespace Fetcher.Core;

/// <summary>How a proxy is spoken to.</summary>
public enum ProxyScheme
{
    /// <summary>HTTP: http URLs are sent to it whole (RFC 9112, section 3.2.2), https goes through by CONNECT.</summary>
    Http,

    /// <summary>As <see cref="Http"/>, with TLS to the proxy itself.</summary>
    Https,

    /// <summary>SOCKS 5 (RFC 1928); names are looked up here.</summary>
    Socks5,

    /// <summary>SOCKS 5; names are looked up by the proxy.</summary>
    Socks5h,
}

/// <summary>A proxy server.</summary>
/// <param name="Scheme">How it is spoken to.</param>
/// <param name="Host">Host name in lowercase or address; an IPv6 address has no brackets.</param>
/// <param name="Port">TCP port.</param>
/// <param name="Credentials">User name and password as <c>user:password</c>, or null. Never printed.</param>
public sealed record ProxyAddress(ProxyScheme Scheme, string Host, int Port, string? Credentials = null)
{
    /// <summary>The credentials as they are sent.</summary>
    internal byte[]? CredentialBytes => RawCredentials ?? (Credentials is null ? null : Encoding.UTF8.GetBytes(Credentials));

    /// <summary>Credentials that are no text, or null.</summary>
    internal byte[]? RawCredentials { get; init; }

    /// <summary>Whether it speaks SOCKS rather than HTTP.</summary>
    internal bool IsSocks => Scheme is ProxyScheme.Socks5 or ProxyScheme.Socks5h;

    /// <summary>The proxy as a URL, without its credentials.</summary>
    public override string ToString() =>
        $"{Scheme.ToString().ToLowerInvariant()}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}";
}

/// <summary>Which URLs go by which proxy.</summary>
/// <param name="ForHttp">The proxy of http URLs, or null for none.</param>
/// <param name="ForHttps">The proxy of https URLs, or null for none.</param>
/// <param name="Except">Hosts that are reached without a proxy.</param>
/// <param name="Tunnel">Whether http URLs, too, go through an HTTP proxy by CONNECT (curl's <c>-p</c>).</param>
public sealed record ProxyOptions(ProxyAddress? ForHttp, ProxyAddress? ForHttps, NoProxyList Except, bool Tunnel = false)
{
    /// <summary>Trusts any certificate of an https proxy (curl's <c>--proxy-insecure</c>).</summary>
    public bool Insecure { get; init; }

    /// <summary>PEM file of the certificates to trust an https proxy by, instead of the system's, or null.</summary>
    public string? CaCertPath { get; init; }

    /// <summary>The proxy of a URL, or null when its host is reached directly.</summary>
    internal ProxyAddress? For(bool isHttps, string host) =>
        (isHttps ? ForHttps : ForHttp) is { } proxy && !Except.Contains(host) ? proxy : null;
}
