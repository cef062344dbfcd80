using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fetcher.Tests.Testing;

/// <summary>Throw-away certificates: an authority, its PEM file, and servers' certificates by it or by nobody.</summary>
internal sealed class Certificates : IDisposable
{
    private readonly X509Certificate2 _authority;

    public Certificates()
    {
        var request = new CertificateRequest("CN=Throw-away CA", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        _authority = request.CreateSelfSigned(Yesterday, Tomorrow.AddDays(1));
        File.WriteAllText(AuthorityPath, _authority.ExportCertificatePem());
    }

    /// <summary>The authority's PEM file.</summary>
    public string AuthorityPath { get; } = Path.GetTempFileName();

    private static DateTimeOffset Yesterday => DateTimeOffset.UtcNow.AddDays(-1);

    private static DateTimeOffset Tomorrow => DateTimeOffset.UtcNow.AddDays(1);

    /// <summary>A certificate for <paramref name="host"/> by the authority.</summary>
    public X509Certificate2 Issue(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issued = Request(host, key).Create(_authority, Yesterday, Tomorrow, RandomNumberGenerator.GetBytes(8));
        return Usable(issued.CopyWithPrivateKey(key));
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

    private static CertificateRequest Request(string host, ECDsa key)
    {
        var request = new CertificateRequest("CN=" + host, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        return request;
    }

    // A key that lives only in memory cannot be used by every platform's TLS.
    private static X509Certificate2 Usable(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
}
