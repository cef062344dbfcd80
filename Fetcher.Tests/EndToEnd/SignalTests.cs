using System.Diagnostics;
using System.Text.Json;
using Fetcher.Commands;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.EndToEnd;

/// <summary>SIGINT and SIGTERM from outside, in every mode: what is written, what is left on disk, and the exit status.</summary>
public sealed class SignalTests
{
    private const int Rounds = 1_000_000;

    private readonly TaskCompletionSource _goOn = new();

    public static TheoryData<string, string, int> ModesAndSignals =>
        [.. ModeRun.All.Select(mode => (mode.Data, "INT", 130)), ("async", "TERM", 143), ("async", "HUP", 143)];

    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(ModesAndSignals))]
    public async Task The_first_lets_what_is_under_way_end_and_writes_the_whole_report(string mode, string signal, int status)
    {
        await using var server = new ScriptedServer(HoldHalf);
        using var folder = new TempFolder();
        var report = Path.Combine(folder.Path, "report.json");
        using var process = Start(mode, folder.Path, server, "--report", report);
        var output = process.StandardOutput.ReadToEndAsync();
        await ModeRun.UntilAsync(() => server.Requests.Count > 0);

        process.Signal(signal);
        _goOn.SetResult();
        await process.WaitForExitAsync();

        // The signal may come through a little later than the server's answer: what then begins is whole, too.
        process.ExitCode.ShouldBe(status);
        var lines = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBeInRange(1, Rounds - 1);
        lines.ShouldAllBe(line => JsonDocument.Parse(line, default).RootElement.GetProperty("error").ValueKind == JsonValueKind.Null);
        var summary = JsonDocument.Parse(await File.ReadAllTextAsync(report)).RootElement.GetProperty("summary");
        (summary.GetProperty("urls").GetInt32(), summary.GetProperty("ok").GetInt32()).ShouldBe((lines.Length, lines.Length));
        Directory.GetFiles(folder.Path).ShouldBe([report]);
        var bodies = Directory.GetFiles(Path.Combine(folder.Path, "out"));
        bodies.Length.ShouldBe(lines.Length);
        bodies.ShouldAllBe(body => File.ReadAllText(body) == "helloworld");
        server.Requests.Count.ShouldBe(lines.Length);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_has_not_ended_after_the_grace_is_cancelled_and_leaves_no_file(string mode)
    {
        await using var server = new ScriptedServer(HoldHalf);
        using var folder = new TempFolder();
        using var process = Start(mode, folder.Path, server, "--grace", "0.05");
        var output = process.StandardOutput.ReadToEndAsync();
        await ModeRun.UntilAsync(() => server.Requests.Count > 0);

        process.Signal("TERM");
        await process.WaitForExitAsync();

        process.ExitCode.ShouldBe(143);
        var result = JsonDocument.Parse(await output).RootElement;
        result.GetProperty("error").GetProperty("kind").GetString().ShouldBe("cancelled");
        Directory.GetFileSystemEntries(Path.Combine(folder.Path, "out")).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_second_ends_at_once_and_leaves_nothing_under_its_final_name(string mode)
    {
        await using var server = new ScriptedServer(HoldHalf);
        using var folder = new TempFolder();
        var report = Path.Combine(folder.Path, "report.json");
        using var process = Start(mode, folder.Path, server, "--grace", "1000", "--report", report);
        var output = process.StandardOutput.ReadToEndAsync();
        await ModeRun.UntilAsync(() => server.Requests.Count > 0);

        process.Signal("INT");
        await Task.Delay(2 * TerminationSignals.Stroke);
        process.Signal("TERM");
        await process.WaitForExitAsync();

        process.ExitCode.ShouldBe(130);
        (await output).ShouldBeEmpty();
        Directory.GetFiles(Path.Combine(folder.Path, "out")).ShouldAllBe(path => Path.GetFileName(path).StartsWith(".fetcher-"));
        File.Exists(report).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Two_of_one_stroke_are_one_request_and_the_report_is_whole(string mode)
    {
        await using var server = new ScriptedServer(HoldHalf);
        using var process = FetcherProcess.Start(
            server.Url(), "--count", "3", "--concurrency", "1", "--grace", "0.05", "--format", "json", "--mode", mode);
        var output = process.StandardOutput.ReadToEndAsync();
        await ModeRun.UntilAsync(() => server.Requests.Count > 0);

        process.SignalTwice("TERM");
        await process.WaitForExitAsync();

        process.ExitCode.ShouldBe(143);
        var json = JsonDocument.Parse(await output).RootElement;
        json.GetProperty("results").GetArrayLength().ShouldBe(1);
        json.GetProperty("summary").GetProperty("not_started").GetInt64().ShouldBe(2);
    }

    [Theory]
    [InlineData("-b")]
    [InlineData("--cacert")]
    public async Task A_FIFO_that_nobody_writes_does_not_hold_one_up(string option)
    {
        using var folder = new TempFolder();
        var fifo = folder["fifo"];
        await Shell.RunAsync("mkfifo \"$1\"", fifo);
        using var process = FetcherProcess.Start("http://127.0.0.1:1/", option, fifo);

        // Opened, once fetcher reads it, and nothing is written.
        await using var writer = await Task.Run(() => new FileStream(fifo, FileMode.Open, FileAccess.Write));
        process.Signal("TERM");
        await process.WaitForExitAsync();

        process.ExitCode.ShouldBe(143);
        (await process.StandardOutput.ReadToEndAsync()).ShouldBe("");
    }

    [Fact]
    public async Task A_list_that_nobody_writes_does_not_hold_one_up_in_compare()
    {
        using var folder = new TempFolder();
        var fifo = folder["fifo"];
        await Shell.RunAsync("mkfifo \"$1\"", fifo);
        using var process = FetcherProcess.Start("compare", fifo);
        await using var writer = await Task.Run(() => new FileStream(fifo, FileMode.Open, FileAccess.Write));

        process.Signal("TERM");
        await process.WaitForExitAsync();

        process.ExitCode.ShouldBe(143);
    }

    [Fact]
    public async Task Under_nohup_a_hang_up_is_ignored()
    {
        await using var server = new ScriptedServer(HoldHalf);
        using var process = Process.Start(
            new ProcessStartInfo("/bin/bash", ["-c", "trap '' HUP; exec \"$@\"", "bash", FetcherProcess.Executable, server.Url(), "--format", "ndjson"])
            {
                RedirectStandardOutput = true,
            })!;
        await ModeRun.UntilAsync(() => server.Requests.Count > 0);

        process.Signal("HUP");
        _goOn.SetResult();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        process.ExitCode.ShouldBe(0, output);
    }

    private static Process Start(string mode, string folder, ScriptedServer server, params string[] options)
    {
        var process = FetcherProcess.Start(
        [
            server.Url("/body.txt"), "--count", $"{Rounds}", "--concurrency", "1", "--mode", mode, "--format", "ndjson",
            "--output-dir", Path.Combine(folder, "out"), .. options,
        ]);
        process.StandardInput.Close();
        return process;
    }

    private async Task HoldHalf(ScriptedConnection connection)
    {
        await connection.ReadRequestAsync();
        await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
        await _goOn.Task;
        await connection.SendAsync("world");
    }
}
