using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Modes;
using Fetcher.Core.Net;
using Fetcher.Core.Reports;
using Fetcher.Core.Saving;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Stalls;
using Fetcher.Core.Work;
using Fetcher.Core.Work.Sources;
using Fetcher.Lab;
using Fetcher.Terminal;

namespace Fetcher.Commands;

/// <summary>Runs the default command: opens the list and the reports, fetches, and says how it went by the exit status.</summary>
internal static class FetchRun
{
    /// <summary>How long a run that has failed may take to end by itself, with its reports.</summary>
    private static readonly TimeSpan FaultBound = TimeSpan.FromSeconds(5);

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

        DistinctFiles.Check(invocation);
        using var source = UrlSource.Open(invocation.Sources, invocation.Count, globs: !invocation.GlobOff);
        if (invocation.DryRun)
        {
            return await RunDryAsync(invocation, source, cancellation);
        }

        using var signals = new TerminationSignals(cancellation, invocation.Grace);
        try
        {
            return await FetchAsync(invocation, mode, source, signals);
        }
        catch (OperationCanceledException) when (signals.ExitStatus is not null)
        {
            // Nothing had begun that could be reported.
            return signals.ExitStatus.Value;
        }
        catch (FetchSetupException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private static async Task<int> FetchAsync(FetchInvocation invocation, Mode mode, UrlSource source, TerminationSignals signals)
    {
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
        await PrepareAsync(invocation, options);

        // Everything is opened before anything is written: what refuses the run leaves no trace of it.
        await using var outputs = new ReportFiles(invocation, () => NewTable(invocation), signals);
        using var journalFile = OpenJournal(invocation);
        var files = RunFiles.Open(options, TimeProvider.System);
        if (files.Store is { } store)
        {
            store.IsRecorded = journalFile is { Length: > 0 } ? journalFile.HasSaved : null;
            store.Reserve([.. outputs.Paths, .. ((string?[])[options.JournalPath, options.WarcPath, options.CookieJarPath]).OfType<string>()]);
        }

        var sink = new ReportSink(run, outputs.Reports, invocation.Order == ResultOrder.Input);
        var work = new ListWork(source, sink);
        using var journal = journalFile is null ? null : new Journal(journalFile, mode.Name, work) { OnError = signals.Stop };
        var job = new FetchJob(options, (IWork?)journal ?? work, stop: signals.Stopping, files: files)
        {
            Drain = signals.Draining,
        };
        if (job.Warc is { } warc)
        {
            warc.OnError = signals.Stop;
        }

        WarnOfCookies(invocation, job);
        var meter = new RunMeter(job.Counters);
        Exception? fault;
        await using (StartProgress(invocation, sink, source, job))
        {
            fault = await RunToEndAsync(mode, job, signals);
            journal?.End();
        }

        sink.Summary.NotStarted = source.Total is { } total ? Math.Max(0, total - sink.Summary.Urls) : job.IsDraining ? null : 0;
        sink.End(meter.Read(), RunRecord.Of(job.Watched));
        var written = await outputs.CloseAsync();
        if (job.InputError is { } inputError)
        {
            await Console.Error.WriteLineAsync($"fetcher: {inputError.Message}");
            return CommandLine.UsageError;
        }

        var isWell = await TellAsync(job, journal, fault) && written && sink.Summary.Failed == 0;
        return fault is not null ? CommandLine.Failed : signals.ExitStatus ?? (isWell ? 0 : CommandLine.Failed);
    }

    /// <summary>Runs the job, and waits until what it has saved is in its files.</summary>
    /// <returns>Null, or what kept the run from its end.</returns>
    private static async Task<Exception?> RunToEndAsync(Mode mode, FetchJob job, TerminationSignals signals)
    {
        var work = RunAndCloseAsync();
        if (await Task.WhenAny((Task)work, job.Fault) != work)
        {
            // The other loops may wait for what the one that failed was about to do, so they are not waited for without end.
            signals.Stop();
            await Task.WhenAny(work, Task.Delay(FaultBound));
            return await job.Fault;
        }

        return await work;

        async Task<Exception?> RunAndCloseAsync()
        {
            try
            {
                await mode.RunAsync(job);
                await job.CloseAsync();
                return null;
            }
            catch (Exception e)
            {
                return e;
            }
        }
    }

    /// <summary>Writes the cookies, and says what went wrong besides the URLs.</summary>
    /// <returns>Whether nothing did.</returns>
    private static async Task<bool> TellAsync(FetchJob job, Journal? journal, Exception? fault)
    {
        var problems = new List<string>();
        if (journal?.Error is { } journalError)
        {
            problems.Add($"the journal could not be written, so the run was stopped: {journalError.Message}");
        }

        if (job.Warc?.Error is { } warcError)
        {
            problems.Add($"the archive could not be written, so the run was stopped: {warcError.Message}");
        }

        if (fault is not null)
        {
            problems.Add($"the run was stopped: {CommandLine.Explain(fault)}");
        }

        try
        {
            job.SaveCookies();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"the cookies could not be written: {e.Message}");
        }

        foreach (var problem in problems)
        {
            await Console.Error.WriteLineAsync($"fetcher: {problem}");
        }

        return problems.Count == 0;
    }

    /// <summary>What is to be done once before anything is opened.</summary>
    private static async Task PrepareAsync(FetchInvocation invocation, FetchOptions options)
    {
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
    }

    private static void WarnOfCookies(FetchInvocation invocation, FetchJob job)
    {
        foreach (var warning in invocation.Quiet ? [] : job.Cookies?.Warnings ?? [])
        {
            Console.Error.WriteLine($"fetcher: {PrintableText.Of(warning)}");
        }
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

    private static ProgressDisplay? StartProgress(FetchInvocation invocation, ReportSink sink, UrlSource source, FetchJob job)
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
            summary.Urls, source.Total, job.InFlight, summary.BytesDownloaded, [.. summary.Failures.ByKind], summary.SlowestHosts.Slowest));
    }

    private static JournalFile? OpenJournal(FetchInvocation invocation)
    {
        if (invocation.Options.JournalPath is not { } path)
        {
            return null;
        }

        var file = new JournalFile(path);
        if (file.Healed > 0 && !invocation.Quiet)
        {
            Console.Error.WriteLine($"fetcher: the last line of {path} was torn, {file.Healed} bytes; it was cut off");
        }

        return file;
    }
}
