using System.CommandLine;
using System.CommandLine.Invocation;
using Fetcher.Core;

namespace Fetcher.Commands;

/// <summary><c>--help</c> and <c>--version</c>: they answer whatever else the command line says.</summary>
internal static class InformationOptions
{
    /// <summary>Adds both to <paramref name="command"/>.</summary>
    /// <param name="command">Any command.</param>
    /// <param name="subcommands">The commands that its help tells of.</param>
    public static void AddTo(Command command, IReadOnlyList<Subcommand> subcommands)
    {
        var help = new Option<string?>("--help", "-h")
        {
            Description = "Show a short help, or all options, or those of a category",
            HelpName = "[all|CATEGORY]",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = result => result.Tokens is [var word, ..] ? word.Value : null,
        };
        help.CompletionSources.Add([HelpWriter.All, .. HelpWriter.GroupsOf(command).Select(HelpWriter.CategoryOf).Distinct()]);
        help.Action = new InformationAction((result, output) =>
            HelpWriter.WriteAsked(command, subcommands, result.GetResult(help)?.Tokens is [var word, ..] ? word.Value : null, output, HelpWriter.WidthOfTerminal()));
        var version = CliOption.Flag("--version", ["-V"], "Show the version");
        version.Action = new InformationAction((_, output) => output.WriteLine($"fetcher {ThisAssembly.Version}"));
        if (command is GroupedCommand grouped)
        {
            grouped.AddGroup("Information", help, version);
        }
        else
        {
            command.Options.Add(help);
            command.Options.Add(version);
        }
    }
}

/// <summary>Writes something to standard output instead of running the command.</summary>
internal sealed class InformationAction : SynchronousCommandLineAction
{
    private readonly Action<ParseResult, TextWriter> _write;

    public InformationAction(Action<ParseResult, TextWriter> write) => _write = write;

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        _write(parseResult, parseResult.InvocationConfiguration.Output);
        return 0;
    }
}
