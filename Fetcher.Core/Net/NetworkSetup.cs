namespace Fetcher.Core.Net;

/// <summary>What the connections of a run have in common: which way they go, and whom they trust. Made once, before any transfer.</summary>
internal sealed class NetworkSetup
{
    /// <exception cref="FetchSetupException">An option's file is unusable.</exception>
    public NetworkSetup(FetchOptions options, IHttpTunnel httpTunnel)
    {
        Routes = new Routes(options);
        Tls = new TlsSettings(options);
        var proxies = options.Proxies;

        // Who we are is the servers' business, not the proxy's.
        var toProxy = options with { Lab = null, CertPath = null, CaCertPath = proxies?.CaCertPath, Insecure = proxies is { Insecure: true } };
        Proxy = new ProxyHandshake(new TlsSettings(toProxy), httpTunnel);
    }

    public Routes Routes { get; }

    public TlsSettings Tls { get; }

    public ProxyHandshake Proxy { get; }
}
