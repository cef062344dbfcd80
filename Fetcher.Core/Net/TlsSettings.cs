using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Fetcher.Core.Net;

/// <summary>What TLS connections of a run have in common: whom to trust, and who we are. Loaded once, before any transfer.</summary>
internal sealed class TlsSettings
{
    private readonly bool _insecure;
    private readonly X509Certificate2Collection? _roots;
    private readonly SslStreamCertificateContext? _client;

    /// <exception cref="FetchSetupException">A certificate file is missing or holds no certificate.</exception>
    public TlsSettings(FetchOptions options)
    {
        _insecure = options.Insecure;
        _roots = options.Lab is not null ? Parse(options.Lab.CaCertificatePem, "the lab")
            : options.CaCertPath is not null ? Load("--cacert", options.CaCertPath, path => Parse(File.ReadAllText(path), path))
            : null;
        if (options.CertPath is not null)
        {
            var certificate = Load("--cert", options.CertPath, path => X509Certificate2.CreateFromPemFile(path, options.KeyPath ?? path));
            _client = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        }
    }

    /// <summary>Speaks the TLS handshake over <paramref name="transport"/>, which the result owns.</summary>
    /// <exception cref="FetchException">The peer's certificate is not trusted (curl's 60) or the handshake failed (35).</exception>
    public async ValueTask<SslStream> HandshakeAsync(Stream transport, string host, CancellationToken cancellation)
    {
        var verdict = new Verdict(_insecure);
        var tls = new SslStream(transport, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(OptionsFor(host, verdict), cancellation).ConfigureAwait(false);
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

    private static FetchException Explain(string host, Verdict verdict, Exception e)
    {
        if (verdict.Refusal is not null)
        {
            return new FetchException(FetchErrorKind.Tls, $"the certificate of {host} is not accepted: {verdict.Refusal}", 60, e);
        }

        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is FetchException { Error.Kind: FetchErrorKind.Timeout } timeout)
            {
                return timeout;
            }
        }

        var cause = e.GetBaseException();
        return new FetchException(FetchErrorKind.Tls, $"the TLS handshake with {host} failed: {cause.Message.TrimEnd('.')}", 35, e);
    }

    private SslClientAuthenticationOptions OptionsFor(string host, Verdict verdict) => new()
    {
        TargetHost = host,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        ClientCertificateContext = _client,
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

    /// <summary>Remembers why a certificate was refused, since the exception of the handshake does not say.</summary>
    private sealed class Verdict(bool insecure)
    {
        public string? Refusal { get; private set; }

        public bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            if (errors == SslPolicyErrors.None || insecure)
            {
                return true;
            }

            Refusal = string.Join("; ", Reasons(certificate, chain, errors));
            return false;
        }

        private static IEnumerable<string> Reasons(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            {
                yield return "the server sent none";
            }

            if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            {
                yield return $"it is for another host ({certificate?.Subject})";
            }

            foreach (var status in chain?.ChainStatus ?? [])
            {
                yield return status.Status switch
                {
                    X509ChainStatusFlags.NotTimeValid when DateTime.Now < (certificate as X509Certificate2)?.NotBefore => "it is not valid yet",
                    X509ChainStatusFlags.NotTimeValid => "it has expired",
                    X509ChainStatusFlags.UntrustedRoot when chain!.ChainElements.Count == 1 => "it is self-signed",
                    X509ChainStatusFlags.UntrustedRoot => "its root is not trusted",
                    X509ChainStatusFlags.PartialChain => "its issuer is not known",
                    _ => status.StatusInformation.TrimEnd('.'),
                };
            }
        }
    }
}
