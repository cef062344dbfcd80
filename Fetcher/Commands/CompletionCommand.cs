using System.CommandLine;

namespace Fetcher.Commands;

/// <summary>
/// <c>fetcher completion SHELL</c>: a script for a shell that knows every command, option and word. It is static: completing a word starts
/// no process.
/// </summary>
internal static class CompletionCommand
{
    /// <summary>What it does, for the help.</summary>
    public const string Description = "Print a completion script for bash, zsh or fish";

    private static readonly string[] Shells = ["bash", "zsh", "fish"];

    /// <summary>The command.</summary>
    /// <param name="commands">Makes the commands that the script is about.</param>
    public static Command Create(Func<IReadOnlyList<Command>> commands)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish", Arity = ArgumentArity.ZeroOrOne };
        shell.CompletionSources.Add(Shells);
        var command = new Command("completion", Description) { shell };
        command.SetAction(result =>
        {
            var script = result.GetRequiredValue(shell) switch
            {
                "bash" => CompletionScripts.Bash(commands()),
                "zsh" => CompletionScripts.Zsh(commands()),
                "fish" => CompletionScripts.Fish(commands()),
                var other => throw new UsageException($"'{other}' is none of {string.Join(", ", Shells)}"),
            };
            result.InvocationConfiguration.Output.Write(script);
        });
        return command;
    }
}
