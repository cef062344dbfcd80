using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Fetcher.Lab;

namespace Fetcher.Tests.Lab;

public sealed class LabTlsTests(LabFixture lab) : IClassFixture<LabFixture>
{
    [Theory]
    [InlineData("example.com")]
    [InlineData("a-b.c_d.example")]
    [InlineData("xn--bcher-kva.example")]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task A_certificate_for_any_name_chains_to_the_CA(string name)
    {
        await using var stream = (SslStream)await LabClient.OpenAsync(lab.Origin, tls: true, name);

        stream.RemoteCertificate!.Issuer.ShouldBe(X509Certificate2.CreateFromPem(lab.Origin.CaCertificatePem).Subject);
    }

    [Fact]
    public async Task A_name_of_the_greatest_length_gets_a_certificate()
    {
        var label = new string('a', 61);
        await using var stream = (SslStream)await LabClient.OpenAsync(lab.Origin, tls: true, $"{label}.{label}.{label}.{label}.org");

        stream.IsAuthenticated.ShouldBeTrue();
    }

    [Fact]
    public async Task A_name_keeps_its_certificate_and_another_gets_another()
    {
        var first = await HashAsync("one.example");
        var again = await HashAsync("ONE.example");
        var other = await HashAsync("two.example");

        again.ShouldBe(first);
        other.ShouldNotBe(first);
    }

    [Fact]
    public async Task A_lab_does_not_vouch_for_another()
    {
        await using var other = await LabOrigin.StartAsync(new LabOptions(), default);
        using var client = LabClient.For(lab.Origin.HttpPort, lab.Origin.HttpsPort, other.CaCertificatePem);

        var e = await Should.ThrowAsync<HttpRequestException>(client.GetAsync("https://h/get"));
        e.InnerException.ShouldBeOfType<AuthenticationException>();
    }

    [Fact]
    public void Certificates_are_kept_until_there_are_too_many()
    {
        var certificates = new LabCertificates(mostNames: 2);
        var one = certificates.For("one.example");
        var two = certificates.For("two.example");

        certificates.For("one.example").ShouldBeSameAs(one);
        certificates.For("three.example");
        certificates.For("two.example").ShouldNotBeSameAs(two);
    }

    private async Task<string> HashAsync(string name)
    {
        await using var stream = (SslStream)await LabClient.OpenAsync(lab.Origin, tls: true, name);
        return stream.RemoteCertificate!.GetCertHashString();
    }
}
