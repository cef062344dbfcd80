namespace Fetcher.Queue.Redis;

/// <summary>How a job on Redis is reached, made and worked at.</summary>
public sealed record RedisFetchQueueOptions
{
    /// <summary>PEM file of the authorities to trust for <c>rediss://</c>, or null for the system's.</summary>
    public string? CaCertPath { get; init; }

    /// <summary>How long the engine may be silent, and how long a worker waits for its job.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A worker that was not heard of for so long has lost its share; at least 1 s.</summary>
    public TimeSpan Lease { get; init; } = Leases.Usual;

    /// <summary>What results call a worker; null for the machine's name and the number of the process.</summary>
    public string? Worker { get; init; }

    /// <summary>Whether a new job is shared out by URL rather than by host, for a list of one host: no limit for each host can hold then.</summary>
    public bool ByUrl { get; init; }

    /// <summary>Batches of at most 128 results of a new job that may wait to be collected before its workers wait too.</summary>
    public int MaxUnread { get; init; } = JobFacts.UsualMostUnread;

    /// <summary>Told what is odd, a sentence each, on any thread.</summary>
    public Action<string>? OnWarning { get; init; }
}
