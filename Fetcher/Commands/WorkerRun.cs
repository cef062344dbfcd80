using Fetcher.Core;
using Fetcher.Core.Runs;
using Fetcher.Lab;
using Fetcher.Queue;
using Fetcher.Queue.Redis;

namespace Fetcher.Commands;

/// <summary>Runs a worker: its options are the job's and its machine's, its work is the queue, and its results go there.</summary>
internal static class WorkerRun
{
    public static async Task<int> RunAsync(WorkerInvocation invocation, FetchOptionParser parser, CancellationToken cancellation)
    {
        // The pool has little to do now and then, beside the loops: its threads would spend more time looking for work than working (bench/NOTES.md).
        AppContext.SetData("System.Threading.ThreadPool.UnfairSemaphoreSpinLimit", 0);
        using var signals = new TerminationSignals(cancellation, invocation.Grace);
        await using var store = await invocation.Place.OpenAsync(invocation.Quiet);
        try
        {
            var place = invocation.Place;
            var facts = await JobSearch.WaitAsync(store, place.Address, place.Timeout, warning => QueuePlace.Warn(warning, invocation.Quiet), signals.Draining);
            return await ExportedRun.RunAsync(invocation.Quiet, needsTrust => WorkAsync(invocation, parser, facts, store, signals, needsTrust));
        }
        catch (OperationCanceledException) when (signals.ExitStatus is not null)
        {
            // Nothing had begun.
            return signals.ExitStatus.Value;
        }
        catch (FetchSetupException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private static async Task<int> WorkAsync(
        WorkerInvocation invocation, FetchOptionParser parser, JobFacts facts, RedisLeaseStore store, TerminationSignals signals, bool needsTrust)
    {
        string[] arguments = [.. facts.Options, .. invocation.Arguments];
        var options = parser.Bind(arguments);
        await using var lab = parser.IsLab(arguments) ? await LabCommand.StartChildAsync(new LabOptions(), signals.Stopping) : null;
        var plan = new RunPlan(options with { Lab = lab?.Endpoint })
        {
            OwnsProcess = true,
            KeepsSystemTrust = needsTrust,
            Stop = signals.Stopping,
            Drain = signals.Draining,
        };
        using var work = new QueueWork(store, QueueWorkOptions.Of(invocation.Name, facts, options) with
        {
            Lease = invocation.Lease,
            Timeout = invocation.Place.Timeout,
            Warn = warning => QueuePlace.Warn(warning, invocation.Quiet),
        });
        RunEnd end;
        await using (var session = FetchSession.Open(plan with { Options = plan.Options with { Mode = plan.Mode.Name } }, () => work))
        {
            LastWords.EndRun = session.EndWith;
            work.Begin(session.StartedAt);
            end = await session.ToEndAsync();
            await work.EndAsync();
        }

        foreach (var problem in FetchRun.Problems(end).Concat(work.Fault is { } fault ? [fault.Message] : []))
        {
            await Console.Error.WriteLineAsync($"fetcher: {problem}");
        }

        return signals.ExitStatus ?? (work.Fault is null && end.Error is null ? 0 : CommandLine.Failed);
    }
}
