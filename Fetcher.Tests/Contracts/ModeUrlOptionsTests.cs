using Fetcher.Core;
using Fetcher.Core.Work;
using Fetcher.Core.Work.Journals;
using Fetcher.Tests.Fetch;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>What a line of the list says of its URL alone, under every mode.</summary>
public sealed class ModeUrlOptionsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public static TheoryData<string> Modes => ModeRun.All;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task HEAD_asks_for_no_body_and_keeps_the_connection(string mode)
    {
        await using var server = new ScriptedServer(Answer(
            "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nContent-Type: text/html\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
            Ok("body")));
        var head = server.Url("/head");

        var outcomes = await RunAsync(
            mode,
            ModeRun.Options with { Compressed = true, Sha256 = true, MaxFileSize = 100 },
            [.. Enumerable.Repeat($$"""{"url":"{{head}}","method":"HEAD"}""", 3), server.Url("/get")]);

        outcomes.ShouldAllBe(outcome => outcome.Ok);
        outcomes.Select(outcome => (outcome.Status, outcome.SizeDownload)).ShouldBe([(200, 0L), (200, 0L), (200, 0L), (200, 4L)]);
        outcomes[0].ShouldSatisfyAllConditions(o => o.ContentType.ShouldBe("text/html"), o => o.Sha256.ShouldBeNull());
        server.Requests.Select(request => request.Split('\r')[0]).ShouldBe(
            [.. Enumerable.Repeat("HEAD /head HTTP/1.1", 3), "GET /get HTTP/1.1"]);
        server.Connections.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task HEAD_stays_HEAD_after_a_redirect(string mode)
    {
        await using var server = new ScriptedServer(Answer("HTTP/1.1 303 See Other\r\nLocation: /b\r\nContent-Length: 5\r\n\r\n", Response("200 OK")));

        var outcome = (await RunAsync(mode, ModeRun.Options, $$"""{"url":"{{server.Url("/a")}}","method":"HEAD"}""")).ShouldHaveSingleItem();

        (outcome.Ok, outcome.NumRedirects).ShouldBe((true, 1), outcome.Message);
        server.Requests.ShouldAllBe(request => request.StartsWith("HEAD /", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Headers_of_a_line_take_the_place_of_the_runs(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        var url = server.Url();
        var options = ModeRun.Options with { Headers = [new("X-Run", "run"), new("X-Both", "run")] };

        await RunAsync(mode, options, $$"""{"headers":{"x-both":"line","X-Line":"é","User-Agent":null},"url":"{{url}}"}""", url);

        server.Requests[0].ShouldSatisfyAllConditions(
            request => request.ShouldContain("X-Run: run\r\n"),
            request => request.ShouldContain("x-both: line\r\n"),
            request => request.ShouldContain("X-Line: \u00c3\u00a9\r\n"),
            request => request.ShouldNotContain("X-Both: run"),
            request => request.ShouldNotContain("User-Agent"));
        server.Requests[1].ShouldContain("X-Both: run\r\n");
    }

    [Fact]
    public async Task A_secret_header_of_a_line_is_not_sent_to_another_origin()
    {
        await using var other = new ScriptedServer(Answer(Ok()));
        await using var server = new ScriptedServer(Answer(Response("302 Found", "", $"Location: {other.Url()}\r\n")));

        await RunAsync("async", ModeRun.Options, $$"""{"headers":{"Authorization":"secret","X-A":"b"},"url":"{{server.Url()}}"}""");

        server.Requests.ShouldHaveSingleItem().ShouldContain("secret");
        other.Requests.ShouldHaveSingleItem().ShouldSatisfyAllConditions(r => r.ShouldNotContain("secret"), r => r.ShouldContain("X-A: b"));
    }

    [Fact]
    public async Task Save_as_names_the_file_and_never_leads_out_of_the_folder()
    {
        await using var server = new ScriptedServer(AnswerByPath(path => Ok(path)));
        string[] paths = ["a/b.html", "../../up", "/etc/passwd", "a/../c", ".", "nul\\u0000", "a/b.html", "x.part"];
        string[] lines = [.. paths.Select((path, i) => $$"""{"url":"{{server.Url($"/{i}")}}","save_as":"{{path}}"}""")];

        var outcomes = await RunAsync("async", ModeRun.Options with { OutputDir = _folder["deep/out"] }, lines);

        outcomes.Select(outcome => Path.GetRelativePath(_folder["deep/out"], outcome.SavedAs!)).ShouldBe(
            ["a/b.html", "__/__/up", "etc/passwd", "a/__/c", "_", "nul_", "a/b.html.1", "x.part_"]);
        outcomes.ShouldAllBe(outcome => File.ReadAllText(outcome.SavedAs!) == $"/{outcome.Index}");
        _folder.Files.ShouldAllBe(file => file.StartsWith("deep/out/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_of_an_earlier_run_under_save_as_is_not_fetched_again()
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        var line = $$"""{"url":"{{server.Url()}}","save_as":"a/b","id":1}""";
        var options = ModeRun.Options with { OutputDir = _folder["out"], SkipExisting = true };

        await RunAsync("async", options, line);
        var again = (await RunAsync("async", options, line)).ShouldHaveSingleItem();

        (again.Ok, again.Attempts, again.SavedAs, again.Id).ShouldBe((true, 0, _folder["out/a/b"], new UrlId("1", IsNumber: true)));
    }

    [Fact]
    public async Task A_bad_line_is_a_result_that_names_its_place_and_the_others_go_on()
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var outcomes = await RunAsync(
            "async", ModeRun.Options, """{"url":"http://a/","id":"x","method":"PUT"}""", $$"""{"url":"{{server.Url()}}","save_as":"a"}""", server.Url());

        outcomes.Select(outcome => (outcome.Error, outcome.Message)).ShouldBe(
        [
            (FetchErrorKind.BadUrl, "-:1: the method \"PUT\" is neither GET nor HEAD"),
            (FetchErrorKind.BadUrl, "-:2: save_as needs --output-dir, the folder to save in"),
            (null, null),
        ]);
        outcomes[0].ShouldSatisfyAllConditions(o => o.Id.ShouldBe(new UrlId("x")), o => o.Url.ShouldBe("http://a/"), o => o.ExitCode.ShouldBe(3));
        outcomes[2].Id.ShouldBeNull();
    }

    [Fact]
    public async Task What_a_journal_has_comes_back_with_the_id_of_its_line()
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        var line = $$"""{"url":"{{server.Url()}}","id":"x"}""";

        (await RunWithJournalAsync(line)).Attempts.ShouldBe(1);
        var again = await RunWithJournalAsync(line);

        (again.Attempts, again.Id).ShouldBe((0, new UrlId("x")));
    }

    private static async Task<IReadOnlyList<Outcome>> RunAsync(string mode, FetchOptions options, params string[] lines)
    {
        using var source = SourceTesting.FromPipe(string.Concat(lines.Select(line => line + "\n")));
        var sink = new MemorySink();
        await ModeRun.RunAsync(mode, options, source, sink);
        return [.. sink.Outcomes.OrderBy(outcome => outcome.Index)];
    }

    private async Task<Outcome> RunWithJournalAsync(string line)
    {
        using var source = SourceTesting.FromPipe(line + "\n");
        var sink = new MemorySink();
        using var journal = new Journal(new JournalFile(_folder["journal"]), "async", new ListWork(source, sink));
        await ModeRun.RunAsync("async", ModeRun.Options, journal);
        journal.End();
        return sink.Outcomes.ShouldHaveSingleItem();
    }
}
