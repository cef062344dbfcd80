using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: <c>--robots</c> asks each origin once what may be fetched, and fetches nothing else.</summary>
public sealed class ModeRobotsTests
{
    private const string Rules = "User-agent: *\nDisallow: /private\n";

    private static readonly FetchOptions Options = ModeRun.Options with { Robots = true };

    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_is_not_allowed_is_not_asked_for(string mode)
    {
        await using var server = new ScriptedServer(AnswerByPath(path => path == "/robots.txt" ? Ok(Rules) : Ok()));

        var outcomes = await ModeRun.FetchAsync(
            mode, Options with { Concurrency = 4 }, server.Url("/a"), server.Url("/private/b"), server.Url("/c"), server.Url("/private"));

        outcomes.Select(outcome => outcome.Error).ShouldBe([null, FetchErrorKind.Robots, null, FetchErrorKind.Robots]);
        (outcomes[1].ExitCode, outcomes[1].Attempts).ShouldBe((9, 0));
        outcomes[1].Message.ShouldBe($"robots.txt of {server.Url("")} does not allow it");
        server.Requests.Select(request => request.Split(' ')[1]).Order().ShouldBe(["/a", "/c", "/robots.txt"]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_time_for_it_is_a_phase_of_its_own(string mode)
    {
        await using var server = new ScriptedServer(AnswerByPath(path => path == "/robots.txt" ? Ok(Rules) : Ok()));

        var outcomes = await ModeRun.FetchAsync(mode, Options with { Concurrency = 1 }, server.Url("/a"), server.Url("/b"));

        outcomes[0].Phases.Robots.ShouldBeGreaterThan(0);
        outcomes[0].Phases.Robots.ShouldBeGreaterThan(outcomes[1].Phases.Robots);
        outcomes.ShouldAllBe(outcome => outcome.Phases.Queue >= 0 && outcome.Phases.Dns >= 0 && outcome.Phases.Total == outcome.Total);
    }

    [Theory]
    [InlineData("404 Not Found", true)]
    [InlineData("403 Forbidden", true)]
    [InlineData("500 Broken", false)]
    [InlineData("503 Busy", false)]
    public async Task Without_a_file_all_is_allowed_and_without_an_answer_nothing(string status, bool isAllowed)
    {
        await using var server = new ScriptedServer(AnswerByPath(path => path == "/robots.txt" ? Response(status) : Ok()));

        var outcome = await ModeRun.FetchOneAsync("async", server.Url("/a"), Options);

        outcome.Ok.ShouldBe(isAllowed);
        if (!isAllowed)
        {
            outcome.Message.ShouldBe($"robots.txt of {server.Url("")} could not be had: the server answered {status[..3]}, so nothing of it is fetched");
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_coded_file_is_decoded_though_none_was_asked_for(string mode)
    {
        var asked = new ConcurrentQueue<string>();
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                asked.Enqueue(request);
                await connection.SendAsync(request.Contains("/robots.txt") ? Ok(Gzip(Rules), "Content-Encoding: gzip\r\n") : Ok("hello"u8.ToArray()));
            }
        });
        var options = Options with { Compressed = true, Headers = [new RequestHeader("Range", "bytes=0-5"), new RequestHeader("If-None-Match", "\"x\"")] };

        var outcomes = await ModeRun.FetchAsync(mode, Options, server.Url("/a"), server.Url("/private/b"));
        await ModeRun.FetchAsync(mode, options, server.Url("/a"));

        outcomes.Select(outcome => outcome.Error).ShouldBe([null, FetchErrorKind.Robots]);
        var files = asked.Where(request => request.StartsWith("GET /robots.txt", StringComparison.Ordinal)).ToArray();
        files.Length.ShouldBe(2);
        files.ShouldAllBe(request => request.Contains("\r\nAccept-Encoding: identity\r\n") && !request.Contains("gzip"));
        files.ShouldAllBe(request => !request.Contains("Range:") && !request.Contains("If-None-Match:"));
    }

    [Theory]
    [InlineData("200 OK", "gzip", false)]
    [InlineData("200 OK", "br", false)]
    [InlineData("200 OK", "zstd", false)]
    [InlineData("206 Partial Content", "identity", false)]
    [InlineData("404 Not Found", "gzip", true)]
    public async Task A_file_that_cannot_be_decoded_allows_nothing(string status, string coding, bool isAllowed)
    {
        await using var server = new ScriptedServer(AnswerByPath(
            path => path == "/robots.txt" ? Response(status, Rules, $"Content-Encoding: {coding}\r\n") : Ok()));

        var outcome = await ModeRun.FetchOneAsync("async", server.Url("/a"), Options);

        outcome.Error.ShouldBe(isAllowed ? null : FetchErrorKind.Robots, outcome.Message);
    }

    [Theory]
    [InlineData("async")]
    [InlineData("httpclient")]
    public async Task Of_a_file_that_decodes_without_end_only_the_beginning_is_read(string mode)
    {
        var bomb = Gzip(Rules + new string('#', 30_000_000) + "\nDisallow: /\n");
        await using var server = new ScriptedServer(Answer(Ok(bomb, "Content-Encoding: gzip\r\n")), Answer(Ok()));

        var outcomes = await ModeRun.FetchAsync(mode, Options, server.Url("/a"), server.Url("/private"));

        outcomes.Select(outcome => outcome.Ok).ShouldBe([true, false]);
    }

    private static byte[] Gzip(string text)
    {
        using var coded = new MemoryStream();
        using (var encoder = new GZipStream(coded, CompressionMode.Compress))
        {
            encoder.Write(Encoding.ASCII.GetBytes(text));
        }

        return coded.ToArray();
    }

    [Fact]
    public async Task A_file_that_cannot_be_had_at_first_is_tried_again_as_often_as_a_URL()
    {
        var asked = 0;
        await using var server = new ScriptedServer(AnswerByPath(
            path => path != "/robots.txt" ? Ok() : ++asked < 3 ? Response("500 Broken") : Ok(Rules)));
        var options = Options with { Retry = 2, RetryDelay = TimeSpan.FromMilliseconds(1) };

        var outcomes = await ModeRun.FetchAsync("async", options, server.Url("/a"), server.Url("/b"), server.Url("/private"));

        outcomes.Select(outcome => outcome.Ok).ShouldBe([true, true, false]);
        asked.ShouldBe(3);
    }

    [Fact]
    public async Task A_dead_origin_is_asked_only_as_often_as_one_URL_of_it()
    {
        await using var server = new ScriptedServer(AnswerByPath(path => path == "/robots.txt" ? Response("500 Broken") : Ok()));
        var options = Options with { Retry = 2, RetryDelay = TimeSpan.FromMilliseconds(1), Concurrency = 8 };

        var outcomes = await ModeRun.FetchAsync("async", options, [.. Enumerable.Range(0, 50).Select(i => server.Url($"/{i}"))]);

        outcomes.ShouldAllBe(outcome => outcome.Error == FetchErrorKind.Robots);
        server.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task The_file_may_be_elsewhere_and_a_redirect_is_judged_where_it_leads_to()
    {
        await using var other = new ScriptedServer(AnswerByPath(path => path == "/robots.txt" ? Ok("User-agent: *\nDisallow: /no") : Ok()));
        await using var server = new ScriptedServer(AnswerByPath(path => path switch
        {
            "/robots.txt" => Response("301 Moved", "", "Location: /rules\r\n"),
            "/rules" => Ok(Rules),
            "/away" => Response("302 Found", "", $"Location: {other.Url("/no")}\r\n"),
            _ => Ok(),
        }));

        var outcomes = await ModeRun.FetchAsync("async", Options, server.Url("/a"), server.Url("/private"), server.Url("/away"));

        outcomes.Select(outcome => outcome.Ok).ShouldBe([true, false, false]);
        outcomes[2].Message.ShouldBe($"robots.txt of {other.Url("")} does not allow it");
    }

    [Fact]
    public async Task Credentials_do_not_go_to_the_file_of_another_origin()
    {
        await using var other = new ScriptedServer(Answer(Ok()));
        await using var server = new ScriptedServer(AnswerByPath(
            path => path == "/robots.txt" ? Ok(Rules) : Response("302 Found", "", $"Location: {other.Url("/b")}\r\n")));

        await ModeRun.FetchAsync("async", Options with { Credentials = "user:secret" }, server.Url("/a"));

        server.Requests.ShouldAllBe(request => request.Contains("Authorization"));
        other.Requests.Count.ShouldBe(2);
        other.Requests.ShouldAllBe(request => !request.Contains("Authorization"));
    }

    [Theory]
    [InlineData("async")]
    [InlineData("httpclient")]
    public async Task Of_a_huge_file_only_the_beginning_is_read(string mode)
    {
        var huge = Rules + new string('#', 600 * 1024) + "\nDisallow: /\n";
        await using var server = new ScriptedServer(AnswerByPath(path => path == "/robots.txt" ? Ok(huge) : Ok()));

        var outcomes = await ModeRun.FetchAsync(mode, Options, server.Url("/a"), server.Url("/private"));

        outcomes.Select(outcome => outcome.Ok).ShouldBe([true, false]);
    }

    [Theory]
    [InlineData("async")]
    [InlineData("httpclient")]
    public async Task A_slow_file_is_waited_for_no_longer_than_the_URL_may_take(string mode)
    {
        await using var server = new ScriptedServer(FallSilent());

        var outcomes = await ModeRun.FetchAsync(
            mode, Options with { MaxTime = TimeSpan.FromSeconds(0.3), Concurrency = 2 }, server.Url("/a"), server.Url("/b"));

        outcomes.ShouldAllBe(outcome => outcome.Error == FetchErrorKind.Timeout);
    }
}
