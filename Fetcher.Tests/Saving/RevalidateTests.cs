using Fetcher.Core;
using Fetcher.Core.Work;
using Fetcher.Core.Work.Journals;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Saving;

/// <summary><c>--revalidate</c>: asks only whether what an earlier run fetched still holds; that it does counts as fetched.</summary>
public sealed class RevalidateTests : IDisposable
{
    private const string Date = "Sun, 06 Nov 1994 08:49:37 GMT";

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Modes => ModeRun.All;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_has_not_changed_is_not_sent_again_and_counts_as_fetched(string mode)
    {
        await using var server = new ScriptedServer(Origin());
        string[] urls = [server.Url("/tag"), server.Url("/date"), server.Url("/none")];
        var options = ModeRun.Options with { Sha256 = true, OutputDir = _folder["out"], AcceptStatus = StatusSet.Parse("200") };

        var first = await RunAsync(mode, "1", options, urls);
        var again = await RunAsync(mode, "2", options with { RevalidatePath = _folder["1"] }, urls);
        var third = await RunAsync(mode, "3", options with { RevalidatePath = _folder["2"] }, urls);

        first.ShouldAllBe(outcome => outcome.Ok && outcome.Status == 200);
        again.Select(outcome => (outcome.Ok, outcome.Status)).ShouldBe([(true, 304), (true, 304), (true, 200)]);
        third.Select(outcome => (outcome.Ok, outcome.Status)).ShouldBe([(true, 304), (true, 304), (true, 200)]);
        again.Take(2).Select(outcome => (outcome.Sha256, outcome.SavedAs)).ShouldBe(first.Take(2).Select(outcome => (outcome.Sha256, outcome.SavedAs)));
        (again[0].SizeDownload, again[0].SizeBody, again[0].Attempts).ShouldBe((0, 0, 1));
        _folder.Files.Where(file => file.StartsWith("out", StringComparison.Ordinal)).Count().ShouldBe(5, "what has no validator is fetched each time");
    }

    [Fact]
    public async Task What_has_changed_is_fetched_and_recorded_anew()
    {
        var tag = "\"v1\"";
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                var isSame = request.Contains($"If-None-Match: {tag}", StringComparison.Ordinal);
                await connection.SendAsync(isSame ? Response("304 Not Modified") : Ok($"body {tag}", $"ETag: {tag}\r\n"));
            }
        });

        await RunAsync("async", "1", ModeRun.Options, server.Url());
        tag = "\"v2\"";
        var changed = await RunAsync("async", "2", ModeRun.Options with { RevalidatePath = _folder["1"] }, server.Url());
        var same = await RunAsync("async", "3", ModeRun.Options with { RevalidatePath = _folder["2"] }, server.Url());

        (changed[0].Status, changed[0].SizeBody, same[0].Status).ShouldBe((200, 9, 304));
    }

    [Fact]
    public async Task A_lost_file_is_fetched_again()
    {
        await using var server = new ScriptedServer(Origin());
        var options = ModeRun.Options with { OutputDir = _folder["out"] };
        var first = await RunAsync("async", "1", options, server.Url("/tag"));
        File.Delete(first[0].SavedAs!);

        var again = await RunAsync("async", "2", options with { RevalidatePath = _folder["1"] }, server.Url("/tag"));

        (again[0].Status, again[0].SavedAs).ShouldBe((200, first[0].SavedAs));
    }

    [Fact]
    public async Task The_question_is_put_to_the_URL_that_answered()
    {
        await using var server = new ScriptedServer(AnswerByPath(path => path == "/from"
            ? Response("302 Found", "", "ETag: \"of the redirect\"\r\nLocation: /tag\r\n")
            : Ok("body", "ETag: \"v1\"\r\n")));

        await RunAsync("async", "1", ModeRun.Options, server.Url("/from"));
        await RunAsync("async", "2", ModeRun.Options with { RevalidatePath = _folder["1"] }, server.Url("/from"));

        server.Requests.Select(request => request.Contains("If-None-Match: \"v1\"", StringComparison.Ordinal)).ShouldBe([false, false, false, true]);
    }

    [Fact]
    public async Task A_304_that_nobody_asked_for_is_no_answer_to_a_question()
    {
        await using var server = new ScriptedServer(Answer(Response("304 Not Modified")));

        var outcomes = await RunAsync("async", "1", ModeRun.Options with { AcceptStatus = StatusSet.Parse("200") }, server.Url());

        outcomes[0].Error.ShouldBe(FetchErrorKind.HttpStatus);
    }

    [Fact]
    public async Task In_the_archive_it_is_a_revisit()
    {
        await using var server = new ScriptedServer(Origin());
        await RunAsync("async", "1", ModeRun.Options, server.Url("/tag"));

        await RunAsync("async", "2", ModeRun.Options with { RevalidatePath = _folder["1"], WarcPath = _folder["a.warc"] }, server.Url("/tag"));

        // The archive is written by a thread of its own.
        await ModeRun.UntilAsync(() => File.ReadAllText(_folder["a.warc"]).Contains("WARC-Type: revisit\r\n", StringComparison.Ordinal));
    }

    private static Func<ScriptedConnection, Task> Origin() => async connection =>
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            var isSame = request.Contains("If-None-Match: \"v1\"\r\n", StringComparison.Ordinal)
                || request.Contains($"If-Modified-Since: {Date}\r\n", StringComparison.Ordinal);
            await connection.SendAsync(request.Split(' ')[1] switch
            {
                _ when isSame => "HTTP/1.1 304 Not Modified\r\n\r\n",
                "/tag" => Ok("tag", "ETag: \"v1\"\r\n"),
                "/date" => Ok("date", $"Last-Modified: {Date}\r\n"),
                _ => Ok("none"),
            });
        }
    };

    private async Task<IReadOnlyList<Outcome>> RunAsync(string mode, string journalName, FetchOptions options, params string[] urls)
    {
        var sink = new MemorySink();
        using var file = new JournalFile(_folder[journalName]);
        using var journal = new Journal(file, mode, new ListWork(new MemorySource(urls), sink));
        await ModeRun.RunAsync(mode, options with { JournalPath = _folder[journalName] }, journal);
        journal.End();
        return [.. sink.Outcomes.OrderBy(outcome => outcome.Index)];
    }
}
