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
                : "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nbeginning");
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
