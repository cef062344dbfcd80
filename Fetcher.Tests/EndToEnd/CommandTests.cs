using System.Text.Json;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.EndToEnd;

/// <summary>The program from outside: what it prints where, and its exit status.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task A_missing_list_is_named_in_one_sentence_and_exits_2()
    {
        var ran = await FetcherProcess.RunAsync("/no/such/list.txt");

        ran.ExitCode.ShouldBe(2);
        ran.Output.ShouldBeEmpty();
        ran.Error.Trim().ShouldNotContain("\n");
        ran.Error.ShouldContain("/no/such/list.txt");
    }

    [Fact]
    public async Task An_unknown_mode_names_those_there_are_and_exits_2()
    {
        var ran = await FetcherProcess.RunAsync("http://127.0.0.1:1/", "--mode", "psychic");

        ran.ExitCode.ShouldBe(2);
        ran.Error.ShouldContain("blocking-read");
    }

    [Fact]
    public async Task A_bad_line_is_reported_with_its_place_and_the_others_go_on()
    {
        var ran = await FetcherProcess.RunAsync("http://127.0.0.1:1/\n# comment\n\nnonsense\n", ["-", "--format", "ndjson", "--retry", "0"]);

        ran.ExitCode.ShouldBe(1);
        ran.Lines.Length.ShouldBe(2);
        ran.Error.ShouldContain("-:4:");
        Errors(ran).ShouldBe(["bad_url", "connect"], ignoreOrder: true);
    }

    [Fact]
    public async Task An_empty_list_exits_2() =>
        (await FetcherProcess.RunAsync("# nothing\n", ["-"])).ExitCode.ShouldBe(2);

    [Fact]
    public async Task Count_gives_each_index_exactly_once()
    {
        var ran = await FetcherProcess.RunAsync("http://127.0.0.1:1/a", "http://127.0.0.1:1/b", "--count", "50", "--retry", "0", "--format", "ndjson");

        Results(ran).Select(result => result.GetProperty("index").GetInt64()).Order().ShouldBe(Enumerable.Range(0, 100).Select(i => (long)i));
    }

    [Fact]
    public async Task A_closed_pipe_ends_the_run_quietly()
    {
        var list = string.Concat(Enumerable.Range(0, 5000).Select(i => $"http://127.0.0.1:1/{i}\n"));
        using var process = FetcherProcess.Start("-", "--retry", "0", "--format", "ndjson");
        var error = process.StandardError.ReadToEndAsync();
        var feeding = process.StandardInput.WriteAsync(list);
        await process.StandardOutput.ReadLineAsync();
        process.StandardOutput.Close();
        await feeding;
        process.StandardInput.Close();
        await process.WaitForExitAsync();

        (await error).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_interrupt_writes_the_report_of_what_was_done_and_exits_130()
    {
        using var process = FetcherProcess.Start("-", "--retry", "0", "--format", "ndjson");
        await process.StandardInput.WriteLineAsync("http://127.0.0.1:1/");
        await process.StandardInput.FlushAsync();
        var line = await process.StandardOutput.ReadLineAsync();
        process.Signal("INT");
        await process.WaitForExitAsync();

        JsonDocument.Parse(line!).RootElement.GetProperty("exitcode").GetInt32().ShouldBe(7);
        process.ExitCode.ShouldBe(130);
    }

    private static IEnumerable<JsonElement> Results(Ran ran) => ran.Lines.Select(line => JsonDocument.Parse(line).RootElement);

    private static string?[] Errors(Ran ran) => [.. Results(ran).Select(result => result.GetProperty("error").GetProperty("kind").GetString())];
}
