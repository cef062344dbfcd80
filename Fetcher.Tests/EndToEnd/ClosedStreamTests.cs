using Fetcher.Tests.Testing;

namespace Fetcher.Tests.EndToEnd;

/// <summary>Runs that are started with a standard stream closed, whose number .NET then uses for itself.</summary>
public sealed class ClosedStreamTests
{
    private const string Nobody = "http://127.0.0.1:1/";

    [Theory]
    [InlineData("-")]
    [InlineData("compare", "-")]
    [InlineData(Nobody, "--dry-run", "-")]
    public async Task A_list_from_a_closed_standard_input_is_unreadable(params string[] arguments) =>
        (await ClosedAsync("<&-", arguments)).ShouldBe(new Ran(2, "", "fetcher: cannot read standard input: it is closed\n"));

    [Fact]
    public async Task So_is_a_config_file()
    {
        var ran = await ClosedAsync("<&-", Nobody, "-K", "-");

        ran.ExitCode.ShouldBe(2);
        ran.Error.ShouldStartWith("fetcher: the config file - cannot be read: standard input is closed\n");
    }

    [Fact]
    public async Task Who_reads_nothing_needs_no_standard_input() =>
        (await ClosedAsync("<&-", Nobody, "--retry", "0", "-w", "%{exitcode}")).ShouldBe(new Ran(1, "7", ""));

    [Theory]
    [InlineData("table")]
    [InlineData("json")]
    public async Task A_report_to_a_closed_standard_output_is_incomplete(string format) =>
        (await ClosedAsync(">&-", Nobody, "--retry", "0", "--format", format))
            .ShouldBe(new Ran(1, "", "fetcher: the report to standard output is incomplete: it is closed\n"));

    [Theory]
    [InlineData("modes")]
    [InlineData("man")]
    [InlineData("completion", "bash")]
    [InlineData("--help")]
    [InlineData("--version")]
    public async Task What_else_is_printed_to_it_fails_as_well(params string[] arguments) =>
        (await ClosedAsync(">&-", arguments)).ShouldBe(new Ran(1, "", "fetcher: standard output is closed\n"));

    [Fact]
    public async Task Without_a_standard_error_errors_are_told_by_the_exit_status() =>
        (await ClosedAsync("2>&-", "/no/such/list")).ShouldBe(new Ran(2, "", ""));

    private static Task<Ran> ClosedAsync(string closed, params string[] arguments) =>
        Shell.RunAsync($"XDG_CONFIG_HOME=/nonexistent exec \"$@\" {closed}", [FetcherProcess.Executable, .. arguments]);
}
