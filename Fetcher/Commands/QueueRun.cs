using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using Fetcher.Core;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing;
using Fetcher.Core.Work.Journals;
using Fetcher.Core.Work.Sources;
using Fetcher.Queue;
using Fetcher.Terminal;

namespace Fetcher.Commands;

/// <summary>Puts lists into jobs, and reports on jobs: the usual reports and exit status, whoever fetched.</summary>
internal static class QueueRun
{
    /// <summary><c>fetcher enqueue</c>.</summary>
    public static async Task<int> EnqueueAsync(JobList list, bool isQuiet, CancellationToken cancellation)
    {
        using var source = list.Open();
        using var signals = new TerminationSignals(cancellation);
        await using var store = await list.Place.OpenAsync(isQuiet);
        var patience = list.Place.Patience(isQuiet);
        try
        {
            var enqueuer = new Enqueuer(store, await list.CreateAsync(store, patience, signals.Stopping), patience);
            await enqueuer.RunAsync(source, signals.Stopping);
            QueuePlace.Warn(string.Create(CultureInfo.InvariantCulture, $"{enqueuer.Count} URLs are in {list.Place.Address}"), isQuiet);
            return 0;
        }
        catch (OperationCanceledException) when (signals.ExitStatus is not null)
        {
            return signals.ExitStatus.Value;
        }
        catch (FetchSetupException e)
        {
            throw new UsageException(e.Message);
        }
    }

    /// <summary><c>fetcher collect</c>, and with a list <c>fetcher SOURCE... --queue</c>.</summary>
    /// <param name="place">The queue.</param>
    /// <param name="invocation">What to report, and where.</param>
    /// <param name="list">The list to put into the job first, or null.</param>
    /// <param name="optionsOf">Reads the options of a job that is there, for the report; not asked when there is a list.</param>
    /// <param name="cancellation">Ends it, with the report of what there is.</param>
    public static async Task<int> CollectAsync(
        QueuePlace place, FetchInvocation invocation, JobList? list, Func<IReadOnlyList<string>, FetchOptions>? optionsOf, CancellationToken cancellation)
    {
        DistinctFiles.Check(invocation);
        using var source = list?.Open();
        using var signals = new TerminationSignals(cancellation);
        await using var store = await place.OpenAsync(invocation.Quiet);
        var patience = place.Patience(invocation.Quiet);
        try
        {
            var facts = list is null
                ? JobSearch.Check((await patience.AskAsync(store.ReadAsync, signals.Stopping))?.Facts ?? throw new IOException($"there is no job {place.Address}"), place.Address)
                : await list.CreateAsync(store, patience, signals.Stopping);
            if (optionsOf is not null)
            {
                invocation = invocation with { Options = optionsOf(facts.Options) with { JournalPath = invocation.Options.JournalPath } };
            }

            return await ReportAsync(facts, invocation, store, patience, list is null ? null : (new Enqueuer(store, facts, patience), source!), signals);
        }
        catch (OperationCanceledException) when (signals.ExitStatus is not null)
        {
            return signals.ExitStatus.Value;
        }
        catch (FetchSetupException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private static async Task<int> ReportAsync(
        JobFacts facts, FetchInvocation invocation, ILeaseStore store, Patience patience, (Enqueuer Enqueuer, UrlSource List)? add, TerminationSignals signals)
    {
        var run = new RunInfo
        {
            Options = invocation.Options,
            Sources = facts.Sources,
            Count = facts.Count,
            IsShared = true,
            Started = DateTimeOffset.UtcNow,
        };
        var earlier = new List<long>();
        using var journal = invocation.Options.JournalPath is { } path ? new JournalFile(path, onLine: (_, offset, _) => earlier.Add(offset)) : null;
        await using var outputs = new ReportFiles(invocation, () => new SummaryTable(TerminalStyle.OfStandardOutput(), null), signals);
        var sink = new ReportSink(run, outputs.Reports, invocation.Order == ResultOrder.Input);
        if (journal is not null)
        {
            journal.IsInUse = true;
        }

        var collector = new Collector(store, patience, sink);
        Exception? fault;
        await using (StartProgress(invocation, sink, collector))
        {
            Task CollectAsync(CancellationToken stop) => collector.RunAsync(journal, earlier, stop);
            fault = add is { } both
                ? await Together.RunAsync(signals.Stopping, CollectAsync, stop => both.Enqueuer.RunAsync(both.List, stop))
                : await Together.RunAsync(signals.Stopping, CollectAsync);
        }

        var problem = fault as IOException;
        if (fault is not (null or IOException))
        {
            ExceptionDispatchInfo.Throw(fault);
        }

        var total = collector.State?.Total ?? 0;
        problem ??= signals.ExitStatus is null && collector.Count < total
            ? new IOException($"{total - collector.Count} of {total} results were taken by an earlier collect; only its report, or its --journal, has them")
            : null;
        sink.Summary.NotStarted = Math.Max(0, total - sink.Summary.Urls);
        sink.End(await CostAsync(store, collector.LastEnd));
        var isWhole = await outputs.CloseAsync();
        if (problem is not null)
        {
            await Console.Error.WriteLineAsync($"fetcher: {problem.Message}");
        }

        return problem is SourceException ? CommandLine.UsageError
            : signals.ExitStatus ?? (!isWhole || problem is not null
                ? CommandLine.Failed
                : await FailIf.StatusAsync(invocation.FailIf, sink.Summary, sink.Summary.Failed == 0 ? 0 : CommandLine.Failed));
    }

    /// <summary>
    /// What the run cost all workers together, as far as they have said; the memory is that of the largest, and the time goes from the first worker's beginning
    /// to the last transfer's end.
    /// </summary>
    private static async Task<RunCost> CostAsync(ILeaseStore store, long lastEnd)
    {
        var cost = RunCost.None with { Wall = Nanoseconds.ToTimeSpan(lastEnd) };
        try
        {
            foreach (var worker in await store.WorkersAsync())
            {
                using var facts = JsonDocument.Parse(worker.Facts);
                double Fact(string name) => facts.RootElement.TryGetProperty(name, out var value) ? value.GetDouble() : 0;
                cost = cost with
                {
                    CpuUser = cost.CpuUser + TimeSpan.FromSeconds(Fact("cpu_user")),
                    CpuSystem = cost.CpuSystem + TimeSpan.FromSeconds(Fact("cpu_system")),
                    MaxRssBytes = Math.Max(cost.MaxRssBytes ?? 0, (long)Fact("max_rss")),
                    VoluntaryContextSwitches = cost.VoluntaryContextSwitches + (long)Fact("voluntary_switches"),
                    InvoluntaryContextSwitches = cost.InvoluntaryContextSwitches + (long)Fact("involuntary_switches"),
                };
            }
        }
        catch (IOException)
        {
            // The job is gone or the engine does not answer, which has been told.
        }

        return cost;
    }

    private static ProgressDisplay? StartProgress(FetchInvocation invocation, ReportSink sink, Collector collector)
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
            summary.Urls, collector.State is { IsSealed: true } state ? state.Total : null, 0, summary.BytesDownloaded,
            [.. summary.Failures.ByKind], summary.SlowestHosts.Slowest));
    }
}
