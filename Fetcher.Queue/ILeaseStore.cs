namespace Fetcher.Queue;

/// <summary>
/// A job that several machines share: its URLs in partitions, who works at which, and the results that nobody has fetched yet. One clock counts, the store's.
/// </summary>
/// <remarks>
/// Every call may be made again after one whose answer was lost: it then does nothing twice. <see cref="StoreException"/> says that the store could not be
/// asked, or not just now; <see cref="JobGoneException"/> that the job is not there any more.
/// </remarks>
internal interface ILeaseStore : IAsyncDisposable
{
    /// <summary>Makes the job unless it is there.</summary>
    /// <returns>What the job is: as given, or as somebody has made it before.</returns>
    Task<JobFacts> CreateAsync(JobFacts facts);

    /// <summary>How far the job is; null when there is none.</summary>
    Task<JobState?> ReadAsync();

    /// <summary>Adds a batch of URLs to a partition, in ascending order of their indices.</summary>
    /// <returns>
    /// The last index that the partition had before, or -1: if it is less than the batch's first, the batch was added; otherwise nothing was, and those up
    /// to it are there already.
    /// </returns>
    /// <exception cref="StoreFullException">The store takes nothing now.</exception>
    Task<long> AddAsync(int partition, UrlBatch batch);

    /// <summary>Nothing is added any more.</summary>
    /// <returns>How many URLs there are; the job is sealed when that is <paramref name="total"/>.</returns>
    Task<long> SealAsync(long total);

    /// <summary>
    /// Says that a worker is alive, renews its leases, and gives it free partitions until it has its share: the partitions with work by the workers
    /// alive, rounded up.
    /// </summary>
    /// <param name="worker">The worker and what is to be known of it.</param>
    /// <param name="lease">How long leases hold from now.</param>
    /// <param name="held">The leases to renew; those that it has besides are free again.</param>
    Task<Beat> BeatAsync(WorkerCard worker, TimeSpan lease, IReadOnlyCollection<Lease> held);

    /// <summary>Hands out batches of the worker's partitions. They stay in the store until they are committed.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="from">Of which partitions, each from after a batch.</param>
    /// <param name="bounds">How much. A partition whose next batch is in too much doubt gives no more.</param>
    Task<Taken> TakeAsync(string worker, IReadOnlyList<Cursor> from, TakeBounds bounds);

    /// <summary>Notes which URL of a batch begins, of a batch that has taken workers down: should it do so again, that one is to blame.</summary>
    /// <returns>Whether the lease still holds.</returns>
    Task<bool> MarkAsync(string worker, Lease lease, long batch, int url);

    /// <summary>Ends a batch, or some of its URLs, and keeps the results, in one step. Once it has answered, the memory of what is committed is the caller's again.</summary>
    Task<CommitVerdict> CommitAsync(string worker, Lease lease, Commit commit);

    /// <summary>Gives partitions up: each is free at once.</summary>
    Task GiveUpAsync(string worker, IReadOnlyCollection<Lease> leases);

    /// <summary>Says that a worker ends, with the last that is to be known of it. Its leases are free at once.</summary>
    Task LeaveAsync(WorkerCard worker, IReadOnlyCollection<Lease> leases);

    /// <summary>The workers that were ever seen, with what is known of each.</summary>
    Task<IReadOnlyList<WorkerState>> WorkersAsync();

    /// <summary>Reads results in the order of their commits.</summary>
    /// <param name="collector">Who reads: one at a time, and whoever was not heard of for <see cref="Leases.OfCollector"/> reads no more.</param>
    /// <param name="after">The position of the last that was read; empty for none.</param>
    /// <param name="most">At most so many batches.</param>
    /// <exception cref="CollectorBusyException">Another collector is at work.</exception>
    Task<ResultPage> ReadResultsAsync(string collector, string after, int most);

    /// <summary>Drops results up to a position, since the collector has them safe.</summary>
    /// <param name="upTo">The position.</param>
    /// <param name="collected">How many results the collector has in all.</param>
    Task TrimAsync(string upTo, long collected);

    /// <summary>The collector reads no more: another may begin at once.</summary>
    Task EndCollectAsync(string collector);

    /// <summary>Takes places in the job's own rate of starts.</summary>
    /// <param name="count">How many.</param>
    /// <param name="interval">From one to the next.</param>
    /// <param name="since">How long ago the caller had its last start, which may have been later than its place.</param>
    /// <param name="within">None is taken when the first is further away than this; null for however far.</param>
    /// <returns>How long from now until the first of them.</returns>
    Task<TimeSpan> ReserveStartsAsync(int count, TimeSpan interval, TimeSpan since, TimeSpan? within = null);

    /// <summary>Drops the job with all that belongs to it.</summary>
    /// <returns>Whether there was one.</returns>
    Task<bool> PurgeAsync();
}
