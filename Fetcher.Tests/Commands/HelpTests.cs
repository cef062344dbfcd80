using System.CommandLine;
using System.Text.RegularExpressions;
using Fetcher.Commands;
using static Fetcher.Tests.Commands.CommandLineTesting;

namespace Fetcher.Tests.Commands;

public sealed partial class HelpTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("u --count nonsense --help")]
    public async Task Help_goes_to_standard_output_and_is_no_error(string args)
    {
        var outcome = await RunAsync(args);

        outcome.ShouldSatisfyAllConditions(o => o.ExitStatus.ShouldBe(0), o => o.Error.ShouldBe(""), o => o.Invocation.ShouldBeNull());
        outcome.Output.ShouldContain("Usage: fetcher <SOURCE>... [options]\n");
        outcome.Output.ShouldContain("  -m, --max-time SECONDS");
    }

    [Fact]
    public async Task Help_fits_100_columns_and_has_no_loose_ends()
    {
        var lines = (await RunAsync("--help")).Output.Split('\n');

        lines.ShouldAllBe(line => line.Length <= HelpWriter.Width && line.TrimEnd() == line && !line.Contains('\u00A0'));
        lines.Where(line => line.EndsWith(':')).ShouldBe(
        [
            "Arguments:", "Fetching:", "Requests and responses:", "Network and TLS:", "Timeouts and retries:", "Output:", "Information:",
        ]);
    }

    [Fact]
    public async Task Every_option_is_in_the_help()
    {
        var help = (await RunAsync("--help")).Output;
        var command = FetchCommand.Create(Modes, (_, _) => Task.FromResult(0));

        command.Options.Count.ShouldBeGreaterThan(30);
        command.Options.ShouldAllBe(option => help.Contains($" {option.Name}") && !string.IsNullOrEmpty(option.Description));
    }

    [Fact]
    public async Task The_defaults_in_the_help_are_the_defaults()
    {
        var plain = await InvocationAsync("u");
        var documented = FetchCommand.Create(Modes, (_, _) => Task.FromResult(0)).Options
            .Select(option => (option.Name, Default: DefaultText().Match(option.Description!)))
            .Where(option => option.Default.Success)
            .ToList();

        documented.Count.ShouldBeGreaterThan(15);
        foreach (var (name, text) in documented)
        {
            var given = await InvocationAsync("u", name, text.Groups[1].Value);

            given.Options.AcceptStatus.Text.ShouldBe(plain.Options.AcceptStatus.Text);
            (given.Options with { AcceptStatus = plain.Options.AcceptStatus }).ShouldBe(plain.Options, name);
            (given with { Sources = [], Options = plain.Options }).ShouldBe(plain with { Sources = [] }, name);
        }
    }

    [Fact]
    public async Task Commands_with_a_name_are_told_of_and_have_a_help_of_their_own()
    {
        const string Purpose = "Runs the embedded origin.";
        var port = CliOption.Value("--port", [], "N", "Port", int.Parse);
        var lab = new Subcommand("lab", Purpose, () => new Command("lab", Purpose) { port });

        (await RunAsync(["--help"], [lab])).Output.ShouldContain($"\nCommands:\n  lab                             {Purpose}\n");
        var own = (await RunAsync(["lab", "--help"], [lab])).Output;
        own.ShouldStartWith("Runs the embedded origin.\n\nUsage: fetcher lab [options]\n");
        own.ShouldContain("      --port N                    Port\n");
    }

    [GeneratedRegex(@"\[default: (.+)\]$")]
    private static partial Regex DefaultText();
}
