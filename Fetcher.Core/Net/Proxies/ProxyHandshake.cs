using System.Net.Security;

namespace Fetcher.Core.Net;

/// <summary>
/// Makes of a fresh connection to a proxy what a URL needs: TLS to the proxy itself when it is an https one, and a tunnel unless it takes requests.
/// Whatever fails on the way is the proxy's failure.
/// </summary>
internal sealed class ProxyHandshake(TlsSettings tls, IHttpTunnel httpTunnel)
{
    /// <summary>Speaks with the proxy of <paramref name="route"/> over <paramref name="transport"/>.</summary>
    /// <param name="transport">The connection to the proxy. It stays the caller's to close.</param>
    /// <param name="route">The way.</param>
    /// <param name="tunnelHost">The tunnel's host, or its address when it was looked up here; null for no tunnel.</param>
    /// <param name="cancellation">Cancelled when the run is being stopped.</param>
    /// <returns>What to speak through: <paramref name="transport"/>, or TLS over it.</returns>
    /// <exception cref="FetchException">The proxy refused, or the connection to it broke.</exception>
    public async ValueTask<Stream> OpenAsync(Stream transport, Route route, string? tunnelHost, CancellationToken cancellation)
    {
        var proxy = route.Proxy!;
        SslStream? secured = null;
        try
        {
            if (proxy.Scheme == ProxyScheme.Https)
            {
                secured = await tls.HandshakeAsync(transport, proxy.Host, cancellation).ConfigureAwait(false);
            }

            if (tunnelHost is not null)
            {
                await OpenTunnelAsync(secured ?? transport, proxy, tunnelHost, route.TunnelPort, cancellation).ConfigureAwait(false);
            }

            return secured ?? transport;
        }
        catch (Exception e)
        {
            if (secured is not null)
            {
                await secured.DisposeAsync().ConfigureAwait(false);
            }

            if (e is FetchException or IOException)
            {
                throw Explain(proxy, e);
            }

            throw;
        }
    }

    private ValueTask OpenTunnelAsync(Stream stream, ProxyAddress proxy, string host, int port, CancellationToken cancellation) => proxy.IsSocks
        ? Socks5.OpenAsync(stream, proxy, host, port, cancellation)
        : httpTunnel.OpenAsync(stream, proxy, host, port, cancellation);

    /// <summary>What a failure on the way to a proxy means: the same, and that it is the proxy's (curl's 5 for a name that is not known).</summary>
    public static FetchException Explain(ProxyAddress proxy, Exception failure)
    {
        var error = ((failure as FetchException) ?? (failure.InnerException as FetchException))?.Error;
        return error switch
        {
            { Kind: FetchErrorKind.Proxy or FetchErrorKind.Timeout } => error.Thrown(failure),
            { Kind: FetchErrorKind.Dns } => Failed(Failures.ProxyNotResolved),
            { Kind: FetchErrorKind.Connect } => Failed(Failures.ProxyFailed with { ExitCode = error.ExitCode }),
            { Kind: FetchErrorKind.Tls } => Failed(Failures.ProxyRefused with { ExitCode = error.ExitCode }),
            _ => Failed(proxy.IsSocks ? Failures.SocksFailed : Failures.ProxyFailed),
        };

        FetchException Failed(Failure of) => of.Of(proxy, error?.Message ?? failure.Message.TrimEnd('.')).Thrown(failure);
    }
}
