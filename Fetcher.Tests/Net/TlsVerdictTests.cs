using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Fetcher.Core.Net;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Net;

/// <summary>What is said of chains that a server of .NET does not send.</summary>
public sealed class TlsVerdictTests
{
    [Fact]
    public void A_root_that_is_sent_along_is_not_trusted_for_that()
    {
        using var certificates = new Certificates("Stranger CA");
        using var certificate = certificates.Issue("a.test");
        using var root = certificates.Authority;

        Judge(certificate, root).ShouldBe("its root, CN=Stranger CA, is not trusted");
    }

    [Fact]
    public void All_reasons_are_told()
    {
        using var certificate = Certificates.SelfSigned("a.test");
        var verdict = new TlsVerdict(insecure: false);
        using var chain = new X509Chain();
        chain.Build(certificate);

        verdict.Judge(this, certificate, chain, SslPolicyErrors.RemoteCertificateChainErrors | SslPolicyErrors.RemoteCertificateNameMismatch).ShouldBeFalse();

        verdict.Refusal.ShouldBe("it is for another host (CN=a.test); it is self-signed");
    }

    [Fact]
    public void A_server_without_a_certificate_is_refused()
    {
        var verdict = new TlsVerdict(insecure: false);

        verdict.Judge(this, null, null, SslPolicyErrors.RemoteCertificateNotAvailable).ShouldBeFalse();

        verdict.Refusal.ShouldBe("the server sent none");
    }

    private string? Judge(X509Certificate2 certificate, params X509Certificate2[] sentAlong)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ExtraStore.AddRange(sentAlong);
        chain.Build(certificate).ShouldBeFalse();
        var verdict = new TlsVerdict(insecure: false);
        verdict.Judge(this, certificate, chain, SslPolicyErrors.RemoteCertificateChainErrors).ShouldBeFalse();
        return verdict.Refusal;
    }
}
