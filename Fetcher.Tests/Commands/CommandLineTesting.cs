using Fetcher.Commands;

namespace Fetcher.Tests.Commands;

/// <summary>What a command line came to.</summary>
internal sealed record CommandLineOutcome(int ExitStatus, FetchInvocation? Invocation, string Output, string Error);

/// <summary>Runs command lines that fetch nothing and say what they would.</summary>
internal static class CommandLineTesting
{
    public static readonly string[] Modes = ["async", "blocking-read", "select"];

    /// <summary>Runs arguments that are parted by spaces.</summary>
    public static Task<CommandLineOutcome> RunAsync(string args) => RunAsync(args.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    public static async Task<CommandLineOutcome> RunAsync(
        string[] args, IReadOnlyList<Subcommand>? subcommands = null, Func<FetchInvocation, Task<int>>? run = null, Func<string, string?>? environment = null)
    {
        FetchInvocation? seen = null;
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitStatus = await CommandLine.RunAsync(
            args,
            () => FetchCommand.Create(
                Modes,
                (invocation, _) =>
                {
                    seen = invocation;
                    return run is null ? Task.FromResult(0) : run(invocation);
                },
                user => "asked-for-" + user,
                environment ?? (_ => null)),
            subcommands ?? [],
            output,
            error);
        return new CommandLineOutcome(exitStatus, seen, output.ToString(), error.ToString());
    }

    /// <summary>The invocation of a command line that is right.</summary>
    public static Task<FetchInvocation> InvocationAsync(params string[] args) => InvocationAsync(args, environment: []);

    /// <summary>The same, with variables in the environment.</summary>
    public static async Task<FetchInvocation> InvocationAsync(string[] args, params (string Name, string Value)[] environment)
    {
        var outcome = await RunAsync(args, environment: name => environment.FirstOrDefault(variable => variable.Name == name).Value);
        outcome.Error.ShouldBe("");
        outcome.ExitStatus.ShouldBe(0);
        return outcome.Invocation.ShouldNotBeNull();
    }
}
