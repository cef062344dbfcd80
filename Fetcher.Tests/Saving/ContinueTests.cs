using System.Security.Cryptography;
using System.Text;
using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Saving;

/// <summary>
/// <c>--continue</c>: what came of a body that broke off is kept with its validator, and only the rest is asked for (RFC 9110, section 14).
/// </summary>
public sealed class ContinueTests : IDisposable
{
    private const string Tag = "ETag: \"v1\"\r\n";
    private static readonly string Body = string.Concat(Enumerable.Range(0, 1000).Select(i => $"line {i}\n"));

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Modes => ModeRun.All;

    private FetchOptions Options => ModeRun.Options with { OutputDir = _folder.Path, Continue = true, Sha256 = true };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_rest_of_a_body_is_appended(string mode)
    {
        await using var server = new ScriptedServer(CutShort(), AnswerAndClose(Rest(100)));

        var broken = await ModeRun.FetchOneAsync(mode, server.Url("/a"), Options);
        _folder.Files.ShouldBe(["a.part", "a.part.meta"]);
        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/a"), Options);

        broken.Ok.ShouldBeFalse();
        server.Requests[0].ShouldNotContain("Range");
        server.Requests[1].ShouldContain("Range: bytes=100-\r\nIf-Range: \"v1\"\r\n");
        ShouldBeWhole(outcome);
        (outcome.Status, outcome.SizeDownload, outcome.SizeBody).ShouldBe((206, Body.Length - 100, Body.Length));
    }

    [Fact]
    public async Task A_retry_goes_on_where_the_attempt_before_broke_off()
    {
        await using var server = new ScriptedServer(CutShort(), AnswerAndClose(Rest(100)));

        var options = Options with { Retry = 1, RetryDelay = TimeSpan.FromMilliseconds(1) };
        var outcome = await ModeRun.FetchOneAsync("async", server.Url("/a"), options);

        ShouldBeWhole(outcome);
        outcome.Attempts.ShouldBe(2);
    }

    [Fact]
    public async Task Two_runs_in_one_folder_do_not_write_to_the_same_part()
    {
        var goOn = new TaskCompletionSource();
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Body.Length}\r\n{Tag}\r\n{Body[..100]}");
            await goOn.Task;
            await connection.SendAsync(Body[100..]);
        });

        var first = ModeRun.FetchOneAsync("async", server.Url("/a"), Options);
        await ModeRun.UntilAsync(() => _folder.Files.Length == 2);
        var second = ModeRun.FetchOneAsync("async", server.Url("/a"), Options);
        await ModeRun.UntilAsync(() => _folder.Files.Length == 3);
        goOn.SetResult();

        (await Task.WhenAll(first, second)).ShouldAllBe(outcome => outcome.Ok);
        _folder.Files.ShouldBe(["a", "a.1"]);
        _folder.Files.ShouldAllBe(file => File.ReadAllText(_folder[file]) == Body);
    }

    [Fact]
    public async Task A_body_that_changed_meanwhile_starts_over()
    {
        var changed = Body.ToUpperInvariant();
        await using var server = new ScriptedServer(CutShort(), AnswerAndClose(Ok(changed, "ETag: \"v2\"\r\n")));

        await ModeRun.FetchOneAsync("async", server.Url("/a"), Options);
        var outcome = await ModeRun.FetchOneAsync("async", server.Url("/a"), Options);

        ShouldBeWhole(outcome, changed);
    }

    public static TheoryData<string> Refusals =>
    [
        "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */50\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 99-9999/10000\r\nContent-Length: 9901\r\n\r\n",
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 100-199/10000\r\nContent-Length: 100\r\n\r\n",
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 100-199/200\r\nETag: \"v2\"\r\nContent-Length: 100\r\n\r\n",
        "HTTP/1.1 206 Partial Content\r\nContent-Length: 100\r\n\r\n",
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 100-199/200\r\nContent-Length: 99\r\n\r\n",
        "HTTP/1.1 206 Partial Content\r\nContent-Range: lines 100-199/200\r\nContent-Length: 100\r\n\r\n",
    ];

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task An_answer_that_does_not_continue_the_body_has_the_whole_asked_for(string refusal)
    {
        await using var server = new ScriptedServer(CutShort(), AnswerAndClose(refusal), AnswerAndClose(Ok(Body, Tag)));

        await ModeRun.FetchOneAsync("async", server.Url("/a"), Options);
        var outcome = await ModeRun.FetchOneAsync("async", server.Url("/a"), Options);

        server.Requests.Count.ShouldBe(3);
        server.Requests[2].ShouldNotContain("Range");
        ShouldBeWhole(outcome);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ETag: W/\"weak\"\r\n")]
    public async Task Without_a_strong_validator_nothing_is_kept(string fields)
    {
        await using var server = new ScriptedServer(CutShort(fields));

        await ModeRun.FetchOneAsync("async", server.Url("/a"), Options);

        _folder.Files.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("http://other/\n\"v1\"\n")]
    [InlineData("{url}\n\"v1")]
    public async Task A_part_whose_facts_are_torn_or_another_URLs_is_not_used(string facts)
    {
        await using var server = new ScriptedServer(AnswerAndClose(Ok(Body, Tag)));
        await File.WriteAllTextAsync(_folder["a.part"], "rubbish", TestContext.Current.CancellationToken);
        var text = facts.Replace("{url}", server.Url("/a"), StringComparison.Ordinal);
        await File.WriteAllTextAsync(_folder["a.part.meta"], text, TestContext.Current.CancellationToken);

        var outcome = await ModeRun.FetchOneAsync("async", server.Url("/a"), Options);

        server.Requests[0].ShouldNotContain("Range");
        ShouldBeWhole(outcome);
    }

    [Fact]
    public async Task A_whole_body_is_not_asked_for_again()
    {
        await using var server = new ScriptedServer(Answer(Ok(Body, Tag)));

        await ModeRun.FetchOneAsync("async", server.Url("/a"), Options);
        ShouldBeWhole((await ModeRun.FetchOneAsync("async", server.Url("/a"), Options)) with { Sha256 = HashOf(Body) });

        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_body_that_is_decoded_on_the_way_is_not_kept_in_part()
    {
        await using var server = new ScriptedServer(CutShort(Tag + "Content-Encoding: gzip\r\n"));

        await ModeRun.FetchOneAsync("async", server.Url("/a"), Options with { Compressed = true });

        _folder.Files.ShouldBeEmpty();
    }

    private static string Rest(int from) =>
        $"HTTP/1.1 206 Partial Content\r\n{Tag}Content-Range: bytes {from}-{Body.Length - 1}/{Body.Length}\r\n"
        + $"Content-Length: {Body.Length - from}\r\n\r\n{Body[from..]}";

    private static Func<ScriptedConnection, Task> CutShort(string fields = Tag) =>
        AnswerAndClose($"HTTP/1.1 200 OK\r\n{fields}Content-Length: {Body.Length}\r\n\r\n{Body[..100]}");

    private static string HashOf(string body) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(body)));

    private void ShouldBeWhole(Outcome outcome, string? body = null)
    {
        outcome.Ok.ShouldBeTrue(outcome.Message);
        outcome.SavedAs.ShouldBe(_folder["a"]);
        File.ReadAllText(outcome.SavedAs!).ShouldBe(body ?? Body);
        outcome.Sha256.ShouldBe(HashOf(body ?? Body));
        _folder.Files.ShouldBe(["a"]);
    }
}
