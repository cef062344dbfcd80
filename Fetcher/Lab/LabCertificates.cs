using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fetcher.Lab;

/// <summary>
/// A certificate authority that lives as long as the lab, and the certificates it issues as clients ask for names (SNI, RFC 6066,
/// section 3). A client without a name, or with an address in its place, gets one for localhost and the loopback addresses.
/// </summary>
internal sealed class LabCertificates(int mostNames = 4096)
{
    private readonly Lazy<X509Certificate2> _authority = new(MakeAuthority);
    private readonly Lazy<ECDsa> _leafKey = new(NewKey);
    private readonly ConcurrentDictionary<string, Lazy<SslStreamCertificateContext>> _issued = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The authority's certificate, for clients to trust.</summary>
    public string CaCertificatePem => _authority.Value.ExportCertificatePem();

    /// <summary>The certificate for <paramref name="serverName"/>, issued at the first call.</summary>
    public SslStreamCertificateContext For(string serverName)
    {
        var name = serverName.Length == 0 || IPAddress.TryParse(serverName, out _) ? "localhost" : serverName;
        if (_issued.TryGetValue(name, out var issued))
        {
            return issued.Value;
        }

        // Each entry holds native memory: a list of a million hosts must not keep a million of them.
        if (_issued.Count >= mostNames)
        {
            _issued.Clear();
        }

        return _issued.GetOrAdd(name, n => new Lazy<SslStreamCertificateContext>(() => Issue(n))).Value;
    }

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static X509Certificate2 MakeAuthority()
    {
        using var key = NewKey();
        var request = new CertificateRequest("CN=fetcher lab CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority(0));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
    }

    private SslStreamCertificateContext Issue(string name)
    {
        var authority = _authority.Value;
        var request = new CertificateRequest("CN=fetcher lab", _leafKey.Value, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForEndEntity());
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "serverAuth")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        request.CertificateExtensions.Add(Names(name));
        using var certificate = request.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(16));
        return SslStreamCertificateContext.Create(certificate.CopyWithPrivateKey(_leafKey.Value), [authority], offline: true);
    }

    private static X509Extension Names(string name)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (name == "localhost")
        {
            names.AddIpAddress(IPAddress.Loopback);
            names.AddIpAddress(IPAddress.IPv6Loopback);
        }

        return names.Build();
    }
}
