using System.Security.Cryptography;
using System.Text.Json;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.EndToEnd;

/// <summary>Against nginx: its framings, codings, keep-alive and TLS, seen through the whole program. Skipped where nginx is not installed.</summary>
public sealed class NginxTests : IAsyncLifetime
{
    private NginxServer _nginx = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(NginxServer.IsInstalled, NginxServer.Missing);
        _nginx = await NginxServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_nginx is not null)
        {
            await _nginx.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("plain", 1)]
    [InlineData("plain", 100)]
    [InlineData("plain", 20_000)]
    [InlineData("gzip", 100)]
    [InlineData("gzip", 20_000)]
    [InlineData("close", 100)]
    [InlineData("old", 20_000)]
    public async Task Bodies_come_whole_in_every_framing_and_coding(string how, int lines)
    {
        var result = (await ResultsAsync($"{_nginx.Http}/{how}/text-{lines}.txt", "--sha256", "--compressed")).ShouldHaveSingleItem();

        var body = NginxServer.Text(lines);
        result.GetProperty("status").GetInt32().ShouldBe(200);
        result.GetProperty("size_body").GetInt64().ShouldBe(body.Length);
        result.GetProperty("sha256").GetString().ShouldBe(Convert.ToHexStringLower(SHA256.HashData(body)));
        var download = result.GetProperty("size_download").GetInt64();
        (how is "gzip" or "old" ? download < body.Length : download == body.Length).ShouldBeTrue();
    }

    [Fact]
    public async Task A_thousand_requests_share_a_few_connections()
    {
        var results = await ResultsAsync($"{_nginx.Http}/any/thing", "--count", "1000", "--concurrency", "8");

        results.Count.ShouldBe(1000);
        results.Count(result => result.GetProperty("ok").GetBoolean()).ShouldBe(1000);
        results.Sum(result => result.GetProperty("num_connects").GetInt32()).ShouldBeLessThanOrEqualTo(16);
    }

    [Fact]
    public async Task Connections_that_nginx_closes_after_their_thousandth_request_cost_no_result()
    {
        var results = await ResultsAsync($"{_nginx.Http}/any/thing", "--count", "5000", "--concurrency", "2", "--retry", "0");

        results.Count(result => result.GetProperty("ok").GetBoolean()).ShouldBe(5000);
    }

    [Fact]
    public async Task Redirects_lead_from_http_to_https_with_the_given_authority()
    {
        var result = (await ResultsAsync($"{_nginx.Http}/secure", "--cacert", _nginx.CaFile)).ShouldHaveSingleItem();

        result.GetProperty("ok").GetBoolean().ShouldBeTrue();
        result.GetProperty("final_url").GetString().ShouldBe($"https://127.0.0.1:{_nginx.HttpsPort}/plain/text-100.txt");
        result.GetProperty("num_redirects").GetInt32().ShouldBe(1);
        result.GetProperty("time_appconnect").GetDouble().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task An_authority_that_is_not_trusted_is_refused()
    {
        var result = (await ResultsAsync($"https://127.0.0.1:{_nginx.HttpsPort}/plain/text-1.txt", "--retry", "0")).ShouldHaveSingleItem();

        result.GetProperty("exitcode").GetInt32().ShouldBe(60);
        result.GetProperty("error").GetProperty("kind").GetString().ShouldBe("tls");
    }

    [Theory]
    [InlineData("/moved", 200, 0)]
    [InlineData("/empty", 204, 0)]
    [InlineData("/none", 404, 22)]
    [InlineData("/busy", 503, 22)]
    public async Task Statuses_are_judged_as_curl_with_fail_judges_them(string path, int status, int exitCode)
    {
        var result = (await ResultsAsync($"{_nginx.Http}{path}", "--retry", "0")).ShouldHaveSingleItem();

        result.GetProperty("status").GetInt32().ShouldBe(status);
        result.GetProperty("exitcode").GetInt32().ShouldBe(exitCode);
    }

    [Theory]
    [InlineData("async")]
    [InlineData("blocking-read")]
    public async Task Long_bodies_come_whole_when_many_are_under_way(string mode)
    {
        var results = await ResultsAsync($"{_nginx.Http}/plain/text-20000.txt", "--count", "40", "--sha256", "--mode", mode);

        var hash = Convert.ToHexStringLower(SHA256.HashData(NginxServer.Text(20_000)));
        results.Count.ShouldBe(40);
        results.Count(result => result.GetProperty("sha256").GetString() == hash).ShouldBe(40);
    }

    private static async Task<List<JsonElement>> ResultsAsync(params string[] arguments)
    {
        var ran = await FetcherProcess.RunAsync([.. arguments, "--format", "ndjson"]);
        ran.Error.ShouldBeEmpty();
        return [.. ran.Lines.Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
