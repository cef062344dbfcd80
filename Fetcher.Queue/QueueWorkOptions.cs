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
}
