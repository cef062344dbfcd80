using System.Security.Cryptography;
using Fetcher.Core;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using Microsoft.AspNetCore.Http;
using HttpProtocol = Fetcher.Core.HttpProtocol;

namespace Fetcher.Tests.Contracts;

/// <summary>Every mode that speaks HTTP/2 against servers that others wrote: nginx, nghttpd, Kestrel.</summary>
public sealed class ModeHttp2ServerTests(ModeHttp2ServerTests.Nginx nginx) : IClassFixture<ModeHttp2ServerTests.Nginx>
{
    private const int Lines = 20_000;

    private static readonly string[] Texts = ["text-1.txt", "text-100.txt", "text-20000.txt"];

    public static TheoryData<string> Modes => ModeHttp2Tests.Modes;

    public static TheoryData<string> SharingModes => ModeHttp2Tests.SharingModes;

    private static FetchOptions Plain { get; } = ModeRun.Options with { Protocol = HttpProtocol.Http2PriorKnowledge, Concurrency = 32, Sha256 = true };

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Nginx_serves_bodies_of_every_size(string mode)
    {
        var server = nginx.Server;
        var plain = await ModeRun.FetchAsync(mode, Plain, Urls($"http://127.0.0.1:{server.Http2Port}", 60));
        var tls = await ModeRun.FetchAsync(
            mode, Plain with { Protocol = HttpProtocol.Negotiate, CaCertPath = server.CaFile }, Urls($"https://localhost:{server.Http2TlsPort}", 60));

        ShouldBeTheTexts(plain);
        ShouldBeTheTexts(tls);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Nginx_leads_on_and_answers_without_a_body(string mode)
    {
        var origin = $"http://127.0.0.1:{nginx.Server.Http2Port}";
        var outcomes = await ModeRun.FetchAsync(mode, Plain, $"{origin}/moved", $"{origin}/empty", $"{origin}/none");

        outcomes.Select(outcome => (outcome.Status, outcome.NumRedirects, outcome.HttpVersion)).ShouldBe([(200, 1, "2"), (204, 0, "2"), (404, 0, "2")]);
    }

    [Theory]
    [MemberData(nameof(SharingModes))]
    public async Task A_connection_that_nginx_ends_after_its_hundredth_request_costs_no_attempt(string mode)
    {
        var url = $"http://127.0.0.1:{nginx.Server.FewRequestsPort}/text-1.txt";
        var outcomes = await ModeRun.FetchAsync(mode, Plain, [.. Enumerable.Repeat(url, 1000)]);

        outcomes.Where(outcome => !outcome.Ok || outcome.Attempts != 1 || outcome.HttpVersion != "2").Select(outcome => outcome.Message).ShouldBeEmpty();
        outcomes.Sum(outcome => outcome.NumConnects).ShouldBeInRange(10, 20);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Nghttpd_serves_bodies_of_every_size_few_streams_at_a_time(string mode)
    {
        Assert.SkipUnless(NghttpdServer.IsInstalled, NghttpdServer.Missing);
        using var folder = new TempFolder();
        foreach (var (text, lines) in Texts.Zip([1, 100, Lines]))
        {
            await File.WriteAllBytesAsync(folder[text], NginxServer.Text(lines), TestContext.Current.CancellationToken);
        }

        await using var server = await NghttpdServer.StartAsync(folder.Path, "--max-concurrent-streams=8");

        ShouldBeTheTexts(await ModeRun.FetchAsync(mode, Plain, Urls($"http://127.0.0.1:{server.Port}", 60)));
    }

    [Theory]
    [MemberData(nameof(SharingModes))]
    public async Task Kestrel_serves_a_thousand_on_one_connection(string mode)
    {
        await using var origin = await KestrelOrigin.StartAsync(context => context.Response.WriteAsync(context.Request.QueryString.Value!));
        var outcomes = await ModeRun.FetchAsync(mode, Plain, [.. Enumerable.Range(1000, 1000).Select(i => origin.Url($"/?{i}"))]);

        outcomes.ShouldAllBe(outcome => outcome.Ok && outcome.HttpVersion == "2" && outcome.SizeBody == 5);
        (origin.Connections, outcomes.Sum(outcome => outcome.NumConnects)).ShouldBe((1, 1));
    }

    private static IReadOnlyList<string> Urls(string origin, int count) => [.. Enumerable.Range(0, count).Select(i => $"{origin}/{Texts[i % Texts.Length]}")];

    private static void ShouldBeTheTexts(IReadOnlyList<Outcome> outcomes)
    {
        string[] hashes = [Hash(1), Hash(100), Hash(Lines)];
        foreach (var outcome in outcomes)
        {
            (outcome.Message, outcome.HttpVersion, outcome.Sha256).ShouldBe((null, "2", hashes[outcome.Index % hashes.Length]));
        }

        static string Hash(int lines) => Convert.ToHexStringLower(SHA256.HashData(NginxServer.Text(lines)));
    }

    /// <summary>One nginx for all tests of the class.</summary>
    public sealed class Nginx : IAsyncLifetime
    {
        private NginxServer? _server;

        internal NginxServer Server
        {
            get
            {
                Assert.SkipUnless(NginxServer.IsInstalled, NginxServer.Missing);
                return _server!;
            }
        }

        public async ValueTask InitializeAsync() => _server = NginxServer.IsInstalled ? await NginxServer.StartAsync() : null;

        public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
