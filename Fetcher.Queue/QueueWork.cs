using System.Threading.Channels;
using Fetcher.Core;
using Fetcher.Core.Interop;

namespace Fetcher.Queue;

/// <summary>What a worker has done.</summary>
internal readonly record struct WorkerCounts(long Done, long Ok, long Batches, long Refused, long Reclaimed, long GivenUp);

/// <summary>
/// The share of one machine in a job: it owns partitions by leases, hands their URLs out, and commits each batch when the last of its URLs has ended. What
/// it owns is its own alone while it renews it, and nothing begins once it could not for two thirds of the lease.
/// </summary>
/// <remarks>Three things go on beside the loops: leases are kept, batches taken, results committed. The lock is held for moments only.</remarks>
internal sealed partial class QueueWork : IQueueShare
{
    /// <summary>Workers that died with a batch in hand before it is run URL by URL.</summary>
    internal const int TakeoversOfSuspect = 3;

    private readonly Lock _gate = new();
    private readonly ILeaseStore _store;
    private readonly QueueWorkOptions _options;
    private readonly TimeProvider _clock;
    private readonly Patience _patience;
    private readonly CancellationTokenSource _stop = new();
    private readonly Signal _beatNow, _takeNow, _paceNow;
    private readonly Channel<HandBatch> _ended = Channel.CreateUnbounded<HandBatch>();
    private readonly Channel<(PartitionHold Hold, TakenBatch Batch, List<QueuedUrl> Urls)> _suspects = Channel.CreateUnbounded<(PartitionHold, TakenBatch, List<QueuedUrl>)>();
    private readonly Dictionary<int, PartitionHold> _holds = [];
    private readonly Dictionary<long, (HandBatch Batch, int Place)> _underWay = [];

    /// <summary>What results were packed in, to be used again.</summary>
    private readonly Stack<ResultPack> _packs = new();
    private readonly LinkedList<HandBatch> _ready = new();
    private readonly List<Action> _waiting = [];
    private readonly JobPace _pace;
    private Task _running = Task.CompletedTask;
    private int _readyUrls, _doubtAlone;
    private long _safeUntil, _lostAt;
    private long _offset, _offsetError = long.MaxValue;
    private long _startedAt;
    private WorkerCounts _counts;
    private volatile bool _hasEnded;

    public QueueWork(ILeaseStore store, QueueWorkOptions options)
    {
        (_store, _options, _clock) = (store, options, options.Clock);
        _patience = new Patience(options.Timeout, _clock, options.Warn);
        _pace = new JobPace(options.StartInterval);
        (_beatNow, _takeNow, _paceNow) = (new Signal(_clock), new Signal(_clock), new Signal(_clock));
    }

    public long? Total => null;

    /// <summary>Enough to find other hosts when some must wait, and no more than a few batches in hand.</summary>
    public int MostAhead => _pace.IsOpen ? Math.Max(8 * BatchFormat.MostUrls, 8 * _options.Concurrency) : 16;

    /// <summary>Without room for results the store hands nothing out.</summary>
    public bool HasRoom => true;

    /// <summary>Why the work ended before the job did, or null.</summary>
    public IOException? Fault { get; private set; }

    public WorkerCounts Counts
    {
        get
        {
            lock (_gate)
            {
                return _counts;
            }
        }
    }

    private long Now => MonotonicClock.Now(_clock);

    private int Wanted => _options.Concurrency + (BatchesAtOnce * BatchFormat.MostUrls);

    /// <summary>Begins to keep leases and to take batches.</summary>
    /// <param name="startedAt">When the run began, in nanoseconds of the system's monotonic clock: what the starts of results are counted from.</param>
    public void Begin(long startedAt)
    {
        _startedAt = startedAt;
        _running = Task.WhenAll(
            GuardAsync(KeepAsync), GuardAsync(TakeAsync), GuardAsync(ExpireAsync), GuardAsync(CommitAllAsync), GuardAsync(CommitSlowAsync), GuardAsync(RunSuspectsAsync), GuardAsync(PaceAsync));
    }

    /// <summary>Renews the leases now, and hears what has changed.</summary>
    internal void BeatNow() => _beatNow.Set();

    public TakeStatus TryTake(UrlItem item)
    {
        lock (_gate)
        {
            if (_hasEnded)
            {
                return TakeStatus.End;
            }

            if (!CanStart || FirstReady() is not { } batch)
            {
                return TakeStatus.Empty;
            }

            if (!_pace.IsOpen)
            {
                _pace.Take(Now);
                _paceNow.Set();
            }

            var place = batch.TakeNext();
            batch.Urls[place].CopyTo(item, batch.Hold.Lost);
            _underWay[item.Index] = (batch, place);

            // The next is another partition's: a few hosts would have all connections otherwise, and the next few would have to open theirs.
            var node = _ready.First!;
            _ready.RemoveFirst();
            if (batch.ToDo > 0)
            {
                _ready.AddLast(node);
            }

            _bared += batch.ToDo == 0 ? 1 : 0;
            if (--_readyUrls == Wanted / 2 || IsBareEnough(_bared))
            {
                _takeNow.Set();
            }

            return TakeStatus.Taken;
        }
    }

    public void NotifyWhenReady(Action ready)
    {
        lock (_gate)
        {
            if (!_hasEnded && !(CanStart && FirstReady() is not null))
            {
                _waiting.Add(ready);
                _paceNow.Set();
                return;
            }
        }

        ready();
    }

    public void NotifyWhenRoom(Action ready) => ready();

    public void Complete(UrlItem item, FetchResult result)
    {
        lock (_gate)
        {
            Note(item, result);
        }
    }

    public void Complete(ReadOnlySpan<FinishedUrl> finished)
    {
        lock (_gate)
        {
            foreach (ref readonly var url in finished)
            {
                Note(url.Item, url.Result);
            }
        }
    }

    public bool TryRelease(UrlItem item)
    {
        lock (_gate)
        {
            if (_underWay.Remove(item.Index, out var taken))
            {
                taken.Batch.GiveBack(taken.Place);
                _readyUrls++;
                _ready.Remove(taken.Batch);
                _ready.AddFirst(taken.Batch);
            }
        }

        return true;
    }

    private void Note(UrlItem item, FetchResult result)
    {
        if (!_underWay.Remove(item.Index, out var taken))
        {
            return;
        }

        var (batch, place) = taken;
        if (result.Error?.Kind == FetchErrorKind.Cancelled || batch.Hold.IsLost)
        {
            // Somebody else fetches it, or this worker another time.
            batch.Abandon();
            NoteOver(batch);
            return;
        }

        result.Start += _offset;
        result.Worker = _options.Worker;
        batch.Results ??= _packs.TryPop(out var pack) ? pack : ResultPack.Of(_options.Format);
        batch.Results.Add(result);
        result.Start -= _offset;
        batch.End(place, result);
        NoteOver(batch);
    }

    /// <summary>Sees whether all of a batch has ended.</summary>
    private void NoteOver(HandBatch batch)
    {
        if (!batch.IsOver)
        {
            return;
        }

        if (batch.Count > 0 && !batch.Hold.IsLost)
        {
            _ended.Writer.TryWrite(batch);
        }
        else if (!batch.IsCommitting)
        {
            batch.Hold.InHand.Remove(batch);
            batch.Done.TrySetResult();
        }
    }

    /// <summary>Commits what has ended, gives everything up and says that the worker leaves. No URL is under way any more.</summary>
    public async Task EndAsync()
    {
        EndWork(null);
        _ended.Writer.TryComplete();
        await _running.ConfigureAwait(false);
        if (Fault is not null)
        {
            return;
        }

        try
        {
            HandBatch[] left;
            Lease[] leases;
            lock (_gate)
            {
                left = [.. _holds.Values.Where(hold => !hold.IsLost).SelectMany(hold => hold.InHand).Where(batch => batch.Count > 0)];
                leases = [.. _holds.Values.Where(hold => !hold.IsLost).Select(hold => hold.Lease)];
            }

            foreach (var batch in left)
            {
                await CommitAsync(batch, CancellationToken.None).ConfigureAwait(false);
            }

            await _patience.AskAsync(() => _store.LeaveAsync(Card(), leases), CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            Fault = e;
        }
    }

    /// <summary>Lets go of what is left; after <see cref="EndAsync"/>.</summary>
    public void Dispose()
    {
        foreach (var hold in _holds.Values.ToArray())
        {
            LetGo(hold);
            hold.Dispose();
        }

        foreach (var pack in _packs)
        {
            pack.Dispose();
        }

        _stop.Dispose();
    }

    private bool CanStart => Now is var now && now < _safeUntil && _pace.HasPlace(now);

    /// <summary>The first batch with a URL to hand out; drops those that are lost or have none.</summary>
    private HandBatch? FirstReady()
    {
        while (_ready.First is { Value: var batch })
        {
            if (!batch.Hold.IsLost && batch.ToDo > 0)
            {
                return batch;
            }

            _readyUrls -= batch.ToDo;
            _ready.RemoveFirst();
        }

        return null;
    }

    /// <summary>Nothing is handed out any more.</summary>
    private void EndWork(IOException? fault)
    {
        lock (_gate)
        {
            Fault ??= fault;
            _hasEnded = true;
        }

        _stop.Cancel();
        WakeAll();
    }

    private void WakeAll()
    {
        Action[] waiting;
        lock (_gate)
        {
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        Array.ForEach(waiting, ready => ready());
    }

    /// <summary>Runs one of the things that go on; an end that is not wanted ends the work.</summary>
    private async Task GuardAsync(Func<Task> run)
    {
        try
        {
            await Task.Run(run).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The end that was asked for.
        }
        catch (Exception e)
        {
            EndWork(e as IOException ?? (e is InvalidDataException broken ? new JobBrokenException(broken)
                : new IOException($"fetcher failed, which is a bug in it: {e.GetType().Name}: {e.Message}", e)));
            List<PartitionHold> holds;
            lock (_gate)
            {
                holds = LoseAll();
            }

            holds.ForEach(hold => hold.BreakOff());
        }
    }

    private WorkerCard Card() => new(_options.Worker, _options.Facts(Counts));
}
