using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Fetch.Sources;
using Fetcher.Core.Modes;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing;
using Fetcher.Lab;
using Fetcher.Terminal;

namespace Fetcher.Commands;

/// <summary>Runs the default command: opens the list and the reports, fetches, and says how it went by the exit status.</summary>
internal static class FetchRun
{
    /// <summary>Exit status when a URL failed or a report could not be written.</summary>
    private const int Failed = 1;

    public static async Task<int> RunAsync(FetchInvocation invocation, CancellationToken cancellation)
    {
        var mode = ModeCatalog.Find(invocation.Options.Mode)!;
        if (mode.WhyNot(invocation.Options) is { } reason)
        {
            throw new UsageException($"--mode {mode.Name} cannot run: {reason}");
        }

        using var source = UrlSource.Open(invocation.Sources, invocation.Count);
        using var signals = new TerminationSignals(cancellation);
        await using var lab = invocation.Lab ? await LabProcess.StartAsync(new LabOptions(), signals.Stopping) : null;
        var options = invocation.Options with { Mode = mode.Name, Lab = lab?.Endpoint };
        var run = new RunInfo
        {
            Options = options,
            Sources = invocation.Sources,
            Count = invocation.Count,
            Started = DateTimeOffset.UtcNow,
            Network = invocation.Lab ? "lab" : null,
        };

        FileLimit.Raise();
        await using var outputs = new ReportFiles(invocation, () => new SummaryTable(TerminalStyle.OfStandardOutput()), signals.Stop);
        var sink = new ReportSink(run, outputs.Reports, invocation.Order == ResultOrder.Input);
        var job = MakeJob(options, source, sink, signals.Stopping);
        var meter = new RunMeter();
        await using (StartProgress(invocation, sink.Summary, job))
        {
            await mode.RunAsync(job);
        }

        sink.End(meter.Read());
        var written = await outputs.CloseAsync();
        if (job.InputError is { } inputError)
        {
            await Console.Error.WriteLineAsync($"fetcher: {inputError.Message}");
            return CommandLine.UsageError;
        }

        return signals.ExitStatus ?? (written && sink.Summary.Failed == 0 ? 0 : Failed);
    }

    private static ProgressDisplay? StartProgress(FetchInvocation invocation, RunSummary summary, FetchJob job)
    {
        var style = TerminalStyle.OfStandardError();
        var kind = invocation.Progress ?? (style.IsTerminal && !invocation.Quiet ? ProgressKind.Line : ProgressKind.None);
        var console = style.CreateLiveConsole(Console.Error);
        return kind switch
        {
            ProgressKind.Line => ProgressDisplay.StartLine(console, Snapshot, TimeProvider.System, TerminalStyle.CurrentWidth),
            ProgressKind.Plain => ProgressDisplay.StartPlain(console, Snapshot, TimeProvider.System),
            _ => null,
        };

        ProgressSnapshot Snapshot() => new(summary.Urls, job.Source.Total, job.InFlight, summary.Failed, summary.BytesDownloaded);
    }

    private static FetchJob MakeJob(FetchOptions options, UrlSource source, ReportSink sink, CancellationToken stop)
    {
        try
        {
            return new FetchJob(options, source, sink, stop: stop);
        }
        catch (FetchSetupException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
