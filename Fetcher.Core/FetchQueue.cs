namespace Fetcher.Core;

/// <summary>
/// A job that machines share: its URLs lie in an engine, each has its one outcome, and whoever works at the job takes some of them. The package Fetcher.Queue
/// has the one on Redis.
/// </summary>
public abstract class FetchQueue : IAsyncDisposable
{
    internal FetchQueue()
    {
    }

    /// <summary>Lets go of the engine; the job stays there.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>Puts a list into the job, making it if need be, and takes the results of all of it, whoever fetches.</summary>
    internal abstract Task CollectAsync(IUrlSource list, IResultSink sink, CancellationToken stop);

    /// <summary>Takes a share of the job, for which it waits.</summary>
    /// <exception cref="FetchSetupException">The job cannot be worked at with these options.</exception>
    internal abstract Task<IQueueShare> JoinAsync(FetchOptions options, CancellationToken stop);
}

/// <summary>One machine's share of a job, as the work of a run.</summary>
internal interface IQueueShare : IWork, IDisposable
{
    /// <summary>Why the work ended before the job did, or null.</summary>
    IOException? Fault { get; }

    /// <summary>Begins to take URLs.</summary>
    /// <param name="startedAt">When the run began, in nanoseconds of the system's monotonic clock.</param>
    void Begin(long startedAt);

    /// <summary>Gives the results of what has ended to the job, and the rest to the others. No URL is under way any more.</summary>
    Task EndAsync();
}
