using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: which certificates and versions of TLS are refused, and what is said of them (curl's 60 and 35).</summary>
public sealed class ModeCertificateTests : IDisposable
{
    private const string Host = "a.test";

    private readonly Certificates _certificates = new();
    private readonly Certificates _others = new("Stranger CA");

    public static TheoryData<string> Modes => ModeRun.All;

    public void Dispose()
    {
        _certificates.Dispose();
        _others.Dispose();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_certificate_is_refused_with_its_own_reason(string mode)
    {
        var (byIntermediate, _) = _certificates.IssueByIntermediate(Host);
        (string Host, X509Certificate2 Certificate, X509Certificate2[] SentAlong, string Reason)[] table =
        [
            (Host, _certificates.IssueExpired(Host), [], "it has expired"),
            (Host, _certificates.IssueNotYetValid(Host), [], "it is not valid yet"),
            (Host, _certificates.Issue("b.test"), [], "it is for another host (CN=b.test)"),
            (Host, _certificates.IssueForClients(Host), [], "it is not for servers"),
            (Host, Certificates.SelfSigned(Host), [], "it is self-signed"),
            (Host, _others.Issue(Host), [], "its issuer, CN=Stranger CA, is neither known nor sent along"),
            (Host, byIntermediate, [], "its issuer, CN=Throw-away intermediate, is neither known nor sent along"),
            (Host, _certificates.Issue("*.a.test"), [], "it is for another host"),
            ("c.b.a.test", _certificates.Issue("*.a.test"), [], "it is for another host"),
            ("127.0.0.1", _certificates.Issue("127.0.0.2"), [], "it is for another host"),
            ("127.0.0.1", _certificates.Issue("localhost"), [], "it is for another host"),
        ];
        foreach (var (host, certificate, sentAlong, reason) in table)
        {
            await using var server = new ScriptedServer(Tls(certificate, sentAlong), Answer(Ok()));

            var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/", host), Options(server, host));

            (outcome.Error, outcome.ExitCode, outcome.Status).ShouldBe((FetchErrorKind.Tls, 60, 0), $"{reason}: {outcome.Message}");
            outcome.Message.ShouldNotBeNull().ShouldContain($"the certificate of {host} is not accepted: {reason}");
            server.Requests.ShouldBeEmpty();
            (await ModeRun.FetchOneAsync(mode, server.Url("/", host), Options(server, host) with { Insecure = true })).Message.ShouldBeNull(reason);
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_certificate_for_the_host_is_accepted(string mode)
    {
        var (byIntermediate, intermediate) = _certificates.IssueByIntermediate(Host);
        (string Host, X509Certificate2 Certificate, X509Certificate2[] SentAlong)[] table =
        [
            (Host, byIntermediate, [intermediate]),
            ("A.TEST", _certificates.Issue(Host), []),
            ("b.a.test", _certificates.Issue("*.a.test"), []),
            ("127.0.0.1", _certificates.Issue("127.0.0.1"), []),
        ];
        foreach (var (host, certificate, sentAlong) in table)
        {
            await using var server = new ScriptedServer(Tls(certificate, sentAlong), Answer(Ok()));

            (await ModeRun.FetchOneAsync(mode, server.Url("/", host), Options(server, host))).Message.ShouldBeNull(host);
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Versions_of_TLS_outside_the_given_ones_are_refused(string mode)
    {
        using var certificate = _certificates.Issue(Host);
        await using var old = new ScriptedServer(Tls(certificate, [], SslProtocols.Tls12), Answer(Ok()));
        await using var modern = new ScriptedServer(Tls(certificate, [], SslProtocols.Tls13), Answer(Ok()));

        (await ModeRun.FetchOneAsync(mode, old.Url("/", Host), Options(old, Host) with { TlsMax = TlsVersion.Tls12 })).Message.ShouldBeNull();
        (await ModeRun.FetchOneAsync(mode, modern.Url("/", Host), Options(modern, Host) with { TlsMin = TlsVersion.Tls13 })).Message.ShouldBeNull();
        var tooOld = await ModeRun.FetchOneAsync(mode, old.Url("/", Host), Options(old, Host) with { TlsMin = TlsVersion.Tls13 });
        var tooNew = await ModeRun.FetchOneAsync(mode, modern.Url("/", Host), Options(modern, Host) with { TlsMax = TlsVersion.Tls12 });

        foreach (var (outcome, version) in new[] { (tooOld, "1.3"), (tooNew, "1.2") })
        {
            (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Tls, 35), outcome.Message);
            outcome.Message.ShouldBe($"the TLS handshake with {Host} failed: it does not speak TLS {version}");
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_server_of_TLS_1_0_is_refused(string mode)
    {
        // A record of 1.0 with a ServerHello that chooses 1.0 and TLS_RSA_WITH_AES_128_CBC_SHA (RFC 2246, section 7.4.1.3).
        byte[] hello = [22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1, .. new byte[32], 0, 0, 0x2F, 0];
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadByteAsync();
            await connection.SendAsync(hello);
            await connection.HoldAsync();
        });

        var outcome = await ModeRun.FetchOneAsync(mode, server.TlsUrl, ModeRun.Options with { Insecure = true });

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Tls, 35), outcome.Message);
        outcome.Message.ShouldBe("the TLS handshake with 127.0.0.1 failed: it speaks no version of TLS from 1.2 to 1.3");
    }

    private static SslServerAuthenticationOptions Tls(
        X509Certificate2 certificate, X509Certificate2[] sentAlong, SslProtocols versions = SslProtocols.None) => new()
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, [.. sentAlong], offline: true),
            EnabledSslProtocols = versions,
        };

    private FetchOptions Options(ScriptedServer server, string host) => ModeRun.Options with
    {
        CaCertPath = _certificates.AuthorityPath,
        Resolve = [new ResolveEntry(host, server.Port, [IPAddress.Loopback])],
    };
}
