namespace Fetcher.Queue;

/// <summary>How long things hold without being renewed.</summary>
internal static class Leases
{
    /// <summary>A worker's partitions, unless <c>--lease</c> says otherwise.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);

    /// <summary>The shortest that a worker may ask for.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    /// <summary>The right to collect.</summary>
    public static readonly TimeSpan OfCollector = TimeSpan.FromSeconds(5);
}

/// <summary>What a job is, from its making on.</summary>
internal sealed record JobFacts
{
    /// <summary>The newest format that this program reads and writes; older ones, too, it goes on with.</summary>
    public const int NewestFormat = 4;

    /// <summary>About 120 MB of results.</summary>
    public const int UsualMostUnread = 8192;

    /// <summary>Format of the job's keys and values.</summary>
    public int Format { get; init; } = NewestFormat;

    /// <summary>Version of the program that made it.</summary>
    public required string Version { get; init; }

    /// <summary>The options of the fetch as arguments of the command line, without secrets.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>The sources, without user info.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>How many times over the list is fetched.</summary>
    public int Count { get; init; } = 1;

    public int Partitions { get; init; } = HostPartition.Usual;

    /// <summary>Whether URLs are shared out by themselves rather than by host.</summary>
    public bool ByUrl { get; init; }

    /// <summary>Batches of results that may lie unread before no new batch is handed out.</summary>
    public int MostUnread { get; init; } = UsualMostUnread;
}

/// <summary>How far a job is.</summary>
internal sealed record JobState
{
    public required JobFacts Facts { get; init; }

    /// <summary>URLs that were added.</summary>
    public long Total { get; init; }

    /// <summary>Whether no more are added.</summary>
    public bool IsSealed { get; init; }

    /// <summary>URLs that have a result.</summary>
    public long Done { get; init; }

    /// <summary>Of them fetched.</summary>
    public long Ok { get; init; }

    /// <summary>Body bytes on the wire.</summary>
    public long Bytes { get; init; }

    /// <summary>URLs without a result, counted where they lie.</summary>
    public long Left { get; init; }

    /// <summary>Batches in the hands of workers.</summary>
    public long Held { get; init; }

    /// <summary>Results that a collector has safe.</summary>
    public long Collected { get; init; }

    /// <summary>When it was made, and when the first worker came; Unix time of the store's clock in microseconds, 0 for not yet.</summary>
    public long CreatedAt { get; init; }

    /// <inheritdoc cref="CreatedAt"/>
    public long BeganAt { get; init; }

    /// <summary>The store's clock now, likewise.</summary>
    public long Now { get; init; }

    /// <summary>Whether every URL has its result. A store that has lost some is not taken for one that has finished.</summary>
    public bool IsFinished => IsSealed && Done == Total && Left == 0;

    /// <summary>Whether the store has lost URLs or results.</summary>
    public bool IsBroken => Total != Done + Left;
}

/// <summary>URLs of one partition that are handed out together.</summary>
/// <param name="First">Index of the first; the batch is known by it.</param>
/// <param name="Last">Index of the last.</param>
/// <param name="Count">How many.</param>
/// <param name="Packed">The URLs (<see cref="BatchFormat"/>).</param>
internal sealed record UrlBatch(long First, long Last, int Count, ReadOnlyMemory<byte> Packed);

/// <summary>A partition that a worker owns. Whoever owned it before has a lower epoch.</summary>
internal readonly record struct Lease(int Partition, long Epoch);

/// <summary>A lease that a worker was given.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="IsReclaimed">Whether it was taken from a worker that had not renewed it.</param>
internal readonly record struct GainedLease(Lease Lease, bool IsReclaimed);

/// <summary>A worker and what it says of itself, as JSON.</summary>
internal sealed record WorkerCard(string Name, string Facts);

/// <summary>What the store knows of a worker.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Facts">What it said of itself last.</param>
/// <param name="Left">How long until it counts as dead; negative since when it does.</param>
/// <param name="Partitions">How many it owns.</param>
internal sealed record WorkerState(string Name, string Facts, TimeSpan Left, int Partitions)
{
    public bool IsAlive => Left > TimeSpan.Zero;
}

/// <summary>The answer to a worker that says it is alive.</summary>
internal sealed record Beat
{
    /// <summary>Partitions that are the worker's from now on.</summary>
    public required IReadOnlyList<GainedLease> Gained { get; init; }

    /// <summary>Leases that are not the worker's any more.</summary>
    public required IReadOnlyList<Lease> Lost { get; init; }

    /// <summary>How many partitions with work it has above its share, and is to give up.</summary>
    public int Surplus { get; init; }

    /// <summary>How many partitions with work it lacks.</summary>
    public int Wanting { get; init; }

    /// <summary>Workers alive, with this one.</summary>
    public int Workers { get; init; }

    /// <summary>The job's counts.</summary>
    public long Total { get; init; }

    /// <inheritdoc cref="Total"/>
    public long Done { get; init; }

    /// <inheritdoc cref="Total"/>
    public long Left { get; init; }

    public bool IsSealed { get; init; }

    /// <summary>When the first worker came, and the store's clock now: Unix time in microseconds.</summary>
    public long BeganAt { get; init; }

    /// <inheritdoc cref="BeganAt"/>
    public long Now { get; init; }

    /// <inheritdoc cref="JobState.IsFinished"/>
    public bool IsFinished => IsSealed && Done == Total && Left == 0;

    /// <inheritdoc cref="JobState.IsBroken"/>
    public bool IsBroken => Total != Done + Left;
}

/// <summary>Where to go on in a partition.</summary>
/// <param name="Lease">The partition.</param>
/// <param name="After">The batch that was taken last, or -1.</param>
internal readonly record struct Cursor(Lease Lease, long After);

/// <summary>How much is handed out at once.</summary>
/// <param name="Most">Batches at most.</param>
/// <param name="Each">Of one partition at most.</param>
/// <param name="Doubt">How many may be in doubt (<see cref="Of"/>): who has few of them in hand when it dies tells which it was that took it down.</param>
internal readonly record struct TakeBounds(int Most, int Each = int.MaxValue, int Doubt = TakeBounds.MostDoubt)
{
    /// <summary>All the doubt that a worker may have in hand.</summary>
    public const int MostDoubt = 16;

    private const int DoubtOfMany = 4;

    /// <summary>How much a batch is in doubt after the deaths of so many workers that had it in hand: sixteen may be in hand after one, four after more.</summary>
    public static int Of(int takeovers) => takeovers == 0 ? 0 : takeovers == 1 ? 1 : DoubtOfMany;
}

/// <summary>A batch in a worker's hands.</summary>
/// <param name="Lease">The lease that it was handed out under.</param>
/// <param name="Id">Its first index.</param>
/// <param name="Packed">The URLs.</param>
/// <param name="Takeovers">How many workers died with it in hand.</param>
/// <param name="Marked">The URL that was marked when the last of them died, or -1.</param>
/// <param name="Done">For each URL, in order, '1' when it has its result already; empty when none has.</param>
internal sealed record TakenBatch(Lease Lease, long Id, ReadOnlyMemory<byte> Packed, int Takeovers, int Marked, string Done);

/// <summary>What was handed out.</summary>
/// <param name="Batches">The batches.</param>
/// <param name="IsFull">Whether there would be more if fewer results were unread.</param>
internal sealed record Taken(IReadOnlyList<TakenBatch> Batches, bool IsFull);

/// <summary>The end of a batch, or of some of its URLs.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Done">For each URL, in order, '1' when its result is in this commit; empty when the batch ends with it.</param>
/// <param name="Count">How many results.</param>
/// <param name="Ok">Of them fetched.</param>
/// <param name="Bytes">Body bytes on the wire.</param>
/// <param name="Packed">The results (<see cref="ResultPack"/>).</param>
internal sealed record Commit(long Batch, string Done, int Count, int Ok, long Bytes, ReadOnlyMemory<byte> Packed);

/// <summary>What became of a commit.</summary>
internal enum CommitVerdict
{
    /// <summary>The lease was lost: the URLs are another worker's now, and the results count for nothing.</summary>
    Refused,

    Committed,

    /// <summary>An earlier try had got through.</summary>
    Already,
}

/// <summary>Results of a batch.</summary>
/// <param name="Position">Where it stands.</param>
/// <param name="Packed">The results.</param>
internal sealed record PackedResults(string Position, ReadOnlyMemory<byte> Packed);

/// <summary>Results, and how far the job was when they were read.</summary>
internal sealed record ResultPage(IReadOnlyList<PackedResults> Batches, JobState State);

/// <summary>The store could not be asked, or not just now.</summary>
internal class StoreException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>The store takes no more URLs just now: it has no memory left.</summary>
internal sealed class StoreFullException(string message) : StoreException(message);

/// <summary>The job is not there, or not any more.</summary>
internal sealed class JobGoneException() : IOException("the job is not in the queue any more: it was purged, or the engine has lost its data");

/// <summary>What the store gave can't be unpacked.</summary>
internal sealed class JobBrokenException(InvalidDataException inner) : IOException($"what the engine has of the job is broken: {inner.Message}", inner);

/// <summary>Another collector is at work.</summary>
internal sealed class CollectorBusyException() : IOException("another collector takes the results of this job; two would have half of them each");
