using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Fetch.Sources;
using Fetcher.Core.Modes;
using Fetcher.Core.Net;
using Fetcher.Core.Reports;
using Fetcher.Core.Saving;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Stalls;
using Fetcher.Lab;
using Fetcher.Terminal;

namespace Fetcher.Commands;

/// <summary>Runs the default command: opens the list and the reports, fetches, and says how it went by the exit status.</summary>
internal static class FetchRun
{
    public static async Task<int> RunAsync(FetchInvocation invocation, CancellationToken cancellation)
    {
        var mode = ModeCatalog.Find(invocation.Options.Mode)!;
        if (mode.WhyNot(invocation.Options) is { } reason)
        {
            throw new UsageException($"--mode {mode.Name} cannot run: {reason}");
        }

        if (invocation.Waterfall && invocation.Format != ReportFormats.Table)
        {
            throw new UsageException($"--waterfall is drawn below the table, and --format {invocation.Format} has none");
        }

        using var source = UrlSource.Open(invocation.Sources, invocation.Count, globs: !invocation.GlobOff);
        if (invocation.DryRun)
        {
            return await RunDryAsync(invocation, source, cancellation);
        }

        using var journalFile = OpenJournal(invocation);
        using var signals = new TerminationSignals(cancellation, invocation.Grace);
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

        SystemTrust.LeaveUnreadUnlessNeeded(options);
        if (!invocation.Quiet)
        {
            foreach (var name in invocation.WriteOut?.Unknown ?? [])
            {
                await Console.Error.WriteLineAsync($"fetcher: unknown --write-out variable: '{PrintableText.Of(name)}'");
            }
        }

        SessionSecrets.LogIfAsked();
        FileLimit.Raise();
        await using var outputs = new ReportFiles(invocation, () => NewTable(invocation), signals.Stop);
        var sink = new ReportSink(run, outputs.Reports, invocation.Order == ResultOrder.Input);
        using var journal = journalFile is null ? null : new Journal(journalFile, mode.Name, source, sink) { OnError = signals.Stop };
        var job = MakeJob(options, (IUrlSource?)journal ?? source, (IResultSink?)journal ?? sink, signals);
        if (job.Warc is { } warc)
        {
            warc.OnError = signals.Stop;
        }

        var meter = new RunMeter(job.Counters);
        await using (StartProgress(invocation, sink, job))
        {
            await mode.RunAsync(job);
            await job.CloseAsync();
            journal?.End();
        }

        sink.End(meter.Read(), RunRecord.Of(job.Watched));
        var written = await outputs.CloseAsync();
        if (job.InputError is { } inputError)
        {
            await Console.Error.WriteLineAsync($"fetcher: {inputError.Message}");
            return CommandLine.UsageError;
        }

        if (journal?.Error is { } journalError)
        {
            await Console.Error.WriteLineAsync($"fetcher: the journal could not be written, so the run was stopped: {journalError.Message}");
            written = false;
        }

        if (job.Warc?.Error is { } warcError)
        {
            await Console.Error.WriteLineAsync($"fetcher: the archive could not be written, so the run was stopped: {warcError.Message}");
            written = false;
        }

        try
        {
            job.SaveCookies();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"fetcher: the cookies could not be written: {e.Message}");
            written = false;
        }

        return signals.ExitStatus ?? (written && sink.Summary.Failed == 0 ? 0 : CommandLine.Failed);
    }

    private static SummaryTable NewTable(FetchInvocation invocation) => new(
        TerminalStyle.OfStandardOutput(), invocation.Waterfall ? new TransferSample(TerminalWaterfall.MostRows, others: 0) : null);

    private static async Task<int> RunDryAsync(FetchInvocation invocation, UrlSource source, CancellationToken cancellation)
    {
        try
        {
            return await DryRun.RunAsync(invocation, source, cancellation);
        }
        catch (IOException e) when (e.HResult == ReportFiles.BrokenPipe)
        {
            return 0;
        }
        catch (Exception e) when (e is FetchSetupException or (IOException and not SourceException))
        {
            throw new UsageException(e.Message);
        }
    }

    private static ProgressDisplay? StartProgress(FetchInvocation invocation, ReportSink sink, FetchJob job)
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

        ProgressSnapshot Snapshot() => sink.Read(summary => new ProgressSnapshot(
            summary.Urls, job.Source.Total, job.InFlight, summary.BytesDownloaded, [.. summary.Failures.ByKind], summary.SlowestHosts.Slowest));
    }

    private static JournalFile? OpenJournal(FetchInvocation invocation)
    {
        if (invocation.Options.JournalPath is not { } path)
        {
            return null;
        }

        try
        {
            var file = new JournalFile(path);
            if (file.Healed > 0 && !invocation.Quiet)
            {
                Console.Error.WriteLine($"fetcher: the last line of {path} was torn, {file.Healed} bytes; it was cut off");
            }

            return file;
        }
        catch (FetchSetupException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private static FetchJob MakeJob(FetchOptions options, IUrlSource source, IResultSink sink, TerminationSignals signals)
    {
        try
        {
            return new FetchJob(options, source, sink, stop: signals.Stopping) { Drain = signals.Draining };
        }
        catch (FetchSetupException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
