using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fetcher.Core;
using Fetcher.Core.Loop;
using Fetcher.Core.Runs;
using Fetcher.Core.Timing;
using Fetcher.Lab;
using Fetcher.Queue;
using Fetcher.Queue.Redis;

namespace Fetcher.Commands;

/// <summary>Runs a worker: its options are the job's and its machine's, its work is the queue, and its results go there.</summary>
internal static class WorkerRun
{
    public static async Task<int> RunAsync(WorkerInvocation invocation, FetchOptionParser parser, CancellationToken cancellation)
    {
        using var signals = new TerminationSignals(cancellation, invocation.Grace);
        await using var store = await invocation.Place.OpenAsync(invocation.Quiet);
        try
        {
            var facts = await FindJobAsync(store, invocation, signals.Draining);
            return await WorkAsync(invocation, parser, facts, store, signals);
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

    /// <summary>Checks that a job is one that this program can read.</summary>
    /// <exception cref="UsageException">It is of a newer format.</exception>
    public static JobFacts Check(JobFacts facts, QueuePlace place) => facts.Format <= JobFacts.NewestFormat
        ? facts
        : throw new UsageException(
            $"the job {place.Address} is of format {facts.Format}, and this fetcher knows {JobFacts.NewestFormat}: it was made by a newer one ({facts.Version})");

    /// <summary>Waits for the job, should the worker be there before it.</summary>
    private static async Task<JobFacts> FindJobAsync(ILeaseStore store, WorkerInvocation invocation, CancellationToken stop)
    {
        var patience = invocation.Place.Patience(invocation.Quiet);
        for (var waited = TimeSpan.Zero; ; waited += Poll)
        {
            if (await patience.AskAsync(store.ReadAsync, stop) is { } state)
            {
                return Check(state.Facts, invocation.Place);
            }

            if (waited == TimeSpan.Zero)
            {
                QueuePlace.Warn($"there is no job {invocation.Place.Address} yet; waiting for it, {invocation.Place.Timeout.TotalSeconds:0.###} s at most", invocation.Quiet);
            }
            else if (waited >= invocation.Place.Timeout)
            {
                throw new IOException($"there is no job {invocation.Place.Address}");
            }

            await Task.Delay(Poll, stop);
        }
    }

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    private static async Task<int> WorkAsync(
        WorkerInvocation invocation, FetchOptionParser parser, JobFacts facts, RedisLeaseStore store, TerminationSignals signals)
    {
        string[] arguments = [.. facts.Options, .. invocation.Arguments];
        var options = parser.Bind(arguments);
        await using var lab = parser.IsLab(arguments) ? await LabProcess.StartAsync(new LabOptions(), signals.Stopping) : null;
        var plan = new RunPlan(options with { StartInterval = TimeSpan.Zero, Lab = lab?.Endpoint })
        {
            OwnsProcess = true,
            Stop = signals.Stopping,
            Drain = signals.Draining,
        };
        var meter = new RunMeter(new RunCounters());
        using var work = new QueueWork(store, new QueueWorkOptions
        {
            Worker = $"{invocation.Name}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(2))}",
            Lease = invocation.Lease,
            Timeout = invocation.Place.Timeout,
            Concurrency = options.Concurrency,
            StartInterval = options.StartInterval,
            HostInterval = options.StartIntervalPerHost,
            Facts = counts => Card(counts, meter.Read()),
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

    /// <summary>What is to be known of this worker.</summary>
    private static string Card(WorkerCounts counts, RunCost cost)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("host"u8, Environment.MachineName);
            json.WriteNumber("pid"u8, Environment.ProcessId);
            json.WriteString("version"u8, ThisAssembly.Version);
            json.WriteNumber("done"u8, counts.Done);
            json.WriteNumber("ok"u8, counts.Ok);
            json.WriteNumber("commits"u8, counts.Batches);
            json.WriteNumber("refused"u8, counts.Refused);
            json.WriteNumber("reclaimed"u8, counts.Reclaimed);
            json.WriteNumber("given_up"u8, counts.GivenUp);
            json.WriteNumber("cpu_user"u8, Math.Round(cost.CpuUser.TotalSeconds, 3));
            json.WriteNumber("cpu_system"u8, Math.Round(cost.CpuSystem.TotalSeconds, 3));
            json.WriteNumber("max_rss"u8, cost.MaxRssBytes ?? 0);
            json.WriteNumber("voluntary_switches"u8, cost.VoluntaryContextSwitches);
            json.WriteNumber("involuntary_switches"u8, cost.InvoluntaryContextSwitches);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
