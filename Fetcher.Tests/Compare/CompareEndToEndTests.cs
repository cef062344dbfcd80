using System.Text.Json;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Compare;

/// <summary>Comparisons by the built program, each round a process of its own, with the embedded origin.</summary>
public sealed class CompareEndToEndTests
{
    private const string Urls = "http://a.test/bytes/300000\nhttp://b.test/bytes/300000\nhttp://c.test/paced/300000?rate=3000000\n";

    [Fact]
    public async Task Two_modes_are_measured_by_their_own_processes()
    {
        var ran = await FetcherProcess.RunAsync(
            Urls, ["compare", "-", "--lab", "--runs", "2", "--warmup", "0", "--count", "2", "--format", "json"]);

        ran.Error.ShouldBe("");
        ran.ExitCode.ShouldBe(0);
        using var json = JsonDocument.Parse(ran.Output);
        var modes = json.RootElement.GetProperty("comparisons")[0].GetProperty("modes").EnumerateArray().ToArray();
        var (blocking, async) = (Rounds(modes[0]), Rounds(modes[1]));
        foreach (var round in (JsonElement[])[.. blocking, .. async])
        {
            round.GetProperty("ok").GetInt64().ShouldBe(6);
            round.GetProperty("bytes").GetInt64().ShouldBe(6 * 300_000);
            round.GetProperty("wall").GetDouble().ShouldBeGreaterThan(0);
            round.GetProperty("max_rss").GetInt64().ShouldBeGreaterThan(1 << 20);
            round.GetProperty("bytes_received").GetInt64().ShouldBeGreaterThan(6 * 300_000);
            round.GetProperty("reads").GetInt64().ShouldBeGreaterThan(0);
            round.GetProperty("syscalls").GetProperty("recvmsg").GetInt64().ShouldBeGreaterThanOrEqualTo(round.GetProperty("reads").GetInt64());
            round.GetProperty("client_stall").GetDouble().ShouldBeGreaterThanOrEqualTo(0);
            round.GetProperty("budget").EnumerateObject().ShouldNotBeEmpty();
        }

        blocking.ShouldAllBe(round => round.GetProperty("blocked").GetDouble() > 0 && round.GetProperty("blocked_threads").GetInt32() == 1);
        async.ShouldAllBe(round => round.GetProperty("blocked").GetDouble() == 0 && round.GetProperty("blocked_threads").GetInt32() == 0);
    }

    [Fact]
    public async Task Without_stalls_the_rounds_make_the_calls_of_a_plain_run()
    {
        var ran = await FetcherProcess.RunAsync(
            Urls, ["compare", "-", "--lab", "--no-stalls", "--runs", "1", "--warmup", "0", "--modes", "async", "--format", "ndjson"]);

        var round = JsonDocument.Parse(ran.Lines.Single()).RootElement;
        round.GetProperty("client_stall").ValueKind.ShouldBe(JsonValueKind.Null);
        round.GetProperty("syscalls").GetProperty("recvfrom").GetInt64().ShouldBeGreaterThan(0);
        round.GetProperty("syscalls").TryGetProperty("recvmsg", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Opening_and_closing_idle_connections_is_no_part_of_a_round()
    {
        var ran = await FetcherProcess.RunAsync(
            Urls,
            ["compare", "-", "--lab", "--runs", "1", "--warmup", "0", "--modes", "poll", "--sweep", "idle=0,100", "--format", "ndjson"]);

        ran.Error.ShouldBe("");
        ran.ExitCode.ShouldBe(0);
        var rounds = ran.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        rounds.Select(round => round.GetProperty("value").GetDouble()).ShouldBe([0, 100]);

        foreach (var call in (string[])["socket", "connect", "close"])
        {
            var made = rounds[1].GetProperty("syscalls").TryGetProperty(call, out var count) ? count.GetInt64() : 0;
            made.ShouldBeLessThan(100, call);
        }
    }

    [Fact]
    public async Task Versions_of_HTTP_are_put_side_by_side_at_the_lab()
    {
        foreach (var (scheme, option) in (ValueTuple<string, string>[])[("https", "--compressed"), ("http", "--http2-prior-knowledge")])
        {
            var ran = await FetcherProcess.RunAsync(
                "compare", $"{scheme}://a.test/bytes/1000", option, "--lab", "--count", "20", "--runs", "1", "--warmup", "0", "--modes", "httpclient",
                "--sweep", "http=1.1,2", "--format", "ndjson");

            ran.Error.ShouldBe("");
            ran.ExitCode.ShouldBe(0);
            var rounds = ran.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToArray();
            rounds.Select(round => round.GetProperty("value").GetDouble()).ShouldBe([1.1, 2]);
            rounds.Select(round => round.GetProperty("http_versions").EnumerateArray().Single().GetString()).ShouldBe(["1.1", "2"]);
            rounds[1].GetProperty("connections").GetInt64().ShouldBe(1);
        }
    }

    [Fact]
    public async Task A_failed_URL_makes_the_exit_status_1_and_is_told()
    {
        var ran = await FetcherProcess.RunAsync(
            "compare", "http://127.0.0.1:1/", "--retry", "0", "--runs", "1", "--warmup", "0", "--modes", "async");

        ran.ExitCode.ShouldBe(1);
        ran.Output.ShouldContain("async failed 1 URL in 1 round, such as http://127.0.0.1:1/: could not connect");
    }

    [Fact]
    public async Task A_mode_that_cannot_do_it_is_told_and_the_others_are_compared()
    {
        // select(2) cannot watch a descriptor from 1024 on.
        var ran = await FetcherProcess.RunAsync(
            Urls, ["compare", "-", "--lab", "--runs", "1", "--warmup", "0", "--modes", "poll,select", "--sweep", "idle=1100"]);

        ran.ExitCode.ShouldBe(1);
        ran.Output.ShouldContain("select at idle 1100 lost 1 round of 1: ");
        ran.Output.ShouldContain("1024");
        ran.Lines.ShouldContain(line => line.StartsWith("1100  poll", StringComparison.Ordinal) && line.Contains('█'));
    }

    [Fact]
    public async Task A_round_that_cannot_open_its_idle_connections_says_why()
    {
        var ran = await FetcherProcess.RunAsync(
            "compare", "http://127.0.0.1:1/", "--retry", "0", "--runs", "1", "--warmup", "0", "--modes", "poll", "--sweep", "idle=3");

        ran.ExitCode.ShouldBe(1);
        string.Join(" ", ran.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .ShouldContain("poll at idle 3 lost 1 round of 1: not all of the 3 idle connections could be opened: could not connect");
    }

    [Fact]
    public async Task A_report_that_cannot_be_written_is_known_before_anything_runs()
    {
        var ran = await FetcherProcess.RunAsync("compare", "http://127.0.0.1:1/", "--report", "/no/such/folder/x.html");

        ran.ExitCode.ShouldBe(2);
        ran.Output.ShouldBeEmpty();
        ran.Error.ShouldContain("/no/such/folder/x.html");
    }

    private static JsonElement[] Rounds(JsonElement mode) => [.. mode.GetProperty("rounds").EnumerateArray()];
}
