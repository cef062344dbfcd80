using Fetcher.Core.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Saving;

/// <summary>Unfinished bodies of runs that were killed go away with the next run in their folder, and nobody else's do.</summary>
public sealed class LeftoverTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_killed_run_left_is_removed_and_what_a_living_one_writes_is_not()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            var request = await connection.ReadRequestAsync();
            await connection.SendAsync(request!.Contains("/last", StringComparison.Ordinal)
                ? Ok()
                : "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + new string('x', 50_000));
            await connection.HoldAsync();
        });
        using var killed = Fetch(server.Url("/killed"));
        using var living = Fetch(server.Url("/living"));
        await ModeRun.UntilAsync(() => _folder.Files.Length == 2);
        killed.Signal("KILL");
        await killed.WaitForExitAsync(TestContext.Current.CancellationToken);
        _folder.Files.Length.ShouldBe(2);

        var ran = await FetcherProcess.RunAsync(server.Url("/last"), "--output-dir", _folder.Path);

        ran.ExitCode.ShouldBe(0);
        var left = _folder.Files;
        living.Signal("KILL");
        left.Length.ShouldBe(2);
        left[0].ShouldStartWith(".fetcher-");
        left[1].ShouldBe("last");
    }

    [Theory]
    [InlineData(".fetcher-0123456789abcdef.tmp", true)]
    [InlineData(".fetcher-0123456789abcdef.txt", false)]
    [InlineData("fetcher-0123456789abcdef.tmp", false)]
    public async Task Only_names_of_fetchers_own_are_removed(string name, bool isRemoved)
    {
        await File.WriteAllTextAsync(_folder[name], "rest", TestContext.Current.CancellationToken);
        await using var server = new ScriptedServer(Answer(Ok()));

        await ModeRun.FetchOneAsync("async", server.Url("/a"), ModeRun.Options with { OutputDir = _folder.Path });

        _folder.Files.Contains(name).ShouldBe(!isRemoved);
    }

    [Fact]
    public async Task Links_and_folders_under_such_names_are_left_alone()
    {
        Directory.CreateDirectory(_folder[".fetcher-folder.tmp"]);
        await File.WriteAllTextAsync(_folder["mine"], "text", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(_folder[".fetcher-link.tmp"], _folder["mine"]);
        await using var server = new ScriptedServer(Answer(Ok()));

        await ModeRun.FetchOneAsync("async", server.Url("/a"), ModeRun.Options with { OutputDir = _folder.Path });

        _folder.Files.ShouldBe([".fetcher-link.tmp", "a", "mine"]);
    }

    [Fact]
    public async Task Bodies_under_way_survive_another_process_that_clears_the_folder_all_the_time()
    {
        const int Bodies = 3000;
        await using var server = new ScriptedServer(AnswerByPath(path => Ok(path)));
        var run = FetcherProcess.RunAsync(server.Url("/[1-3000]"), "--output-dir", _folder.Path, "--concurrency", "20", "--format", "ndjson", "--retry", "0");
        var place = new OutputFolder(_folder.Path).Open([]);
        while (!run.IsCompleted)
        {
            await Task.Run(() => Leftovers.Clear(place));
        }

        var ran = await run;
        ran.Lines.Where(line => !line.Contains("\"ok\":true", StringComparison.Ordinal)).ShouldBeEmpty();
        ran.ExitCode.ShouldBe(0, ran.Error);
        _folder.Files.Length.ShouldBe(Bodies);
    }

    [Fact]
    public async Task Two_processes_in_one_folder_lose_no_body()
    {
        // Each begins with the sweep of every folder it comes into, and there are many.
        const int Bodies = 600;
        await using var server = new ScriptedServer(AnswerByPath(path => Ok(path)));
        string[] arguments =
        [
            server.Url("/{a,b,c}/[1-200]"), "--output-dir", _folder.Path, "--output-template", "{path}", "--concurrency", "20", "--format", "ndjson",
            "--retry", "0",
        ];

        var both = await Task.WhenAll(FetcherProcess.RunAsync(arguments), FetcherProcess.RunAsync(arguments));

        both.ShouldAllBe(ran => ran.ExitCode == 0);
        _folder.Files.Length.ShouldBe(2 * Bodies);
    }

    [Fact]
    public async Task No_body_gets_such_a_name()
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var outcome = await ModeRun.FetchOneAsync(
            "async", server.Url("/.fetcher-0123456789abcdef.tmp"), ModeRun.Options with { OutputDir = _folder.Path });

        outcome.SavedAs.ShouldBe(_folder["_.fetcher-0123456789abcdef.tmp"]);
    }

    private System.Diagnostics.Process Fetch(string url) =>
        FetcherProcess.Start(url, "--output-dir", _folder.Path, "--retry", "0");
}
