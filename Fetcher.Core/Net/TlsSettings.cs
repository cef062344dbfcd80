using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Fetcher.Core.Net;

/// <summary>What TLS connections of a run have in common: whom to trust, and who we are. Loaded once, before any transfer.</summary>
internal sealed class TlsSettings
{
    private readonly bool _insecure;
    private readonly TlsVersion _lowest;
    private readonly TlsVersion _highest;
    private readonly X509Certificate2Collection? _roots;
    private readonly SslStreamCertificateContext? _client;

    /// <exception cref="FetchSetupException">A certificate file is missing or holds no certificate.</exception>
    public TlsSettings(FetchOptions options)
    {
        _insecure = options.Insecure;
        (_lowest, _highest) = (options.TlsMin, options.TlsMax);
        _roots = options.Lab is not null ? Parse(options.Lab.CaCertificatePem, "the lab")
            : options.CaCertPath is not null ? Load("--cacert", options.CaCertPath, path => Parse(File.ReadAllText(path), path))
            : null;
        if (options.CertPath is not null)
        {
            var certificate = Load("--cert", options.CertPath, path => X509Certificate2.CreateFromPemFile(path, options.KeyPath ?? path));
            _client = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        }
    }

    /// <summary>What a client that is to speak <paramref name="protocol"/> offers by ALPN, best first.</summary>
    public static List<SslApplicationProtocol> Offered(HttpProtocol protocol) => protocol switch
    {
        HttpProtocol.Http10 or HttpProtocol.Http11 => [SslApplicationProtocol.Http11],
        HttpProtocol.Http2PriorKnowledge => [SslApplicationProtocol.Http2],
        _ => [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
    };

    /// <summary>Speaks the TLS handshake over <paramref name="transport"/>, which the result owns.</summary>
    /// <exception cref="FetchException">The peer's certificate is not trusted (curl's 60) or the handshake failed (35).</exception>
    public ValueTask<SslStream> HandshakeAsync(Stream transport, string host, CancellationToken cancellation) =>
        HandshakeAsync(new SslStream(transport, leaveInnerStreamOpen: false), host, [SslApplicationProtocol.Http11], cancellation);

    /// <summary>Speaks the TLS handshake over <paramref name="tls"/>, which the result is.</summary>
    /// <param name="tls">TLS that has not begun. It is closed when the handshake fails.</param>
    /// <param name="host">The server's name.</param>
    /// <param name="offered">The protocols to speak inside, best first (ALPN, RFC 7301).</param>
    /// <param name="cancellation">Cancelled when nobody waits for it any more.</param>
    /// <exception cref="FetchException">The peer's certificate is not trusted (curl's 60) or the handshake failed (35).</exception>
    public async ValueTask<SslStream> HandshakeAsync(
        SslStream tls, string host, List<SslApplicationProtocol> offered, CancellationToken cancellation)
    {
        var verdict = new TlsVerdict(_insecure);
        try
        {
            await tls.AuthenticateAsClientAsync(OptionsFor(host, offered, verdict), cancellation).ConfigureAwait(false);
            return tls;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or FetchException)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw Explain(host, verdict, e);
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private FetchException Explain(string host, TlsVerdict verdict, Exception e)
    {
        if (verdict.Refusal is not null)
        {
            return Failures.CertificateRefused.Of(host, verdict.Refusal).Thrown(e);
        }

        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is FetchException { Error.Kind: FetchErrorKind.Timeout } timeout)
            {
                return timeout;
            }
        }

        return Failures.HandshakeFailed.Of(host, Reason(e.GetBaseException().Message)).Thrown(e);
    }

    /// <summary>What OpenSSL's words for it mean (the reasons of SSL_R_... in openssl/sslerr.h).</summary>
    private string Reason(string message) =>
        message.Contains("unsupported protocol", StringComparison.Ordinal) || message.Contains("protocol version", StringComparison.Ordinal)
            ? _lowest == _highest ? $"it does not speak TLS {Number(_lowest)}" : $"it speaks no version of TLS from {Number(_lowest)} to {Number(_highest)}"
            : message.Contains("wrong version number", StringComparison.Ordinal) ? "it does not speak TLS"
            : message.TrimEnd('.');

    private static string Number(TlsVersion version) => version == TlsVersion.Tls12 ? "1.2" : "1.3";

    private SslClientAuthenticationOptions OptionsFor(string host, List<SslApplicationProtocol> offered, TlsVerdict verdict) => new()
    {
        // Neither the server's name on the wire (RFC 6066, section 3) nor those in certificates have the final dot.
        TargetHost = host.EndsWith('.') ? host[..^1] : host,
        // None does at a peer's whim: each costs us more than the peer (TLS 1.2; 1.3 has none).
        AllowRenegotiation = false,
        ApplicationProtocols = offered,
        ClientCertificateContext = _client,
        EnabledSslProtocols = (_lowest == TlsVersion.Tls12 ? SslProtocols.Tls12 : 0) | (_highest == TlsVersion.Tls13 ? SslProtocols.Tls13 : 0),
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = ChainPolicy(),
        RemoteCertificateValidationCallback = verdict.Judge,
    };

    private X509ChainPolicy ChainPolicy()
    {
        // Missing intermediates are not downloaded: that would be blocking network traffic behind the loop's back, to addresses a stranger chose.
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (_roots is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(_roots);
        }

        return policy;
    }

    private static X509Certificate2Collection Parse(string pem, string origin)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(pem);
        return certificates.Count > 0 ? certificates : throw new FetchSetupException($"{origin} holds no PEM certificate");
    }

    private static T Load<T>(string option, string path, Func<string, T> load)
    {
        try
        {
            return load(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new FetchSetupException($"{option} {path}: {e.Message}", e);
        }
    }
}
