namespace Fetcher.Core.Net;

/// <summary>Asks an HTTP proxy for a tunnel. What HTTP looks like is known a layer above.</summary>
internal interface IHttpTunnel
{
    /// <summary>Has the proxy connect to <paramref name="host"/>; what is sent from then on goes there.</summary>
    /// <exception cref="FetchException">The proxy refused (curl's 56).</exception>
    ValueTask OpenAsync(Stream proxy, ProxyAddress address, string host, int port, CancellationToken cancellation);
}
