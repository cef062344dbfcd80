using System.Globalization;

namespace Fetcher.Queue;

/// <summary>The store in memory, for one process: what the contract of a store means, in plain words of C#. The scripts of Redis do the same.</summary>
internal sealed class MemoryLeaseStore(TimeProvider clock) : ILeaseStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Facts, DateTimeOffset Deadline)> _workers = [];
    private readonly List<(long Position, ReadOnlyMemory<byte> Packed)> _results = [];
    private Partition[] _partitions = [];
    private JobFacts? _facts;
    private (string Name, DateTimeOffset Deadline) _collector = ("", DateTimeOffset.MinValue);
    private DateTimeOffset _nextStart = DateTimeOffset.MinValue;
    private long _total, _done, _ok, _bytes, _collected, _createdAt, _beganAt, _position;
    private bool _isSealed;

    private DateTimeOffset Now => clock.GetUtcNow();

    private long NowMicroseconds => (Now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public Task<JobFacts> CreateAsync(JobFacts facts) => Locked(() =>
    {
        if (_facts is null)
        {
            (_facts, _createdAt) = (facts, NowMicroseconds);
            _partitions = [.. Enumerable.Range(0, facts.Partitions).Select(_ => new Partition())];
        }

        return _facts;
    });

    public Task<JobState?> ReadAsync() => Locked(() => _facts is null ? null : State());

    public Task<long> AddAsync(int partition, UrlBatch batch) => InJob(() =>
    {
        var to = _partitions[partition];
        var last = to.Last;
        if (last < batch.First && !_isSealed)
        {
            to.Batches.Add(batch.First, new Batch(batch));
            to.Last = batch.Last;
            _total += batch.Count;
        }

        return last;
    });

    public Task<long> SealAsync(long total) => InJob(() =>
    {
        _isSealed |= total == _total;
        return _total;
    });

    public Task<Beat> BeatAsync(WorkerCard worker, TimeSpan lease, IReadOnlyCollection<Lease> held) => InJob(() =>
    {
        var (now, until) = (Now, Now + lease);
        _beganAt = _beganAt == 0 ? NowMicroseconds : _beganAt;
        _workers[worker.Name] = (worker.Facts, until);
        var lost = held.Where(lease => !IsOwner(worker.Name, lease)).ToList();
        for (var p = 0; p < _partitions.Length; p++)
        {
            if (_partitions[p].Owner == worker.Name)
            {
                var isKnown = held.Contains(new Lease(p, _partitions[p].Epoch));
                (_partitions[p].Owner, _partitions[p].Deadline) = isKnown ? (worker.Name, until) : (null, now);
            }
        }

        var alive = _workers.Values.Count(other => other.Deadline > now);
        var share = ((_partitions.Count(p => p.HasWork) + alive) - 1) / alive;
        var mine = _partitions.Count(p => p.Owner == worker.Name && p.HasWork);
        var gained = Claim(worker.Name, share - mine, until);
        return new Beat
        {
            Gained = gained,
            Lost = lost,
            Surplus = Math.Max(0, mine - share),
            Wanting = Math.Max(0, share - mine - gained.Count),
            Workers = alive,
            Total = _total,
            Done = _done,
            Left = _partitions.Sum(p => p.Left),
            IsSealed = _isSealed,
            BeganAt = _beganAt,
            Now = NowMicroseconds,
        };
    });

    public Task<Taken> TakeAsync(string worker, IReadOnlyList<Cursor> from, TakeBounds bounds) => InJob(() =>
    {
        var taken = new List<TakenBatch>();
        if (_results.Count >= _facts!.MostUnread)
        {
            return new Taken(taken, IsFull: true);
        }

        foreach (var (lease, after) in from.Where(cursor => IsOwner(worker, cursor.Lease)))
        {
            foreach (var (id, batch) in _partitions[lease.Partition].Batches.Where(batch => batch.Key > after).Take(Math.Min(bounds.Each, bounds.Most - taken.Count)))
            {
                if (TakeBounds.Of(batch.Takeovers) is > 0 and var doubt && (bounds = bounds with { Doubt = bounds.Doubt - doubt }).Doubt < 0)
                {
                    break;
                }

                batch.IsHeld = true;
                taken.Add(new TakenBatch(lease, id, batch.Urls.Packed, batch.Takeovers, batch.Marked, batch.DoneText));
            }
        }

        return new Taken(taken, IsFull: false);
    });

    public Task<bool> MarkAsync(string worker, Lease lease, long batch, int url) => InJob(() =>
    {
        var holds = IsOwner(worker, lease);
        if (holds && _partitions[lease.Partition].Batches.TryGetValue(batch, out var marked))
        {
            marked.Marked = url;
        }

        return holds;
    });

    public Task<CommitVerdict> CommitAsync(string worker, Lease lease, Commit commit) => InJob(() =>
    {
        if (!IsOwner(worker, lease))
        {
            return CommitVerdict.Refused;
        }

        var partition = _partitions[lease.Partition];
        if (!partition.Batches.TryGetValue(commit.Batch, out var batch) || !batch.TryEnd(commit))
        {
            return CommitVerdict.Already;
        }

        if (batch.Left == 0)
        {
            partition.Batches.Remove(commit.Batch);
        }

        (_done, _ok, _bytes) = (_done + commit.Count, _ok + commit.Ok, _bytes + commit.Bytes);
        _results.Add((++_position, commit.Packed.ToArray()));
        return CommitVerdict.Committed;
    });

    public Task GiveUpAsync(string worker, IReadOnlyCollection<Lease> leases) => InJob(() => Free(worker, leases));

    public Task LeaveAsync(WorkerCard worker, IReadOnlyCollection<Lease> leases) => InJob(() =>
    {
        _workers[worker.Name] = (worker.Facts, Now);
        return Free(worker.Name, leases);
    });

    public Task<IReadOnlyList<WorkerState>> WorkersAsync() => InJob<IReadOnlyList<WorkerState>>(() =>
    [
        .. _workers.Select(worker => new WorkerState(
            worker.Key, worker.Value.Facts, worker.Value.Deadline - Now, _partitions.Count(p => p.Owner == worker.Key && p.Deadline > Now))),
    ]);

    public Task<ResultPage> ReadResultsAsync(string collector, string after, int most) => InJob(() =>
    {
        if (_collector.Name != collector && _collector.Deadline > Now)
        {
            throw new CollectorBusyException();
        }

        _collector = (collector, Now + Leases.OfCollector);
        var from = after.Length == 0 ? 0 : long.Parse(after, CultureInfo.InvariantCulture);
        var page = _results.Where(batch => batch.Position > from).Take(most)
            .Select(batch => new PackedResults(batch.Position.ToString(CultureInfo.InvariantCulture), batch.Packed));
        return new ResultPage([.. page], State());
    });

    public Task TrimAsync(string upTo, long collected) => InJob(() =>
    {
        var end = long.Parse(upTo, CultureInfo.InvariantCulture);
        _collected = Math.Max(_collected, collected);
        return _results.RemoveAll(batch => batch.Position <= end);
    });

    public Task EndCollectAsync(string collector) => InJob(() => _collector = _collector.Name == collector ? ("", DateTimeOffset.MinValue) : _collector);

    public Task<TimeSpan> ReserveStartsAsync(int count, TimeSpan interval, TimeSpan since, TimeSpan? within = null) => InJob(() =>
    {
        var first = _nextStart > Now ? _nextStart : Now;
        first = since < interval && Now - since + interval > first ? Now - since + interval : first;
        _nextStart = first - Now > within ? _nextStart : first + (interval * count);
        return first - Now;
    });

    public Task<bool> PurgeAsync() => Locked(() =>
    {
        var was = _facts is not null;
        (_facts, _partitions, _isSealed) = (null, [], false);
        _total = _done = _ok = _bytes = _collected = _createdAt = _beganAt = 0;
        _workers.Clear();
        _results.Clear();
        return was;
    });

    private List<GainedLease> Claim(string worker, int most, DateTimeOffset until)
    {
        var gained = new List<GainedLease>();
        for (var p = 0; p < _partitions.Length && gained.Count < most; p++)
        {
            var partition = _partitions[p];
            if (!partition.HasWork || (partition.Owner is not null && partition.Deadline > Now))
            {
                continue;
            }

            var isReclaimed = partition.Owner is not null;
            foreach (var batch in partition.Batches.Values.Where(batch => isReclaimed && batch.IsHeld))
            {
                batch.Takeovers++;
            }

            (partition.Owner, partition.Deadline) = (worker, until);
            gained.Add(new GainedLease(new Lease(p, ++partition.Epoch), isReclaimed));
        }

        return gained;
    }

    private bool IsOwner(string worker, Lease lease) =>
        _partitions[lease.Partition] is var partition && partition.Owner == worker && partition.Epoch == lease.Epoch;

    private int Free(string worker, IReadOnlyCollection<Lease> leases)
    {
        foreach (var lease in leases.Where(lease => IsOwner(worker, lease)))
        {
            _partitions[lease.Partition].Owner = null;
            foreach (var batch in _partitions[lease.Partition].Batches.Values)
            {
                (batch.IsHeld, batch.Marked) = (false, -1);
            }
        }

        return leases.Count;
    }

    private JobState State() => new()
    {
        Facts = _facts!,
        Total = _total,
        IsSealed = _isSealed,
        Done = _done,
        Ok = _ok,
        Bytes = _bytes,
        Left = _partitions.Sum(p => p.Left),
        Held = _partitions.Sum(p => p.Batches.Values.Count(batch => batch.IsHeld)),
        Collected = _collected,
        CreatedAt = _createdAt,
        BeganAt = _beganAt,
        Now = NowMicroseconds,
    };

    private Task<T> InJob<T>(Func<T> action) => Locked(() => _facts is null ? throw new JobGoneException() : action());

    private Task<T> Locked<T>(Func<T> action)
    {
        lock (_gate)
        {
            try
            {
                return Task.FromResult(action());
            }
            catch (IOException e)
            {
                return Task.FromException<T>(e);
            }
        }
    }

    private sealed class Partition
    {
        public SortedDictionary<long, Batch> Batches { get; } = [];

        public long Last { get; set; } = -1;

        public string? Owner { get; set; }

        public long Epoch { get; set; }

        public DateTimeOffset Deadline { get; set; }

        public bool HasWork => Batches.Count > 0;

        public long Left => Batches.Values.Sum(batch => batch.Left);
    }

    private sealed class Batch(UrlBatch urls)
    {
        private readonly bool[] _done = new bool[urls.Count];

        public UrlBatch Urls => urls;

        public bool IsHeld { get; set; }

        public int Takeovers { get; set; }

        public int Marked { get; set; } = -1;

        public int Left => _done.Count(done => !done);

        public string DoneText => Left == _done.Length ? "" : string.Concat(_done.Select(done => done ? '1' : '0'));

        /// <summary>False when an earlier try has ended these.</summary>
        public bool TryEnd(Commit commit)
        {
            if (commit.Done.Where((done, url) => done == '1' && _done[url]).Any())
            {
                return false;
            }

            for (var url = 0; url < _done.Length; url++)
            {
                _done[url] |= commit.Done.Length == 0 || commit.Done[url] == '1';
            }

            Marked = -1;
            return true;
        }
    }
}
