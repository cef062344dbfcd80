using System.Text.Json;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.EndToEnd;

/// <summary>Outputs that are closed or full, too little memory, and system calls that fail (injected by strace(1)).</summary>
public sealed class SystemFaultTests
{
    private const string NeedsStrace = "strace -f --seccomp-bpf -o /dev/null true";

    [Fact]
    public async Task A_closed_standard_output_is_told_and_nothing_of_the_report_goes_to_a_server()
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var ran = await Shell.RunAsync("exec \"$@\" >&-", [FetcherProcess.Executable, server.Url(), "--count", "200", "--format", "ndjson"]);

        ran.ExitCode.ShouldBe(1);
        ran.Error.ShouldContain("standard output is incomplete");
        server.Requests.ShouldAllBe(request => request.StartsWith("GET / HTTP/1.1\r\n"));
    }

    [Fact]
    public async Task All_standard_streams_may_be_closed()
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        using var folder = new TempFolder();

        var ran = await Shell.RunAsync(
            "exec \"$@\" <&- >&- 2>&-",
            [FetcherProcess.Executable, server.Url(), "--count", "200", "--report", folder["all.ndjson"], "--output-dir", folder["out"]]);

        ran.ExitCode.ShouldBe(1);
        (await File.ReadAllLinesAsync(folder["all.ndjson"])).Length.ShouldBe(200);
        Directory.GetFiles(folder["out"]).ShouldAllBe(path => File.ReadAllText(path) == "hello");
        server.Requests.ShouldAllBe(request => request.StartsWith("GET / HTTP/1.1\r\n"));
    }

    [Fact]
    public async Task A_full_disk_under_standard_output_is_told()
    {
        var ran = await Shell.RunAsync("exec \"$@\" >/dev/full", [FetcherProcess.Executable, "http://127.0.0.1:1/", "--retry", "0", "--format", "json"]);

        ran.ExitCode.ShouldBe(1);
        ran.Error.ShouldContain("No space left on device");
    }

    [Fact]
    [Trait("needs", "root")]
    public async Task A_full_disk_under_reports_and_bodies_is_told_and_leaves_nothing_under_a_final_name()
    {
        await using var server = new ScriptedServer(Answer(Ok(new string('x', 100_000))));
        using var folder = new TempFolder();
        using var disk = TinyDisk.Mount(folder["disk"], "64k");

        var ran = await FetcherProcess.RunAsync(
            server.Url(), "--count", "120", "--output-dir", folder["disk"], "--report", folder["disk/r.json"], "--format", "ndjson");

        ran.ExitCode.ShouldBe(1);
        ran.Lines.Length.ShouldBe(120);
        ran.Lines.ShouldAllBe(line => JsonDocument.Parse(line, default).RootElement.GetProperty("error").GetProperty("kind").GetString() == "write");
        ran.Error.ShouldContain("r.json.part is incomplete");
        Directory.GetFiles(folder["disk"]).ShouldBe([folder["disk/r.json.part"]]);
    }

    [Fact]
    [Trait("needs", "root")]
    public async Task A_full_disk_under_the_journal_ends_the_run_and_the_same_command_goes_on_once_there_is_room()
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        using var folder = new TempFolder();
        using var disk = TinyDisk.Mount(folder["disk"], "64k");
        string[] arguments = [server.Url("/?" + new string('x', 100)), "--count", "1000", "--journal", folder["disk/journal"], "--format", "ndjson"];

        var full = await FetcherProcess.RunAsync([.. arguments, "--report", folder["full.json"]]);
        disk.Resize("4m");
        var again = await FetcherProcess.RunAsync(arguments);

        full.ExitCode.ShouldBe(1);
        full.Error.ShouldStartWith("fetcher: the journal could not be written, so the run was stopped: ");
        var summary = JsonDocument.Parse(await File.ReadAllTextAsync(folder["full.json"])).RootElement.GetProperty("summary");
        (summary.GetProperty("urls").GetInt64() + summary.GetProperty("not_started").GetInt64()).ShouldBe(1000);
        summary.GetProperty("urls").GetInt64().ShouldBe(full.Lines.Length);
        (again.ExitCode, again.Error).ShouldBe((0, ""));
        again.Lines.Length.ShouldBe(1000);
        again.Lines.ShouldContain(line => line.Contains("\"attempts\":0"));
    }

    [Theory]
    [InlineData("async")]
    [InlineData("threads")]
    [InlineData("httpclient")]
    public async Task Little_memory_is_enough_for_many_large_bodies(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok(new byte[4_000_000])));
        using var folder = new TempFolder();

        // 40 MiB for all objects, while 128 MB are under way at once.
        var ran = await Shell.RunAsync("DOTNET_GCHeapHardLimit=0x2800000 exec \"$@\"", [
            FetcherProcess.Executable, server.Url(), "--count", "64", "--concurrency", "32", "--mode", mode, "--format", "ndjson",
            "--output-dir", folder["out"],
        ]);

        (ran.ExitCode, ran.Error).ShouldBe((0, ""));
        ran.Lines.Length.ShouldBe(64);
    }

    [Theory]
    [Trait("needs", "strace")]
    [InlineData("async", "epoll_wait", "EINTR", "2+3")]
    [InlineData("blocking-read", "recvfrom", "EINTR", "2+3")]
    [InlineData("poll", "poll", "EINTR", "5+3")]
    [InlineData("select", "select,pselect6", "EINTR", "2+3")]
    [InlineData("io-uring", "io_uring_enter", "EINTR", "2+3")]
    [InlineData("async", "sendto", "EINTR", "2+3")]
    [InlineData("async", "write", "EINTR", "2+2")]
    [InlineData("io-uring", "write", "EINTR", "2+2")]
    [InlineData("async", "recvfrom", "ECONNRESET", "20")]
    [InlineData("async", "sendto", "EPIPE", "20")]
    [InlineData("async", "socket", "EMFILE", "4+5")]
    [InlineData("async", "socket", "ENOBUFS", "4+5")]
    [InlineData("async", "connect", "EADDRNOTAVAIL", "4+5")]
    [InlineData("async", "connect", "EINTR", "2+2")]
    [InlineData("threads", "connect", "EINTR", "2+2")]
    [InlineData("httpclient", "socket", "EMFILE", "8")]
    public async Task A_system_call_that_fails_now_and_then_costs_no_result(string mode, string call, string error, string when)
    {
        await Shell.NeedsAsync(NeedsStrace, "there is no strace, or it may not trace");
        await using var server = new ScriptedServer(Answer(Ok()));

        var ran = await Shell.RunAsync($"exec strace -f --seccomp-bpf -qq -o /dev/null -e trace={call} -e inject={call}:error={error}:when={when} \"$@\"", [
            FetcherProcess.Executable, server.Url(), "--count", "50", "--concurrency", "10", "--mode", mode, "--format", "ndjson",
            "--retry", "3", "--retry-delay", "0.01",

            // After EPIPE the connection is read to its end, which a real one has come to.
            "--read-timeout", "5",
        ]);

        (ran.ExitCode, ran.Error).ShouldBe((0, ""), ran.Output);
        ran.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("index").GetInt32()).Order().ShouldBe(Enumerable.Range(0, 50));
    }

    [Theory]
    [Trait("needs", "strace")]
    [InlineData("async")]
    [InlineData("blocking-read")]
    [InlineData("poll")]
    [InlineData("io-uring")]
    public async Task An_interrupted_write_is_made_again_at_once(string mode)
    {
        await Shell.NeedsAsync(NeedsStrace, "there is no strace, or it may not trace");
        await using var server = new ScriptedServer(Answer(Ok()));

        // Names are looked up elsewhere, so each first request of a host waits for a wake-up, which is a write.
        var ran = await Shell.RunAsync("exec strace -f --seccomp-bpf -qq -o /dev/null -e trace=write -e inject=write:error=EINTR:when=2+2 \"$@\"", [
            FetcherProcess.Executable, server.Url("/[1-100]", "localhost"), "--concurrency", "10", "--mode", mode, "--format", "ndjson", "--retry", "3",
            "--retry-delay", "0.01",
        ]);

        (ran.ExitCode, ran.Error).ShouldBe((0, ""), ran.Output);
        ran.Lines.Length.ShouldBe(100);
        ran.Lines.ShouldAllBe(line => JsonDocument.Parse(line, default).RootElement.GetProperty("attempts").GetInt32() == 1);
    }

    [Theory]
    [Trait("needs", "strace")]
    [InlineData("--journal", "the journal could not be written, so the run was stopped: ")]
    [InlineData("--warc", "the archive could not be written, so the run was stopped: ")]
    public async Task A_disk_that_fails_to_store_is_told(string option, string message)
    {
        await Shell.NeedsAsync(NeedsStrace, "there is no strace, or it may not trace");
        await using var server = new ScriptedServer(Answer(Ok()));
        using var folder = new TempFolder();

        var ran = await Shell.RunAsync("exec strace -f --seccomp-bpf -qq -o /dev/null -e trace=fsync,fdatasync -e inject=fsync,fdatasync:error=EIO \"$@\"", [
            FetcherProcess.Executable, server.Url(), "--count", "5", "--format", "ndjson", option, folder["file"],
        ]);

        ran.ExitCode.ShouldBe(1);
        ran.Error.ShouldStartWith($"fetcher: {message}");
        ran.Error.ShouldContain("EIO");
        ran.Lines.Length.ShouldBe(5);
    }

    [Fact]
    [Trait("needs", "strace")]
    public async Task A_disk_that_becomes_full_within_a_body_costs_that_body()
    {
        await Shell.NeedsAsync(NeedsStrace, "there is no strace, or it may not trace");
        await using var server = new ScriptedServer(Answer(Ok()));
        using var folder = new TempFolder();

        var ran = await Shell.RunAsync("exec strace -f --seccomp-bpf -qq -o /dev/null -e trace=pwrite64 -e inject=pwrite64:error=ENOSPC:when=3 \"$@\"", [
            FetcherProcess.Executable, server.Url(), "--count", "10", "--concurrency", "1", "--format", "ndjson", "--output-dir", folder["out"],
        ]);

        var results = ran.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        results.Select(result => result.GetProperty("exitcode").GetInt32()).Order().ShouldBe([.. Enumerable.Repeat(0, 9), 23]);
        Directory.GetFiles(folder["out"]).Length.ShouldBe(9);
    }
}
