using System.Security.Cryptography;
using System.Text;
using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Saving;

/// <summary>A saved body that breaks off goes on where it did, by the next attempt of the same run, where its server allows that.</summary>
public sealed class ResumeTests : IDisposable
{
    private const string Tag = "ETag: \"v1\"\r\n";
    private static readonly string Body = string.Concat(Enumerable.Range(0, 1000).Select(i => $"line {i}\n"));

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Modes => ModeRun.All;

    private FetchOptions Options => ModeRun.Options with
    {
        OutputDir = _folder.Path,
        Sha256 = true,
        Retry = 3,
        RetryDelay = TimeSpan.FromMilliseconds(1),
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_next_attempt_asks_for_the_rest(string mode)
    {
        await using var server = new ScriptedServer(CutShort(Tag), CutShort(Tag, from: 100, to: 250), AnswerAndClose(Rest(250)));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/a"), Options);

        server.Requests[0].ShouldNotContain("Range");
        server.Requests[1].ShouldContain("Range: bytes=100-\r\nIf-Range: \"v1\"\r\n");
        server.Requests[2].ShouldContain("Range: bytes=250-\r\nIf-Range: \"v1\"\r\n");
        ShouldBeWhole(outcome);
        (outcome.Attempts, outcome.Status, outcome.SizeDownload, outcome.SizeBody).ShouldBe((3, 206, Body.Length - 250, Body.Length));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ETag: W/\"v1\"\r\n")]
    [InlineData("Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n")]
    [InlineData("Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n")]
    public async Task Without_a_strong_validator_it_starts_over(string fields)
    {
        await using var server = new ScriptedServer(CutShort(fields), AnswerAndClose(Ok(Body)));

        var outcome = await ModeRun.FetchOneAsync("async", server.Url("/a"), Options);

        server.Requests[1].ShouldNotContain("Range");
        ShouldBeWhole(outcome);
    }

    [Fact]
    public async Task A_date_of_an_earlier_second_is_a_strong_validator()
    {
        const string Date = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nDate: Sun, 06 Nov 1994 08:49:38 GMT\r\n";
        await using var server = new ScriptedServer(CutShort(Date), AnswerAndClose(Rest(100)));

        var outcome = await ModeRun.FetchOneAsync("async", server.Url("/a"), Options);

        server.Requests[1].ShouldContain("If-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
        ShouldBeWhole(outcome);
    }

    [Fact]
    public async Task A_body_that_changed_meanwhile_starts_over()
    {
        var changed = Body.ToUpperInvariant();
        await using var server = new ScriptedServer(CutShort(Tag), AnswerAndClose(Ok(changed, "ETag: \"v2\"\r\n")));

        ShouldBeWhole(await ModeRun.FetchOneAsync("async", server.Url("/a"), Options), changed);
    }

    [Fact]
    public async Task A_range_that_is_refused_has_the_whole_asked_for()
    {
        await using var server = new ScriptedServer(
            CutShort(Tag), AnswerAndClose(Response("416 Range Not Satisfiable")), AnswerAndClose(Ok(Body, Tag)));

        ShouldBeWhole(await ModeRun.FetchOneAsync("async", server.Url("/a"), Options));
    }

    [Fact]
    public async Task What_is_kept_outlasts_an_attempt_that_gets_nowhere()
    {
        await using var server = new ScriptedServer(CutShort(Tag), AnswerAndClose(Response("503 Busy")), AnswerAndClose(Rest(100)));

        ShouldBeWhole(await ModeRun.FetchOneAsync("async", server.Url("/a"), Options));
    }

    [Fact]
    public async Task Nothing_is_left_when_no_attempt_came_to_the_end()
    {
        await using var server = new ScriptedServer(CutShort(Tag), CutShort(Tag, from: 100, to: 150), AnswerAndClose(Response("404 Gone")));

        var outcomes = await ModeRun.FetchAsync("async", Options, server.Url("/a"));

        outcomes[0].Status.ShouldBe(404);
        _folder.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_slot_that_gave_up_begins_the_next_URL_anew()
    {
        await using var server = new ScriptedServer(CutShort(Tag), AnswerByPath(path => path == "/a" ? Response("404 Gone") : Ok("other")));

        var outcomes = await ModeRun.FetchAsync("async", Options, server.Url("/a"), server.Url("/b"), server.Url("/c"));

        server.Requests.Where(request => request.Contains("Range", StringComparison.Ordinal)).ShouldHaveSingleItem().ShouldStartWith("GET /a ");
        outcomes.Select(outcome => outcome.Ok).ShouldBe([false, true, true]);
        _folder.Files.ShouldBe(["b", "c"]);
    }

    [Fact]
    public async Task Skipping_what_exists_does_not_stand_in_the_way()
    {
        await using var server = new ScriptedServer(CutShort(Tag), AnswerAndClose(Rest(100)));

        ShouldBeWhole(await ModeRun.FetchOneAsync("async", server.Url("/a"), Options with { SkipExisting = true }));
    }

    private static string Rest(int from) => Part(from, Body.Length);

    private static string Part(int from, int to) =>
        $"HTTP/1.1 206 Partial Content\r\n{Tag}Content-Range: bytes {from}-{Body.Length - 1}/{Body.Length}\r\n"
        + $"Content-Length: {Body.Length - from}\r\n\r\n{Body[from..to]}";

    private static Func<ScriptedConnection, Task> CutShort(string fields, int from = 0, int to = 100) => AnswerAndClose(
        from > 0 ? Part(from, to) : $"HTTP/1.1 200 OK\r\n{fields}Content-Length: {Body.Length}\r\n\r\n{Body[..to]}");

    private void ShouldBeWhole(Outcome outcome, string? body = null)
    {
        outcome.Ok.ShouldBeTrue(outcome.Message);
        File.ReadAllText(outcome.SavedAs!).ShouldBe(body ?? Body);
        outcome.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(body ?? Body))));
        _folder.Files.ShouldBe(["a"]);
    }
}
