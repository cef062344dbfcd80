using System.Globalization;
using StackExchange.Redis;

namespace Fetcher.Queue.Redis;

/// <summary>
/// A job in Redis or Valkey, of which <c>fetcher:{job}</c> is the key that all its others begin with: the hash of its facts and counts, <c>:q:P</c> the
/// stream of a partition's batches, <c>:own</c>, <c>:epoch</c>, <c>:left</c> and <c>:last</c> by partition, <c>:held</c> and <c>:part</c> by batch,
/// <c>:workers</c>, <c>:results</c> and <c>:rate</c>.
/// </summary>
internal sealed class RedisLeaseStore : ILeaseStore
{
    /// <summary>Batches of results that may lie unread in an engine that has no memory left, before nothing is handed out.</summary>
    internal const int MostUnreadWhenFull = 64;

    private readonly ConnectionMultiplexer _connection;
    private readonly IDatabase _database;
    private readonly RedisKey[] _keys;
    private readonly string _key;

    /// <param name="connection">Disposed with the store.</param>
    /// <param name="address">Where, and which job.</param>
    public RedisLeaseStore(ConnectionMultiplexer connection, RedisAddress address)
    {
        (_connection, _database) = (connection, connection.GetDatabase());
        _key = $"fetcher:{{{address.Job}}}";
        _keys = [_key];
    }

    /// <summary>Milliseconds that are added to the engine's clock: tests move it.</summary>
    internal long ClockOffset { get; set; }

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync().ConfigureAwait(false);

    /// <summary>What the engine says of itself (INFO), by name.</summary>
    public async Task<IReadOnlyDictionary<string, string>> InfoAsync()
    {
        var text = (string?)await CallAsync(() => _database.ExecuteAsync("INFO")).ConfigureAwait(false) ?? "";
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => line[0] != '#').Select(line => line.Split(':', 2))
            .Where(parts => parts.Length == 2).DistinctBy(parts => parts[0]).ToDictionary(parts => parts[0], parts => parts[1]);
    }

    public async Task<JobFacts> CreateAsync(JobFacts facts)
    {
        await RunAsync(
            Scripts.Create,
            "format", facts.Format, "version", facts.Version, "options", JobText.Of(facts.Options), "sources", JobText.Of(facts.Sources), "count", facts.Count,
            "partitions", facts.Partitions, "by_url", facts.ByUrl ? 1 : 0, "unread", facts.MostUnread).ConfigureAwait(false);
        return (await ReadAsync().ConfigureAwait(false) ?? throw new JobGoneException()).Facts;
    }

    public async Task<JobState?> ReadAsync()
    {
        try
        {
            var parts = (RedisResult[])(await RunAsync(Scripts.Read).ConfigureAwait(false))!;
            var hash = parts[0].ToDictionary();
            return Counts(JobText.Facts(name => (string?)hash.GetValueOrDefault(name)), parts[1]) with
            {
                CreatedAt = (long)hash["created"],
                Held = (long)parts[2],
            };
        }
        catch (JobGoneException)
        {
            return null;
        }
    }

    public async Task<long> AddAsync(int partition, UrlBatch batch) =>
        (long)await RunAsync(Scripts.Add, partition, batch.First, batch.Last, batch.Count, batch.Packed).ConfigureAwait(false);

    public async Task<long> SealAsync(long total) => (long)await RunAsync(Scripts.Seal, total).ConfigureAwait(false);

    public async Task<Beat> BeatAsync(WorkerCard worker, TimeSpan lease, IReadOnlyCollection<Lease> held)
    {
        var answer = (RedisResult[])(await RunAsync(
            Scripts.Beat, [worker.Name, worker.Facts, (long)lease.TotalMilliseconds, .. Flat(held)]).ConfigureAwait(false))!;
        var (gained, lost, share) = ((long[])answer[0]!, (long[])answer[1]!, (int[])answer[2]!);
        var mine = share[1] + (gained.Length / 3);
        var counts = Counts(null!, answer[3]);
        return new Beat
        {
            Gained = [.. gained.Chunk(3).Select(g => new GainedLease(new Lease((int)g[0], g[1]), g[2] == 1))],
            Lost = [.. lost.Chunk(2).Select(l => new Lease((int)l[0], l[1]))],
            Surplus = Math.Max(0, mine - share[0]),
            Wanting = Math.Max(0, share[0] - mine),
            Workers = share[2],
            Total = counts.Total,
            Done = counts.Done,
            Left = counts.Left,
            IsSealed = counts.IsSealed,
            BeganAt = counts.BeganAt,
            Now = counts.Now,
        };
    }

    public async Task<Taken> TakeAsync(string worker, IReadOnlyList<Cursor> from, TakeBounds bounds)
    {
        var cursors = from.SelectMany(cursor => new RedisValue[] { cursor.Lease.Partition, cursor.Lease.Epoch, StreamId(cursor.After) + "-0" });
        RedisValue[] Values(long mostUnread) => [worker, bounds.Most, mostUnread, bounds.Each, bounds.Doubt, .. cursors];
        RedisResult answer;
        try
        {
            answer = await RunAsync(Scripts.Take, Values(long.MaxValue)).ConfigureAwait(false);
        }
        catch (StoreFullException)
        {
            answer = await RunAsync(Scripts.TakeWhenFull, Values(MostUnreadWhenFull)).ConfigureAwait(false);
        }

        return answer.Length < 0
            ? new Taken([], IsFull: true)
            : new Taken([.. ((RedisResult[])answer!).Chunk(6).Select(Batch)], IsFull: false);
    }

    public async Task<bool> MarkAsync(string worker, Lease lease, long batch, int url) =>
        (bool)await RunAsync(Scripts.Mark, worker, lease.Partition, lease.Epoch, StreamId(batch), url).ConfigureAwait(false);

    public async Task<CommitVerdict> CommitAsync(string worker, Lease lease, Commit commit) => (CommitVerdict)(int)await RunAsync(
        Scripts.Commit,
        worker, lease.Partition, lease.Epoch, StreamId(commit.Batch), commit.Done, commit.Count, commit.Ok, commit.Bytes, commit.Packed).ConfigureAwait(false);

    public Task GiveUpAsync(string worker, IReadOnlyCollection<Lease> leases) => RunAsync(Scripts.GiveUp, [worker, .. Flat(leases)]);

    public Task LeaveAsync(WorkerCard worker, IReadOnlyCollection<Lease> leases) => RunAsync(Scripts.Leave, [worker.Name, worker.Facts, .. Flat(leases)]);

    public async Task<IReadOnlyList<WorkerState>> WorkersAsync() =>
    [
        .. ((RedisResult[])(await RunAsync(Scripts.Workers).ConfigureAwait(false))!).Chunk(4)
            .Select(w => new WorkerState((string)w[0]!, (string)w[2]!, TimeSpan.FromMilliseconds((long)w[1]), (int)w[3])),
    ];

    public async Task<ResultPage> ReadResultsAsync(string collector, string after, int most)
    {
        var answer = await RunAsync(
            Scripts.Results, collector, after.Length == 0 ? "-" : "(" + after, most, (long)Leases.OfCollector.TotalMilliseconds).ConfigureAwait(false);
        if (answer.Length < 0)
        {
            throw new CollectorBusyException();
        }

        var batches = ((RedisResult[])answer[1]!).Select(entry => new PackedResults((string)entry[0]!, (byte[])entry[1][1]!));
        return new ResultPage([.. batches], Counts(null!, answer[0]));
    }

    public Task TrimAsync(string upTo, long collected)
    {
        var (time, number) = upTo.Split('-') is [var ms, var n] ? (ms, long.Parse(n, CultureInfo.InvariantCulture)) : (upTo, 0);
        return RunAsync(Scripts.Trim, string.Create(CultureInfo.InvariantCulture, $"{time}-{number + 1}"), collected);
    }

    public Task EndCollectAsync(string collector) => RunAsync(Scripts.EndCollect, collector);

    public async Task<TimeSpan> ReserveStartsAsync(int count, TimeSpan interval, TimeSpan since, TimeSpan? within = null) => TimeSpan.FromMicroseconds((long)await RunAsync(
        Scripts.Rate, count, Microseconds(interval), Microseconds(since), Microseconds(within ?? TimeSpan.MaxValue)).ConfigureAwait(false));

    public async Task<bool> PurgeAsync()
    {
        var facts = (await ReadAsync().ConfigureAwait(false))?.Facts;
        var streams = Enumerable.Range(0, facts?.Partitions ?? HostPartition.Usual).Select(p => $":q:{p}");
        string[] parts = ["", ":own", ":epoch", ":left", ":last", ":held", ":part", ":workers", ":results", ":rate", .. streams];
        await CallAsync(() => _database.ExecuteAsync("UNLINK", [.. parts.Select(part => (object)(RedisKey)(_key + part))])).ConfigureAwait(false);
        return facts is not null;
    }

    private static long StreamId(long first) => first + 1;

    private static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;

    private static TakenBatch Batch(RedisResult[] entry)
    {
        var held = ((string)entry[3]!).Split('|');
        return new TakenBatch(
            new Lease((int)entry[0], (long)entry[1]),
            (long)entry[2] - 1,
            (byte[])entry[5]!,
            int.Parse(held[0], CultureInfo.InvariantCulture),
            held[1].Length == 0 ? -1 : int.Parse(held[1], CultureInfo.InvariantCulture),
            (string)entry[4]!);
    }

    private static JobState Counts(JobFacts facts, RedisResult counts)
    {
        var values = (long[])counts!;
        return new JobState
        {
            Facts = facts,
            IsSealed = values[0] == 1,
            Total = values[1],
            Done = values[2],
            Left = values[3],
            BeganAt = values[4],
            Now = values[5],
            Ok = values[6],
            Bytes = values[7],
            Collected = values[8],
        };
    }

    private static IEnumerable<RedisValue> Flat(IEnumerable<Lease> leases) => leases.SelectMany(lease => new RedisValue[] { lease.Partition, lease.Epoch });

    private Task<RedisResult> RunAsync(string script, params RedisValue[] values) =>
        CallAsync(() => _database.ScriptEvaluateAsync(script, _keys, [ClockOffset, .. values]));

    /// <exception cref="StoreException">The engine could not be asked, or not just now.</exception>
    /// <exception cref="JobGoneException">There is no such job.</exception>
    private static async Task<RedisResult> CallAsync(Func<Task<RedisResult>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (RedisServerException e) when (e.Message.StartsWith(Scripts.Gone, StringComparison.Ordinal))
        {
            throw new JobGoneException();
        }
        catch (RedisServerException e) when (e.Message.StartsWith("OOM", StringComparison.Ordinal))
        {
            throw new StoreFullException("the engine has no memory left (maxmemory)");
        }
        catch (RedisServerException e)
        {
            throw new StoreException($"the engine answers: {e.Message}", e);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            throw new StoreException("it cannot be reached", e);
        }
    }
}
