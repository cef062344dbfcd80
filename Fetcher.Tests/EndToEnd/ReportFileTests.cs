using System.Diagnostics;
using System.Text.Json;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.EndToEnd;

/// <summary>The files that <c>--report</c> names: what was there before, and what is no plain file.</summary>
public sealed class ReportFileTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TaskCompletionSource _goOn = new();

    public static TheoryData<string> Extensions => ["ndjson", "json", "csv", "md", "html", "svg", "har", "trace.json"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task An_older_file_is_whole_until_the_new_one_is(string extension)
    {
        var report = _folder[$"r.{extension}"];
        await File.WriteAllTextAsync(report, "of an earlier run");
        await using var server = new ScriptedServer(AnswerHeld);
        using var process = Start(server, report);
        await ModeRun.UntilAsync(() => server.Requests.Count > 0);
        (await File.ReadAllTextAsync(report)).ShouldBe("of an earlier run");

        _goOn.SetResult();
        await process.WaitForExitAsync();

        process.ExitCode.ShouldBe(0);
        (await File.ReadAllTextAsync(report)).ShouldNotContain("of an earlier run");
        _folder.Files.ShouldBe([$"r.{extension}"]);
    }

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task An_older_file_outlives_kill_9(string extension)
    {
        var report = _folder[$"r.{extension}"];
        await File.WriteAllTextAsync(report, "of an earlier run");
        await using var server = new ScriptedServer(AnswerHeld);
        using var process = Start(server, report);
        await ModeRun.UntilAsync(() => server.Requests.Count > 0);

        process.Signal("KILL");
        await process.WaitForExitAsync();

        (await File.ReadAllTextAsync(report)).ShouldBe("of an earlier run");
    }

    [Fact]
    public async Task Lines_can_be_read_while_a_new_file_grows()
    {
        var report = _folder["r.csv"];
        await using var server = new ScriptedServer(AnswerHeld);
        using var process = Start(server, report);

        await ModeRun.UntilAsync(() => File.Exists(report) && File.ReadAllText(report).StartsWith("index,", StringComparison.Ordinal));

        _goOn.SetResult();
        await process.WaitForExitAsync();
    }

    [Fact]
    public async Task A_link_stays_and_what_it_leads_to_is_written()
    {
        await File.WriteAllTextAsync(_folder["real.json"], "of an earlier run");
        File.CreateSymbolicLink(_folder["r.json"], "real.json");
        await using var server = new ScriptedServer(Answer(Ok()));

        (await FetcherProcess.RunAsync(server.Url(), "--report", _folder["r.json"])).ExitCode.ShouldBe(0);

        new FileInfo(_folder["r.json"]).LinkTarget.ShouldBe("real.json");
        JsonDocument.Parse(await File.ReadAllTextAsync(_folder["real.json"])).RootElement.GetProperty("results").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_FIFO_is_opened_once()
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        // cat sees the end of its input when the only writer has closed.
        var ran = await Shell.RunAsync(
            "mkfifo \"$1\"; cat \"$1\" & shift; \"$@\" >/dev/null; wait", _folder["r.json"], FetcherProcess.Executable, server.Url(), "--report", _folder["r.json"]);

        JsonDocument.Parse(ran.Output).RootElement.GetProperty("results").GetArrayLength().ShouldBe(1);
    }

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("INT", 130)]
    public async Task A_FIFO_that_nobody_reads_holds_no_signal_up(string signal, int status)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        await Shell.RunAsync("mkfifo \"$1\"", _folder["r.json"]);
        using var process = Start(server, _folder["r.json"]);

        // There is nothing to be seen of a process that waits to open a file but that it sleeps.
        await ModeRun.UntilAsync(() => CatchesSignals(process));
        process.Signal(signal);
        await process.WaitForExitAsync();

        process.ExitCode.ShouldBe(status);
        server.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/dev/fd/7")]
    [InlineData("/proc/self/fd/7")]
    public async Task A_descriptor_is_written_to_as_it_is(string descriptor)
    {
        File.CreateSymbolicLink(_folder["r.json"], descriptor);
        await using var server = new ScriptedServer(Answer(Ok()));

        var ran = await Shell.RunAsync(
            "exec 7>\"$1\"; echo before >&7; shift; \"$@\" >/dev/null; echo after >&7", _folder["out"], FetcherProcess.Executable, server.Url(), "--report", _folder["r.json"]);

        ran.Error.ShouldBe("");
        var lines = await File.ReadAllLinesAsync(_folder["out"]);
        (lines[0], lines[^1]).ShouldBe(("before", "after"));
        JsonDocument.Parse(string.Concat(lines[1..^1])).RootElement.GetProperty("results").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_descriptor_that_is_not_open_is_refused()
    {
        File.CreateSymbolicLink(_folder["r.json"], "/dev/fd/77");

        var ran = await FetcherProcess.RunAsync("http://127.0.0.1:1/", "--report", _folder["r.json"]);

        (ran.ExitCode, ran.Error.Split('\n')[0]).ShouldBe((2, $"fetcher: the report {_folder["r.json"]} cannot be written: descriptor 77 is not open"));
    }

    [Fact]
    public async Task A_body_gets_no_name_that_a_report_is_to_have()
    {
        await using var server = new ScriptedServer(AnswerByPath(path => Ok(path)));

        var ran = await FetcherProcess.RunAsync(server.Url("/{r.json,r.json.part,jar}"), "--output-dir", _folder.Path, "--report", _folder["r.json"], "-c", _folder["jar"]);

        ran.ExitCode.ShouldBe(0);
        _folder.Files.ShouldBe(["jar", "jar.1", "r.json", "r.json.1", "r.json.part_"]);
        JsonDocument.Parse(await File.ReadAllTextAsync(_folder["r.json"])).RootElement.GetProperty("results").GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public async Task A_comparison_leaves_an_older_file_whole_until_it_has_its_report()
    {
        var report = _folder["r.json"];
        await File.WriteAllTextAsync(report, "of an earlier run");
        await using var server = new ScriptedServer(AnswerHeld);
        using var process = StartComparison(server, report);
        await ModeRun.UntilAsync(() => server.Requests.Count > 0);

        process.Signal("KILL");
        await process.WaitForExitAsync();

        (await File.ReadAllTextAsync(report)).ShouldBe("of an earlier run");
    }

    [Fact]
    public async Task A_comparison_that_is_signalled_leaves_its_report()
    {
        var report = _folder["r.json"];
        await File.WriteAllTextAsync(report, "of an earlier run");
        await using var server = new ScriptedServer(AnswerHeld);
        using var process = StartComparison(server, report);
        await ModeRun.UntilAsync(() => server.Requests.Count > 0);

        process.SignalTwice("TERM");
        await process.WaitForExitAsync();

        process.ExitCode.ShouldBe(143);
        JsonDocument.Parse(await File.ReadAllTextAsync(report)).RootElement.GetProperty("comparisons").GetArrayLength().ShouldBe(1);
        _folder.Files.ShouldBe(["r.json"]);
    }

    private static Process Start(ScriptedServer server, string report)
    {
        var process = FetcherProcess.Start(server.Url(), "--report", report);
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        return process;
    }

    private static Process StartComparison(ScriptedServer server, string report)
    {
        var process = FetcherProcess.Start("compare", server.Url(), "--runs", "1", "--warmup", "0", "--report", report);
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        return process;
    }

    /// <summary>Whether a process has its handlers of SIGINT and SIGTERM (proc(5), SigCgt).</summary>
    private static bool CatchesSignals(Process process)
    {
        const ulong Both = (1UL << (2 - 1)) | (1UL << (15 - 1));
        var line = File.ReadLines($"/proc/{process.Id}/status").FirstOrDefault(line => line.StartsWith("SigCgt:", StringComparison.Ordinal));
        return line is not null && (Convert.ToUInt64(line[7..].Trim(), 16) & Both) == Both;
    }

    private async Task AnswerHeld(ScriptedConnection connection)
    {
        await connection.ReadRequestAsync();
        await _goOn.Task;
        await connection.SendAsync(Ok());
    }
}
