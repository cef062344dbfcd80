using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Fetcher.Core;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Contracts;

/// <summary>HTTP/2 over TLS in every mode that speaks it itself: what ALPN has chosen is spoken, with client certificates and through tunnels too.</summary>
public sealed class ModeHttp2TlsTests
{
    private const string Hello = "headers N 200 content-length=5 | data N hello end";

    public static TheoryData<string> Modes => ModeHttp2StreamTests.Modes;

    private static FetchOptions Options { get; } = ModeRun.Options with { Protocol = HttpProtocol.Http2, Concurrency = 4 };

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Over_TLS_the_server_chooses(string mode)
    {
        using var certificates = new Certificates();
        foreach (var offered in new[] { SslApplicationProtocol.Http2, SslApplicationProtocol.Http11 })
        {
            var tls = new SslServerAuthenticationOptions { ServerCertificate = certificates.Issue("127.0.0.1"), ApplicationProtocols = [offered] };
            var isHttp2 = offered == SslApplicationProtocol.Http2;
            await using var server = new ScriptedServer(tls, isHttp2 ? Http2Peer.Answering(_ => Hello) : Scripts.Answer(Scripts.Ok()));

            var outcomes = await FetchAsync(mode, server, Options with { Insecure = true }, "/", "/", "/", "/", "/");

            outcomes.ShouldAllBe(o => o.Ok && o.HttpVersion == (isHttp2 ? "2" : "1.1"));
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_server_that_wants_HTTP_1_1_gets_it(string mode)
    {
        using var certificates = new Certificates();
        var tls = new SslServerAuthenticationOptions
        {
            ServerCertificate = certificates.Issue("127.0.0.1"),
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        };
        await using var server = new ScriptedServer(tls, Http2Peer.Answering(_ => "rst N 13"), Scripts.Answer(Scripts.Ok()));

        var outcomes = await FetchAsync(mode, server, Options with { Insecure = true, Concurrency = 1 }, "/", "/");

        outcomes.ShouldAllBe(o => o.Message == null && o.HttpVersion == "1.1" && o.Attempts == 1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_client_certificate_is_shown_where_the_server_asks_for_one(string mode)
    {
        using var certificates = new Certificates();
        using var folder = new TempFolder();
        using var mine = certificates.IssueForClients("me");
        await File.WriteAllTextAsync(
            folder["me.pem"], mine.ExportCertificatePem() + "\n" + mine.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        string? shown = null;
        var tls = new SslServerAuthenticationOptions
        {
            ServerCertificate = certificates.Issue("127.0.0.1"),
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => (shown = certificate?.Subject) is not null,
        };
        await using var server = new ScriptedServer(tls, Http2Peer.Answering(_ => Hello));

        var outcomes = await FetchAsync(
            mode, server, Options with { Insecure = true, CertPath = folder["me.pem"], Concurrency = 1 }, "/", "/");

        outcomes.ShouldAllBe(o => o.Message == null && o.HttpVersion == "2");
        shown.ShouldBe(mine.Subject);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Through_a_tunnel_the_server_chooses_and_not_the_proxy(string mode)
    {
        using var certificates = new Certificates();
        var tls = new SslServerAuthenticationOptions { ServerCertificate = certificates.Issue("a.test"), ApplicationProtocols = [SslApplicationProtocol.Http2] };
        await using var server = new ScriptedServer(tls, Http2Peer.Answering(_ => Hello));
        await using var proxy = new ScriptedServer(ProxyScripts.Tunnel(server.Port));
        var options = Options with
        {
            CaCertPath = certificates.AuthorityPath,
            Concurrency = 1,
            Proxies = new ProxyOptions(null, new ProxyAddress(ProxyScheme.Http, "127.0.0.1", proxy.Port, null), NoProxyList.Empty),
        };

        var outcomes = await ModeRun.FetchAsync(mode, options, "https://a.test/", "https://a.test/2");

        outcomes.ShouldAllBe(o => o.Message == null && o.HttpVersion == "2");
        outcomes.Sum(o => o.NumConnects).ShouldBe(1);
        proxy.Requests.Single().ShouldStartWith("CONNECT a.test:443 ");
    }

    private static Task<IReadOnlyList<Outcome>> FetchAsync(string mode, ScriptedServer server, FetchOptions options, params string[] paths) =>
        ModeRun.FetchAsync(mode, options, [.. paths.Select(path => server.Url(path))]);
}
