using Fetcher.Core;
using Fetcher.Core.Loop;
using Fetcher.Core.Timing;

namespace Fetcher.Queue;

/// <summary>How a worker takes part in a job.</summary>
internal sealed record QueueWorkOptions
{
    /// <summary>The worker's name, which no other has.</summary>
    public required string Worker { get; init; }

    /// <summary>How long its partitions stay its own without being renewed.</summary>
    public TimeSpan Lease { get; init; } = Leases.Usual;

    /// <summary>How long a silence of the store may last.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The format of the job.</summary>
    public required int Format { get; init; }

    /// <summary>URLs in flight at once.</summary>
    public required int Concurrency { get; init; }

    /// <summary>From one start of the job to the next, on all machines together; zero for no limit.</summary>
    public TimeSpan StartInterval { get; init; }

    /// <summary>From one start at a host to the next: a new owner of a host waits so long before its first.</summary>
    public TimeSpan HostInterval { get; init; }

    /// <summary>What is to be known of the worker, as JSON.</summary>
    public Func<WorkerCounts, string> Facts { get; init; } = _ => "{}";

    /// <summary>Told what is odd, a sentence each.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    public TimeProvider Clock { get; init; } = new BootClock();

    /// <summary>Takes part as a worker that does as <paramref name="options"/> say, and tells the others what it has used so far.</summary>
    /// <param name="name">What the worker is called; made a name that no other has.</param>
    /// <param name="job">The job.</param>
    /// <param name="options">How it fetches. Their starts are limited for all workers together.</param>
    public static QueueWorkOptions Of(string name, JobFacts job, FetchOptions options)
    {
        var meter = new RunMeter(new RunCounters());
        return new QueueWorkOptions
        {
            Worker = WorkerFacts.Unique(name),
            Format = job.Format,
            Concurrency = options.Concurrency,
            StartInterval = options.StartInterval,
            HostInterval = options.StartIntervalPerHost,
            Facts = counts => WorkerFacts.ToJson(counts, meter.Read()),
        };
    }
}
