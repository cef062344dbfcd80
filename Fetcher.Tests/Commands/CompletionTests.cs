using System.Diagnostics;
using Fetcher.Commands;

namespace Fetcher.Tests.Commands;

/// <summary>Completion scripts, and what System.CommandLine suggests.</summary>
public sealed class CompletionTests
{
    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task A_script_knows_every_option_of_every_command(string shell)
    {
        var (status, script) = await RunAsync("completion", shell);

        status.ShouldBe(0);
        foreach (var option in AllCommands.Create().SelectMany(command => command.Options).Where(option => !option.Hidden))
        {
            script.ShouldContain(shell == "fish" ? $" -l {option.Name[2..]}" : option.Name);
        }

        script.ShouldNotContain("--idle-origin", Case.Sensitive);
    }

    [Theory]
    [InlineData("fetcher --for", "--format")]
    [InlineData("fetcher comp", "compare completion")]
    [InlineData("fetcher --format nd", "ndjson")]
    [InlineData("fetcher u --mode blocking", "blocking-read")]
    [InlineData("fetcher compare --swe", "--sweep")]
    [InlineData("fetcher lab --http-", "--http-port")]
    [InlineData("fetcher completion z", "zsh")]
    [InlineData("fetcher u --output-d", "--output-dir")]
    public async Task Bash_completes_words(string line, string words)
    {
        var (_, script) = await RunAsync("completion", "bash");
        var typed = line.Split(' ');
        var asked = $"{script}\nCOMP_WORDS=({line}); COMP_CWORD={typed.Length - 1}; _fetcher; echo \"${{COMPREPLY[*]}}\"";
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", asked]) { RedirectStandardOutput = true })!;

        (await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim().ShouldBe(words);
    }

    [Theory]
    [InlineData("[suggest]", "fetcher --for", "--format")]
    [InlineData("[suggest:13]", "fetcher --for --count 3", "--format")]
    [InlineData("[suggest]", "fetcher --format nd", "ndjson")]
    [InlineData("[suggest]", "fetcher la", "lab")]
    [InlineData("[suggest]", "fetcher lab --http-", "--http-port")]
    public async Task The_suggest_directive_is_answered(string directive, string line, string words)
    {
        var (status, output) = await RunAsync(directive, line);

        (status, output).ShouldBe((0, words.Replace(' ', '\n') + "\n"));
    }

    public static TheoryData<string> Commands => [.. AllCommands.Create().Select(command => command.Name)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_value_that_is_offered_is_taken(string name)
    {
        var command = AllCommands.Create().Single(command => command.Name == name);
        foreach (var option in command.Options.Where(option => !option.Hidden && option.Arity.MaximumNumberOfValues > 0))
        {
            foreach (var word in option.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(item => item.Label))
            {
                var problems = command.Parse([command.Name, $"{option.Name}={word}"], CommandLine.Syntax).Errors
                    .Where(error => error.SymbolResult is System.CommandLine.Parsing.OptionResult or System.CommandLine.Parsing.ArgumentResult { Argument.Name: not "SOURCE" });
                problems.Select(problem => problem.Message).ShouldBeEmpty($"{option.Name} {word}");
            }
        }
    }

    [Fact]
    public async Task Another_shell_is_wrong_usage() => (await RunAsync("completion", "tcsh")).Status.ShouldBe(2);

    private static async Task<(int Status, string Output)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        var status = await CommandLine.RunAsync(args, AllCommands.CreateFetch, AllCommands.Subcommands, output, TextWriter.Null);
        return (status, output.ToString());
    }
}
