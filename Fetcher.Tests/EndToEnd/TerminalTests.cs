using System.Text.RegularExpressions;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.EndToEnd;

/// <summary>What the program prints to a terminal, which script(1) gives it.</summary>
public sealed partial class TerminalTests
{
    [Theory]
    [InlineData("TERM=xterm", true)]
    [InlineData("TERM=xterm NO_COLOR=", true)]
    [InlineData("TERM=xterm NO_COLOR=1", false)]
    [InlineData("TERM=dumb", false)]
    public async Task Colours_are_for_terminals_that_want_them(string environment, bool isColoured)
    {
        var command = $"env {environment} {FetcherProcess.Executable} --no-config http://127.0.0.1:1/ --retry 0";

        var ran = await Shell.RunAsync("env -u NO_COLOR script -qec \"$1\" /dev/null", command);

        ran.ExitCode.ShouldBe(1);
        ran.Output.ShouldContain("1 failed");
        Colour().IsMatch(ran.Output).ShouldBe(isColoured);
    }

    [Fact]
    public async Task A_pipe_gets_none()
    {
        var ran = await FetcherProcess.RunAsync("http://127.0.0.1:1/", "--retry", "0");

        ran.Output.ShouldContain("1 failed");
        ran.Output.ShouldNotContain('\u001b');
    }

    /// <summary>A sequence that chooses colours or bold (SGR of ECMA-48).</summary>
    [GeneratedRegex(@"\u001b\[[0-9;]*m")]
    private static partial Regex Colour();
}
