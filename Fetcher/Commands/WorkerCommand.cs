using System.CommandLine;

namespace Fetcher.Commands;

/// <summary>What the command line asks of a worker.</summary>
/// <param name="Place">The queue.</param>
/// <param name="Name">How it is called in results.</param>
/// <param name="Lease">How long its partitions stay its own without being renewed.</param>
/// <param name="Arguments">The options of its machine, as arguments.</param>
/// <param name="Quiet">Nothing on standard error but what is wrong.</param>
/// <param name="Grace">How long transfers may go on after a signal.</param>
internal sealed record WorkerInvocation(QueuePlace Place, string Name, TimeSpan Lease, IReadOnlyList<string> Arguments, bool Quiet, TimeSpan Grace);

/// <summary><c>fetcher worker</c>: fetches a share of a job until the job is finished.</summary>
internal sealed class WorkerCommand
{
    public const string Description = "Fetch a share of a job that machines share, until it is finished";

    private readonly QueueOptionSet _queue = new();

    private readonly Option<string> _name = CliOption.Value(
        "--name", [], "NAME", "What results call this worker [default: the host's name and the process's number]", Name);

    private readonly Option<TimeSpan> _lease = CliOption.Value(
        "--lease", [], "SECONDS", "A worker that was not heard of for so long has lost its share [default: 30]", LeaseTime);

    private readonly Option<TimeSpan> _grace = CliOption.Value(
        "--grace", [], "SECONDS", "After SIGINT, SIGTERM or SIGHUP, let running transfers go on so long [default: 2]", OptionText.Seconds);

    private readonly Option<bool> _quiet = CliOption.Flag("--quiet", ["-q"], "No warnings");

    /// <param name="modeNames">The modes that <c>--mode</c> takes.</param>
    /// <param name="run">Does the work; its result is the exit status.</param>
    public static Command Create(IReadOnlyList<string> modeNames, Func<WorkerInvocation, FetchOptionParser, CancellationToken, Task<int>> run)
    {
        var options = new WorkerCommand();
        var parser = new FetchOptionParser(modeNames);
        var command = JobOptions.Part(parser.Command, "worker", Description, JobOptions.IsOfMachine);
        var machine = command.Options.ToArray();
        options._queue.AddTo(command, options._name, options._lease);
        command.AddGroup("Output", options._grace, options._quiet);
        command.SetAction((result, cancellation) => run(
            new WorkerInvocation(
                options._queue.Bind(result),
                result.ValueOr(options._name, Queue.WorkerFacts.UsualName),
                result.ValueOr(options._lease, Queue.Leases.Usual),
                JobOptions.Arguments(result, machine),
                result.Has(options._quiet),
                result.ValueOr(options._grace, TerminationSignals.UsualGrace)),
            parser,
            cancellation));
        return command;
    }

    private static string Name(string text) => text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':')
        ? text
        : throw new FormatException($"'{text}' is no name of letters, digits and . _ - : of at most 64");

    private static TimeSpan LeaseTime(string text) => OptionText.Seconds(text) is var time && time >= Queue.Leases.Least
        ? time
        : throw new FormatException("a lease is at least 1 s");
}
