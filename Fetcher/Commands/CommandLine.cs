using System.CommandLine;
using System.ComponentModel;
using Fetcher.Core.Interop;
using Fetcher.Core.Work.Sources;

namespace Fetcher.Commands;

/// <summary>A command with a name. It is made only when it is asked for, since a start must cost next to nothing.</summary>
/// <param name="Name">The name, which counts as such only as the very first argument: a SOURCE may have the same.</param>
/// <param name="Description">What it does, for the help.</param>
/// <param name="Create">Makes it.</param>
internal sealed record Subcommand(string Name, string Description, Func<Command> Create);

/// <summary>From the arguments of the process to its exit status.</summary>
internal static class CommandLine
{
    /// <summary>Exit status of wrong usage and of unreadable input.</summary>
    public const int UsageError = 2;

    /// <summary>Exit status when a URL failed or something could not be written.</summary>
    public const int Failed = 1;

    /// <summary>Exit status when a condition of <c>--fail-if</c> holds.</summary>
    public const int ConditionHolds = 3;

    /// <summary>A file of arguments (@file) is no feature here, and may be the name of a SOURCE.</summary>
    internal static readonly ParserConfiguration Syntax = new() { ResponseFileTokenReplacer = null };

    /// <summary>Finds the command, parses its options and runs it.</summary>
    /// <param name="args">The arguments of the process.</param>
    /// <param name="createFetch">Makes the command without a name.</param>
    /// <param name="subcommands">The commands with a name.</param>
    /// <param name="output">Where help and version go.</param>
    /// <param name="error">Where what is wrong goes: one sentence and a hint.</param>
    /// <param name="defaultConfig">A file of options that is read when it is there, or null.</param>
    /// <param name="cancellation">What the command gets to know when it should stop. Signals are left to it.</param>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> args,
        Func<Command> createFetch,
        IReadOnlyList<Subcommand> subcommands,
        TextWriter output,
        TextWriter error,
        string? defaultConfig = null,
        CancellationToken cancellation = default)
    {
        if (Suggestions.IsAskedFor(args, out var position))
        {
            Suggestions.Write(args[1], position, createFetch, subcommands, output);
            return 0;
        }

        if (args.Count is 1 or 2 && args[0] == "help" && !File.Exists("help"))
        {
            // As with git and dotnet: the help of a command, or of a category of options.
            args = subcommands.Any(known => known.Name == args[^1]) ? [args[^1], "--help"] : ["--help", .. args.Skip(1)];
        }

        var subcommand = args.Count == 0 ? null : subcommands.FirstOrDefault(subcommand => subcommand.Name == args[0]);
        var command = subcommand?.Create() ?? createFetch();
        InformationOptions.AddTo(command, subcommand is null ? subcommands : []);

        try
        {
            return await InvokeAsync(command, subcommand is null, OptionalValue.Attach(args), output, error, defaultConfig, cancellation);
        }
        catch (UsageException e)
        {
            await error.WriteLineAsync($"fetcher: {Printable(e.Message)}\nSee '{HelpWriter.FullName(command)} --help'.");
            return UsageError;
        }
        catch (IOException e) when (e is not SourceException)
        {
            await error.WriteLineAsync($"fetcher: {Printable(e.Message)}");
            return Failed;
        }
        catch (SourceException e)
        {
            await error.WriteLineAsync($"fetcher: {Printable(e.Message)}");
            return UsageError;
        }
        catch (Exception e)
        {
            await error.WriteLineAsync($"fetcher: {Explain(e)}");
            return Failed;
        }
    }

    private static async Task<int> InvokeAsync(
        Command command, bool isFetch, IReadOnlyList<string> args, TextWriter output, TextWriter error, string? defaultConfig, CancellationToken cancellation)
    {
        // The name goes first, always, or the parser would take a first argument like http://host/fetcher for it.
        var result = command.Parse([command.Name, .. isFetch ? args : args.Skip(1)], Syntax);
        var settings = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = output,
            Error = error,
        };
        if (isFetch && result.Action is not InformationAction)
        {
            var configured = FetchCommand.ReadConfig(result, command, defaultConfig);
            if (configured.Count > 0)
            {
                args = [.. configured, .. args];
                result = command.Parse([command.Name, .. args], Syntax);
            }
        }

        if (result.Action is not InformationAction && ParseProblem.Find(result, args) is { } problem)
        {
            throw new UsageException(problem);
        }

        return await result.InvokeAsync(settings, cancellation);
    }

    /// <summary>A sentence for an exception that nobody expected, or that tells of a machine with too little of something.</summary>
    public static string Explain(Exception exception) => exception switch
    {
        // What .NET throws when a thread cannot be started, too.
        OutOfMemoryException or Win32Exception { NativeErrorCode: (int)Errno.EAGAIN or (int)Errno.ENOMEM } =>
            "the system lets this process have no more memory or threads (ulimit -v, ulimit -u, the limits of its container)",
        Win32Exception { NativeErrorCode: (int)Errno.EMFILE } => "the system lets this process have too few files open (ulimit -n)",
        AggregateException { InnerException: { } inner } => Explain(inner),
        IOException or UnauthorizedAccessException => Printable(exception.Message),
        _ => Printable($"fetcher failed, which is a bug in it: {exception.GetType().Name}: {exception.Message}"),
    };

    /// <summary>The text without what would move the cursor or change colours, should an argument have it.</summary>
    private static string Printable(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '?' : c)) : text;
}
