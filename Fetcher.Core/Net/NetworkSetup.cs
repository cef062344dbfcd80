using System.Text;
using Fetcher.Core.Interop;

namespace Fetcher.Core.Net;

/// <summary>What the connections of a run have in common: which way they go, and whom they trust. Made once, before any transfer.</summary>
internal sealed class NetworkSetup
{
    /// <exception cref="FetchSetupException">An option's file is unusable.</exception>
    public NetworkSetup(FetchOptions options, IHttpTunnel httpTunnel)
    {
        if (options.UnixSocket is { } path && Encoding.UTF8.GetByteCount(path) > SockAddr.MaxUnixPath)
        {
            throw new FetchSetupException($"--unix-socket {path}: the path is longer than {SockAddr.MaxUnixPath} bytes");
        }

        Routes = new Routes(options);
        Binding = options.Interface is null ? null : new LocalBinding(options.Interface);
        Tls = new TlsSettings(options);
        var proxies = options.Proxies;

        // Who we are is the servers' business, not the proxy's.
        var toProxy = options with { Lab = null, CertPath = null, CaCertPath = proxies?.CaCertPath, Insecure = proxies is { Insecure: true } };
        Proxy = new ProxyHandshake(new TlsSettings(toProxy), httpTunnel);
    }

    public Routes Routes { get; }

    /// <summary>Where connections begin, or null for wherever the kernel says.</summary>
    public LocalBinding? Binding { get; }

    public TlsSettings Tls { get; }

    public ProxyHandshake Proxy { get; }
}
