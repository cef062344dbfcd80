using System.Text.Json;
using Fetcher.Core.Interop;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.EndToEnd;

/// <summary>A run with a journal that is killed, and run again: nothing is lost, and nothing is there twice.</summary>
public sealed class KilledRunTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task After_kill_9_every_body_is_there_once()
    {
        const int Bodies = 2000;
        await using var server = new ScriptedServer(AnswerByPath(path => Ok(path)));
        string[] arguments = Arguments(server.Url("/[1-2000]"), "--concurrency", "8", "--rate", "2000/s");
        using (var killed = FetcherProcess.Start(arguments))
        {
            var output = killed.StandardOutput.ReadToEndAsync();
            await ModeRun.UntilAsync(() => server.Requests.Count > Bodies / 4);
            killed.Signal("KILL");
            await killed.WaitForExitAsync();
            await output;
        }

        await NextStampAsync();
        var ran = await FetcherProcess.RunAsync(arguments);

        (ran.ExitCode, ran.Error).ShouldBe((0, ""));
        Paths(ran).ShouldBe([.. Enumerable.Range(1, Bodies).Select(i => _folder[$"out/{i}"]).Order(StringComparer.Ordinal)]);
        Directory.GetFileSystemEntries(_folder["out"]).Length.ShouldBe(Bodies);
    }

    [Fact]
    public async Task A_body_that_was_saved_and_not_recorded_is_taken_and_one_that_was_recorded_is_not()
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        string[] arguments = Arguments(server.Url("/a"), "--count", "3", "--concurrency", "1");
        Paths(await FetcherProcess.RunAsync(arguments)).ShouldBe([_folder["out/a"], _folder["out/a.1"], _folder["out/a.2"]]);
        ForgetAllButFirst();
        await NextStampAsync();

        Paths(await FetcherProcess.RunAsync(arguments)).ShouldBe([_folder["out/a"], _folder["out/a.1"], _folder["out/a.2"]]);
        Directory.GetFileSystemEntries(_folder["out"]).Length.ShouldBe(3);
    }

    [Theory]
    [InlineData("HELLO")]
    [InlineData("hell")]
    public async Task A_file_with_anything_else_in_it_is_left_alone(string content)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        string[] arguments = Arguments(server.Url("/a"), "--count", "2", "--concurrency", "1");
        await FetcherProcess.RunAsync(arguments);
        ForgetAllButFirst();
        await File.WriteAllTextAsync(_folder["out/a.1"], content, TestContext.Current.CancellationToken);

        Paths(await FetcherProcess.RunAsync(arguments)).ShouldBe([_folder["out/a"], _folder["out/a.2"]]);
        (await File.ReadAllTextAsync(_folder["out/a.1"], TestContext.Current.CancellationToken)).ShouldBe(content);
    }

    private static string?[] Paths(Ran ran) =>
        [.. ran.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("saved_as").GetString()).Order(StringComparer.Ordinal)];

    private string[] Arguments(string url, params string[] options) =>
        [url, "--output-dir", _folder["out"], "--journal", _folder["journal"], "--format", "ndjson", .. options];

    /// <summary>The clock of files goes in steps: waits until a file that is written now is younger than all that are there.</summary>
    private static Task NextStampAsync()
    {
        var now = Libc.FileClock();
        return ModeRun.UntilAsync(() => Libc.FileClock() > now);
    }

    private void ForgetAllButFirst() => File.WriteAllLines(_folder["journal"], File.ReadLines(_folder["journal"]).Take(1).ToArray());
}
