using Fetcher.Core;
using Fetcher.Core.Modes;
using Fetcher.Core.Reports;
using Fetcher.Core.Runs;
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
    public static async Task<int> RunAsync(FetchInvocation invocation, CancellationToken cancellation)
    {
        if (invocation.Job is { } job)
        {
            return await QueueRun.CollectAsync(job.Place, invocation, job, optionsOf: null, cancellation);
        }

        if (invocation is { HasTemplate: false, Options.OutputDir: not null })
        {
            invocation = invocation with
            {
                Options = invocation.Options with { OutputTemplate = ListHosts.TemplateFor(invocation.Sources, invocation.List) },
            };
        }

        var plan = new RunPlan(invocation.Options) { OwnsProcess = true };
        if (plan.WhyNot() is { } reason)
        {
            throw new UsageException(reason);
        }

        if (invocation.Waterfall && invocation.Format != ReportFormats.Table)
        {
            throw new UsageException($"--waterfall is drawn below the table, and --format {invocation.Format} has none");
        }

        DistinctFiles.Check(invocation);
        FileLimit.Raise();
        EnsureRoom(invocation);
        using var source = UrlSource.Open(
            invocation.Sources, invocation is { Options.Duration: not null, DryRun: false } ? null : invocation.Count, options: invocation.List);
        if (invocation.DryRun)
        {
            return await RunDryAsync(invocation, source, cancellation);
        }

        using var signals = new TerminationSignals(cancellation, invocation.Grace);
        try
        {
            return await ExportedRun.RunAsync(
                invocation.Quiet, needsTrust => FetchAsync(invocation, plan with { KeepsSystemTrust = needsTrust }, source, signals));
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

    private static async Task<int> FetchAsync(FetchInvocation invocation, RunPlan plan, UrlSource source, TerminationSignals signals)
    {
        await using var lab = invocation.Lab ? await LabCommand.StartChildAsync(new LabOptions(), signals.Stopping) : null;
        var options = invocation.Options with { Mode = plan.Mode.Name, Lab = lab?.Endpoint };
        var run = new RunInfo
        {
            Options = options,
            Sources = invocation.Sources,
            Count = invocation.Count,
            Started = DateTimeOffset.UtcNow,
            Network = invocation.Lab ? "lab" : null,
        };

        // Everything is opened before anything is written: what refuses the run leaves no trace of it.
        await using var outputs = new ReportFiles(invocation, () => NewTable(invocation), signals);
        ReportSink sink = null!;
        plan = plan with { Options = options, Stop = signals.Stopping, Drain = signals.Draining, ReportPaths = outputs.Paths };
        await using var session = await OpenAsync(
            () => FetchSession.Open(plan, () =>
            {
                sink = new ReportSink(run, outputs.Reports, invocation.Order == ResultOrder.Input);
                return new ListWork(source, sink, source.IsEndless);
            }),
            signals.Signalled);
        LastWords.EndRun = session.EndWith;
        Warn(invocation, session);
        var meter = new RunMeter(session.Counters);
        RunEnd end;
        await using (StartProgress(invocation, sink, source, session))
        {
            end = await session.ToEndAsync();
        }

        sink.Summary.NotStarted = source.IsEndless ? 0 : source.Total is { } total ? Math.Max(0, total - sink.Summary.Urls) : end.IsCutShort ? null : 0;
        sink.End(meter.Read(), RunRecord.Of(end.Loops));
        var isWhole = await outputs.CloseAsync();
        if (source.Duplicates > 0 && !invocation.Quiet)
        {
            await Console.Error.WriteLineAsync($"fetcher: {SummaryText.Number(source.Duplicates)} {(source.Duplicates == 1 ? "URL was" : "URLs were")} left out: the list had had {(source.Duplicates == 1 ? "it" : "them")} already");
        }

        foreach (var problem in Problems(end))
        {
            await Console.Error.WriteLineAsync($"fetcher: {problem}");
        }

        return end.InputError is not null ? CommandLine.UsageError
            : end.Fault is not null ? CommandLine.Failed
            : signals.ExitStatus ?? (!isWhole || end.Error is not null
                ? CommandLine.Failed
                : await FailIf.StatusAsync(invocation.FailIf, sink.Summary, sink.Summary.Failed == 0 ? 0 : CommandLine.Failed));
    }

    /// <summary>
    /// Opens a run on another thread, and goes on without it soon after a signal: the files that it reads may be FIFOs, whose open(2) and read(2) wait for a
    /// writer in the kernel.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was not open until then.</exception>
    private static async Task<FetchSession> OpenAsync(Func<FetchSession> open, CancellationToken signal)
    {
        var opening = Task.Run(open, CancellationToken.None);
        var opened = (Task)opening;
        await opened.WaitAsync(signal).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!opening.IsCompleted)
        {
            await opened.WaitAsync(TimeSpan.FromSeconds(0.1), CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return opening.IsCompleted ? await opening : throw new OperationCanceledException(signal);
    }

    /// <exception cref="IOException">The system lets this process have too few threads or files.</exception>
    private static void EnsureRoom(FetchInvocation invocation)
    {
        const int FilesOfLoop = 2, Writer = 1, ReportAndList = 2;
        var options = invocation.Options;
        var loops = options.Mode == "threads" ? options.Concurrency : options.Loops;
        var written = invocation.Reports.Count + (options.JournalPath is null ? 0 : 1) + (options.WarcPath is null ? 0 : 1);
        var saved = options.OutputDir is null ? 0 : Writer;
        ProcessRoom.Ensure(
            threads: (options.Stalls ? 2 * loops : loops) + written + saved + ReportAndList,
            files: (FilesOfLoop * options.Loops) + written + (2 * saved));
    }

    /// <summary>Tells what is odd and does not keep the run from its beginning.</summary>
    private static void Warn(FetchInvocation invocation, FetchSession session)
    {
        var warnings = new List<string>();
        warnings.AddRange((invocation.WriteOut?.Unknown ?? []).Select(name => $"unknown --write-out variable: '{PrintableText.Of(name)}'"));
        if (session.JournalHealed > 0)
        {
            warnings.Add($"the last line of {invocation.Options.JournalPath} was torn, {session.JournalHealed} bytes; it was cut off");
        }

        if (invocation.Progress == ProgressKind.Live && !TerminalStyle.OfStandardError().IsTerminal)
        {
            warnings.Add("--live shows nothing: standard error is no terminal");
        }

        warnings.AddRange(session.CookieWarnings.Select(PrintableText.Of));
        foreach (var warning in invocation.Quiet ? [] : warnings)
        {
            Console.Error.WriteLine($"fetcher: {warning}");
        }
    }

    /// <summary>What went wrong besides the URLs, a sentence each.</summary>
    internal static IEnumerable<string> Problems(RunEnd end)
    {
        if (end.InputError is { } input)
        {
            yield return input.Message;
        }

        if (end.JournalError is { } journal)
        {
            yield return $"the journal could not be written, so the run was stopped: {journal.Message}";
        }

        if (end.ArchiveError is { } archive)
        {
            yield return $"the archive could not be written, so the run was stopped: {archive.Message}";
        }

        if (end.Fault is { } fault)
        {
            yield return $"the run was stopped: {CommandLine.Explain(fault)}";
        }

        if (end.CookieError is { } cookies)
        {
            yield return $"the cookies, or the hosts of --hsts, could not be written: {cookies.Message}";
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

    private static IAsyncDisposable? StartProgress(FetchInvocation invocation, ReportSink sink, UrlSource source, FetchSession session)
    {
        var style = TerminalStyle.OfStandardError();
        var kind = invocation.Progress ?? (style.IsTerminal && !invocation.Quiet ? ProgressKind.Line : ProgressKind.None);
        if (kind == ProgressKind.None)
        {
            return null;
        }

        var console = style.CreateLiveConsole(Console.Error);
        return kind switch
        {
            ProgressKind.Live when style.IsTerminal =>
                new LiveDisplay(console, Live, invocation.Options.Duration, TimeProvider.System, TerminalStyle.CurrentWidth),
            ProgressKind.Line => ProgressDisplay.StartLine(console, Snapshot, TimeProvider.System, TerminalStyle.CurrentWidth),
            ProgressKind.Plain => ProgressDisplay.StartPlain(console, Snapshot, TimeProvider.System),
            _ => null,
        };

        LiveSnapshot Live(RecentTimes times) => sink.Read(summary =>
        {
            times.Sample(summary.TimeOf(TimeField.Total));
            return new LiveSnapshot
            {
                Done = summary.Urls,
                Total = source.Total,
                InFlight = session.InFlight,
                Bytes = summary.BytesDownloaded,
                Statuses = [.. summary.Statuses],
                Failures = [.. summary.Failures.ByKind],
                SlowestHosts = summary.SlowestHosts.Ranking,
            };
        });

        ProgressSnapshot Snapshot() => sink.Read(summary => new ProgressSnapshot(
            summary.Urls, source.Total, session.InFlight, summary.BytesDownloaded, [.. summary.Failures.ByKind], summary.SlowestHosts.Slowest));
    }
}
