using System.CommandLine;

namespace Fetcher.Commands;

/// <summary><c>fetcher man</c>: the manual page, for man(1).</summary>
internal static class ManCommand
{
    /// <summary>What it does, for the help.</summary>
    public const string Description = "Print the manual page: fetcher man | man -l -";

    /// <summary>The command.</summary>
    /// <param name="commands">Makes the commands that the page is about.</param>
    public static Command Create(Func<IReadOnlyList<Command>> commands)
    {
        var command = new Command("man", Description);
        command.SetAction(result => result.InvocationConfiguration.Output.Write(ManPage.Of(commands())));
        return command;
    }
}
