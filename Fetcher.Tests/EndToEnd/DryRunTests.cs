using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.EndToEnd;

/// <summary>--dry-run: what would be fetched, and where it would be saved.</summary>
public sealed class DryRunTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_names_the_URLs_and_asks_for_nothing()
    {
        var ran = await FetcherProcess.RunAsync("http://user:secret@127.0.0.1:1/a\nnonsense\n", ["-", "http://127.0.0.1:1/{b,c}", "--dry-run"]);

        (ran.ExitCode, ran.Output).ShouldBe((1, "http://127.0.0.1:1/a\nhttp://127.0.0.1:1/b\nhttp://127.0.0.1:1/c\n"));
        ran.Error.ShouldStartWith("fetcher: -:2: ");
        ran.Error.ShouldEndWith("fetcher: 3 would be fetched, 1 are no URLs\n");
    }

    [Fact]
    public async Task The_files_are_those_that_the_run_makes()
    {
        await using var server = new ScriptedServer(AnswerByPath(path => Ok(path)));
        Directory.CreateDirectory(_folder["out/d"]);
        await File.WriteAllTextAsync(_folder["out/d/x"], "mine", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder["out/e"], "mine", TestContext.Current.CancellationToken);
        string[] arguments =
        [
            server.Url("/d/x"), server.Url("/d/{y,y}?q=1"), server.Url("/e/f"), server.Url("/"), "--output-dir", _folder["out"],
            "--output-template", "{path}/{name}", "--concurrency", "1",
        ];

        var planned = await FetcherProcess.RunAsync([.. arguments, "--dry-run", "-q"]);
        var before = _folder.Files;
        var ran = await FetcherProcess.RunAsync([.. arguments, "-w", @"%{url}\t%{saved_as}\n"]);

        before.ShouldBe(["out/d/x", "out/e"], ignoreOrder: true);
        planned.Output.ShouldBe(ran.Output);
        ran.Lines.Length.ShouldBe(5);
        server.Requests.Count.ShouldBe(5);
    }

    [Fact]
    public async Task What_is_there_or_in_the_journal_is_left_out_and_nothing_changes()
    {
        await using var server = new ScriptedServer(AnswerByPath(path => path == "/bad" ? Response("404 Not Found") : Ok(path)));
        string[] saving = [server.Url("/{a,bad}"), "--output-dir", _folder["out"], "--skip-existing"];
        string[] recording = [server.Url("/{a,bad}"), "--journal", _folder["journal"]];
        await FetcherProcess.RunAsync(saving);
        await FetcherProcess.RunAsync(recording);
        await File.AppendAllTextAsync(_folder["journal"], "{\"ind", TestContext.Current.CancellationToken);

        (await FetcherProcess.RunAsync([.. saving, "--dry-run"])).ShouldSatisfyAllConditions(
            ran => ran.Output.ShouldBe($"{server.Url("/bad")}\t{_folder["out/bad"]}\n"),
            ran => ran.Error.ShouldBe("fetcher: 1 would be fetched, 1 have been fetched already\n"));
        (await FetcherProcess.RunAsync([.. recording, "--dry-run"])).Output.ShouldBe(server.Url("/bad") + "\n");
        (await File.ReadAllTextAsync(_folder["journal"], TestContext.Current.CancellationToken)).ShouldEndWith("{\"ind");
        (await FetcherProcess.RunAsync(server.Url(), "--journal", _folder["none"], "--dry-run")).ExitCode.ShouldBe(0);
        File.Exists(_folder["none"]).ShouldBeFalse();
    }

    [Fact]
    public async Task A_journal_of_another_list_is_refused()
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        await FetcherProcess.RunAsync(server.Url("/a"), "--journal", _folder["journal"]);

        var ran = await FetcherProcess.RunAsync(server.Url("/b"), "--journal", _folder["journal"], "--dry-run");

        (ran.ExitCode, ran.Output).ShouldBe((2, ""));
        ran.Error.ShouldContain("of another list");
    }
}
