using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fetcher.Tests.Testing;

/// <summary>Throw-away certificates: an authority, its PEM file, and servers' certificates by it or by nobody.</summary>
internal sealed class Certificates : IDisposable
{
    private readonly X509Certificate2 _authority;

    // Taken once: a certificate may not outlive its issuer, not even by the second that may pass between the two.
    private static readonly DateTimeOffset Yesterday = DateTimeOffset.UtcNow.AddDays(-1), Tomorrow = DateTimeOffset.UtcNow.AddDays(1);

    public Certificates(string name = "Throw-away CA")
    {
        var request = new CertificateRequest("CN=" + name, ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        _authority = request.CreateSelfSigned(Yesterday, Tomorrow.AddDays(1));
        File.WriteAllText(AuthorityPath, _authority.ExportCertificatePem());
    }

    /// <summary>The authority's PEM file.</summary>
    public string AuthorityPath { get; } = Path.GetTempFileName();

    /// <summary>The authority itself, as a server may send it along.</summary>
    public X509Certificate2 Authority => X509CertificateLoader.LoadCertificate(_authority.RawData);

    /// <summary>A certificate for <paramref name="host"/>, a name or an address, by the authority.</summary>
    public X509Certificate2 Issue(string host) => Issue(host, _authority, Yesterday, Tomorrow);

    /// <summary>One whose time is over.</summary>
    public X509Certificate2 IssueExpired(string host) => Issue(host, _authority, Yesterday, DateTimeOffset.UtcNow.AddMinutes(-1));

    /// <summary>One whose time has not come.</summary>
    public X509Certificate2 IssueNotYetValid(string host) => Issue(host, _authority, DateTimeOffset.UtcNow.AddHours(1), Tomorrow);

    /// <summary>One that is for clients to show and not for servers.</summary>
    public X509Certificate2 IssueForClients(string host) => Issue(host, _authority, Yesterday, Tomorrow, "1.3.6.1.5.5.7.3.2");

    /// <summary>One by an intermediate authority, which stands between it and the authority.</summary>
    public (X509Certificate2 Certificate, X509Certificate2 Intermediate) IssueByIntermediate(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Throw-away intermediate", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var issued = request.Create(_authority, Yesterday, Tomorrow, RandomNumberGenerator.GetBytes(8));
        using var intermediate = issued.CopyWithPrivateKey(key);
        return (Issue(host, intermediate, Yesterday, Tomorrow), issued);
    }

    /// <summary>A certificate for <paramref name="host"/> by itself.</summary>
    public static X509Certificate2 SelfSigned(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Usable(Request(host, key).CreateSelfSigned(Yesterday, Tomorrow));
    }

    public void Dispose()
    {
        _authority.Dispose();
        File.Delete(AuthorityPath);
    }

    private static X509Certificate2 Issue(
        string host, X509Certificate2 issuer, DateTimeOffset notBefore, DateTimeOffset notAfter, string? usage = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(host, key);
        if (usage is not null)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        }

        using var issued = request.Create(issuer, notBefore, notAfter, RandomNumberGenerator.GetBytes(8));
        return Usable(issued.CopyWithPrivateKey(key));
    }

    private static CertificateRequest Request(string host, ECDsa key)
    {
        var request = new CertificateRequest("CN=" + host, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        return request;
    }

    // A key that lives only in memory cannot be used by every platform's TLS.
    private static X509Certificate2 Usable(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
}
