using System.Text;

namespace Fetcher.Core.Net;

/// <summary>An HTTP proxy as the requests that it forwards see it.</summary>
internal sealed class ForwardProxy
{
    public ForwardProxy(ProxyAddress address)
    {
        ClientAddress = new Uri((address with { Scheme = ProxyScheme.Http }).ToString());
        PoolKey = Encoding.ASCII.GetBytes($"by {address}");
        Authorization = Encoding.ASCII.GetBytes(AuthorizationOf(address));
    }

    /// <summary>The proxy to .NET's own client, which need not know that TLS is spoken with it.</summary>
    public Uri ClientAddress { get; }

    /// <summary>
    /// What the pool knows its connections by: they serve every host, and must not be taken for connections to a host that has the proxy's address.
    /// </summary>
    public byte[] PoolKey { get; }

    /// <summary>The Proxy-Authorization field with its line end, or nothing.</summary>
    public byte[] Authorization { get; }

    /// <summary>The Proxy-Authorization field of a proxy with its line end (RFC 7617), or nothing.</summary>
    public static string AuthorizationOf(ProxyAddress address) => address.CredentialBytes is { } credentials
        ? $"Proxy-Authorization: Basic {Convert.ToBase64String(credentials)}\r\n"
        : "";
}
