using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.EndToEnd;

/// <summary>--write-out from outside.</summary>
public sealed class WriteOutCommandTests
{
    [Fact]
    public async Task It_stands_for_the_report_and_warns_of_what_it_does_not_know()
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var ran = await FetcherProcess.RunAsync(
            server.Url("/{b,a}"), "--order", "input", "-w", @"%{url} %{http_code} %{size_download}%{nope}\n%{stderr}to stderr\n");

        (ran.ExitCode, ran.Output).ShouldBe((0, $"{server.Url("/b")} 200 5\n{server.Url("/a")} 200 5\n"));
        ran.Error.ShouldBe("fetcher: unknown --write-out variable: 'nope'\nto stderr\nto stderr\n");
    }

    [Fact]
    public async Task An_explicit_format_stands_beside_it()
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var ran = await FetcherProcess.RunAsync(server.Url(), "-w", @"%{exitcode}\n", "--format", "ndjson");

        ran.Lines.Length.ShouldBe(2);
        ran.Lines[0].ShouldStartWith("{\"index\":0,");
        ran.Lines[1].ShouldBe("0");
    }

    [Fact]
    public async Task It_is_read_from_a_file_without_its_line_ends()
    {
        using var directory = new Fetch.TemporaryDirectory();
        await using var server = new ScriptedServer(Answer(Ok()));

        var ran = await FetcherProcess.RunAsync(server.Url(), "-q", "-w", "@" + directory.Write("format", "%{http_code}\n%{exitcode}\n\\n"));

        (ran.Output, ran.Error).ShouldBe(("2000\n", ""));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_wrong_usage()
    {
        var ran = await FetcherProcess.RunAsync("http://127.0.0.1:1/", "-w", "@/no/such/file");

        ran.ExitCode.ShouldBe(2);
        ran.Error.ShouldStartWith("fetcher: -w: the file '/no/such/file' cannot be read");
    }
}
