using System.CommandLine;
using Fetcher.Core;
using Fetcher.Core.Reports;

namespace Fetcher.Commands;

/// <summary><c>fetcher collect</c>: takes the results of a job and reports them.</summary>
internal sealed class CollectCommand
{
    public const string Description = "Take the results of a job that machines share, and report them as one run";

    private readonly QueueOptionSet _queue = new();
    private readonly ReportOptionSet _report = new(ReportFormats.Names, ReportFormats.Extensions);

    private readonly Option<string> _journal = CliOption.Value(
        "--journal", [], "FILE", "Keep what was taken in FILE; a collector that was killed goes on with the same FILE", OptionText.NotEmpty);

    private readonly Option<ResultOrder> _order = FetchCommand.OrderOption();

    /// <param name="modeNames">The modes that <c>--mode</c> takes.</param>
    public static Command Create(IReadOnlyList<string> modeNames)
    {
        var options = new CollectCommand();
        var command = new GroupedCommand("collect", Description);
        options._queue.AddTo(command, options._journal);
        options._report.AddTo(command, options._order);
        command.SetAction((result, cancellation) => QueueRun.CollectAsync(
            options._queue.Bind(result), options.Bind(result), list: null, new FetchOptionParser(modeNames).Bind, cancellation));
        return command;
    }

    private FetchInvocation Bind(ParseResult result) => new(
        Sources: [],
        Count: 1,
        Options: new FetchOptions { JournalPath = result.ValueOr(_journal, null!) },
        Format: result.ValueOr(_report.Format, ReportFormats.Table),
        Reports: result.Values(_report.Reports),
        Order: result.ValueOr(_order, ResultOrder.Completion),
        Quiet: result.Has(_report.Quiet),
        Verbose: result.Has(_report.Verbose),
        Progress: _report.WantsProgress(result),
        Lab: false,
        Grace: TimeSpan.Zero);
}
