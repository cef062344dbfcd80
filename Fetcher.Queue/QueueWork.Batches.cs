using Fetcher.Core;
using Fetcher.Core.Interop;

namespace Fetcher.Queue;

/// <content>Takes batches, and commits them.</content>
internal sealed partial class QueueWork
{
    private const int CommitsAtOnce = 8;

    /// <summary>Batches that are asked for together, when there are few partitions to ask.</summary>
    private const int BatchesAtOnce = 4;

    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(20), LongestPoll = TimeSpan.FromMilliseconds(250);

    /// <summary>Results wait for the others of their batch at least so long, and at most twice.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    private int _turn;
    private bool _wasIdle;

    /// <summary>Partitions that could be asked when they were looked at last, and batches that were handed out to their ends since any was asked.</summary>
    private int _open, _bared;

    /// <summary>Whether there is nothing to do here: this may have been the end of the job.</summary>
    private bool IsIdle => _underWay.Count == 0 && _readyUrls == 0 && !_holds.Values.Any(hold => hold.HasMore);

    private async Task TakeAsync()
    {
        for (var poll = ShortestPoll; ;)
        {
            var cursors = Cursors(out var bounds);
            var found = false;
            if (cursors.Length > 0)
            {
                var taken = await _patience.AskAsync(() => _store.TakeAsync(_options.Worker, cursors, bounds), _stop.Token).ConfigureAwait(false);
                found = taken.Batches.Count > 0;
                Keep(cursors, taken, bounds);
                WakeAll();
            }

            poll = found ? ShortestPoll : poll * 2 < LongestPoll ? poll * 2 : LongestPoll;
            if (!found)
            {
                await _takeNow.WaitAsync(poll, _stop.Token).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Where to take batches from; nowhere when there are enough. The aim is a batch of every partition, so that as many hosts as possible have their turns,
    /// and enough URLs for all places in flight.
    /// </summary>
    private Cursor[] Cursors(out TakeBounds bounds)
    {
        lock (_gate)
        {
            var now = Now;
            var open = _holds.Values.Where(hold => !hold.IsGivingUp && !hold.IsLost && hold.NotBefore <= now && (hold.HasMore || hold.AskAgainAt <= now)).ToArray();
            var bare = open.Count(hold => hold.IsBare);
            var isShort = _readyUrls <= Wanted / 2;
            (bounds, _open) = (default, open.Length);
            if (now >= _safeUntil || open.Length == 0 || (!isShort && !IsBareEnough(bare)))
            {
                return [];
            }

            var most = Math.Max(bare, isShort ? ((Wanted - _readyUrls) / BatchFormat.MostUrls) + 1 : 0);
            var each = isShort ? ((most - 1) / open.Length) + 1 : 1;
            bounds = new TakeBounds(most, each, TakeBounds.MostDoubt - _doubtAlone - _holds.Values.SelectMany(hold => hold.InHand).Sum(batch => batch.Doubt));
            _bared = 0;
            var first = _turn++ % open.Length;
            return [.. open[first..].Concat(open[..first]).Where(hold => isShort || hold.IsBare).OrderByDescending(hold => hold.IsBare).Select(hold => new Cursor(hold.Lease, hold.After))];
        }
    }

    /// <summary>Whether so many partitions have no URL to hand out that they are asked: a few wait for others, so that one question is for many.</summary>
    private bool IsBareEnough(int bare) => bare > 0 && bare * 4 >= _open;

    private void Keep(Cursor[] cursors, Taken taken, TakeBounds bounds)
    {
        // The first of each partition, then the second of each. They are unpacked before the lock is taken, which the loops wait for.
        var batches = taken.Batches.GroupBy(batch => batch.Lease).SelectMany(group => group.Index()).OrderBy(batch => batch.Index)
            .Select(batch => (batch.Item, BatchFormat.Read(batch.Item.Id, batch.Item.Packed))).ToArray();
        lock (_gate)
        {
            foreach (var (batch, urls) in batches)
            {
                if (!_holds.TryGetValue(batch.Lease.Partition, out var hold) || hold.Lease != batch.Lease || hold.IsGivingUp)
                {
                    continue;
                }

                hold.After = batch.Id;
                if (batch.Takeovers >= TakeoversOfSuspect)
                {
                    _doubtAlone += TakeBounds.Of(batch.Takeovers);
                    _suspects.Writer.TryWrite((hold, batch, urls));
                    continue;
                }

                HandOut(new HandBatch(hold, batch, urls));
            }

            if (taken.Batches.Count < bounds.Most && !taken.IsFull)
            {
                // All were looked at.
                var given = taken.Batches.CountBy(batch => batch.Lease).ToDictionary();
                foreach (var cursor in cursors.Where(cursor => given.GetValueOrDefault(cursor.Lease) < bounds.Each))
                {
                    if (_holds.TryGetValue(cursor.Lease.Partition, out var hold))
                    {
                        (hold.HasMore, hold.AskAgainAt) = (false, Now + Nanoseconds.From(LongestPoll));
                    }
                }

                if (taken.Batches.Count == 0 && IsIdle && !_wasIdle)
                {
                    _beatNow.Set();
                }

                _wasIdle = taken.Batches.Count == 0;
            }
        }
    }

    private void HandOut(HandBatch batch)
    {
        batch.Hold.InHand.Add(batch);
        batch.Hold.HasMore = true;
        _ready.AddLast(batch);
        _readyUrls += batch.ToDo;
    }

    /// <summary>Commits what has ended of batches whose other URLs take their time, so that it is not fetched again should the worker die.</summary>
    private async Task CommitSlowAsync()
    {
        while (true)
        {
            await Task.Delay(Slow, _clock, _stop.Token).ConfigureAwait(false);
            lock (_gate)
            {
                foreach (var batch in _holds.Values.SelectMany(hold => hold.InHand).Where(batch => batch.Count > 0))
                {
                    if (batch.IsSlow)
                    {
                        _ended.Writer.TryWrite(batch);
                    }

                    batch.IsSlow = true;
                }
            }
        }
    }

    private async Task CommitAllAsync()
    {
        var running = new List<Task>();
        await foreach (var batch in _ended.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            running.RemoveAll(task => task.IsCompletedSuccessfully);
            if (running.Count >= CommitsAtOnce)
            {
                await (await Task.WhenAny(running).ConfigureAwait(false)).ConfigureAwait(false);
            }

            running.Add(CommitAndGoOnAsync(batch));
        }

        await Task.WhenAll(running).ConfigureAwait(false);
    }

    private async Task CommitAndGoOnAsync(HandBatch batch)
    {
        try
        {
            await CommitAsync(batch, CancellationToken.None).ConfigureAwait(false);
            if (batch.Hold.IsGivingUp && !_hasEnded)
            {
                await GiveUpAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The end was asked for.
        }
    }

    /// <summary>Commits what has ended of a batch, however often it takes.</summary>
    private async Task CommitAsync(HandBatch batch, CancellationToken stop)
    {
        await Task.Yield();
        Commit commit;
        ResultPack results;
        lock (_gate)
        {
            if (batch.IsCommitting || batch.Count == 0)
            {
                return;
            }

            batch.IsCommitting = true;
            (commit, results) = batch.TakeCommit();
        }

        var (verdict, isFree) = await OfferAsync(batch.Hold.Lease, commit with { Packed = results.Pack() }, stop).ConfigureAwait(false);
        var isLost = verdict == CommitVerdict.Refused;
        Note(commit, isLost);
        bool isIdle;
        lock (_gate)
        {
            batch.IsCommitting = false;
            if (isFree)
            {
                results.Clear();
                _packs.Push(results);
            }

            if (isLost && !batch.Hold.IsLost)
            {
                Lose(batch.Hold);
            }

            NoteOver(batch);
            isIdle = IsIdle;
        }

        if (isLost)
        {
            batch.Hold.BreakOff();
        }

        if (isIdle)
        {
            _beatNow.Set();
        }
    }

    /// <summary>Has the store commit results, however often it takes.</summary>
    /// <returns>What became of them, and whether their bytes are free: those of a try that was given up may be on their way still.</returns>
    private async Task<(CommitVerdict Verdict, bool IsFree)> OfferAsync(Lease lease, Commit commit, CancellationToken stop)
    {
        var tries = 0;
        var verdict = await _patience.AskAsync(TryAsync, stop).ConfigureAwait(false);
        return (verdict, tries == 1);

        Task<CommitVerdict> TryAsync()
        {
            tries++;
            return _store.CommitAsync(_options.Worker, lease, commit);
        }
    }

    private void Note(Commit commit, bool isLost)
    {
        lock (_gate)
        {
            _counts = isLost
                ? _counts with { Refused = _counts.Refused + 1 }
                : _counts with { Batches = _counts.Batches + 1, Done = _counts.Done + commit.Count, Ok = _counts.Ok + commit.Ok };
        }

        if (isLost)
        {
            QueueTelemetry.AddRefused(_options.Worker);
        }
        else
        {
            QueueTelemetry.AddCommit(_options.Worker);
        }
    }

    /// <summary>Runs batches that took workers down, one URL after the other, so that the next death tells which it is.</summary>
    private async Task RunSuspectsAsync()
    {
        await foreach (var (hold, taken, urls) in _suspects.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
        {
            foreach (var place in new HandBatch(hold, taken, urls).Places)
            {
                if (hold.IsLost || hold.IsGivingUp)
                {
                    break;
                }

                var one = new HandBatch(hold, taken, urls, place);
                if (place == taken.Marked)
                {
                    Blame(one, taken.Takeovers);
                }
                else if (await _patience.AskAsync(() => _store.MarkAsync(_options.Worker, hold.Lease, taken.Id, place), _stop.Token).ConfigureAwait(false))
                {
                    lock (_gate)
                    {
                        HandOut(one);
                    }

                    WakeAll();
                }
                else
                {
                    break;
                }

                await one.Done.Task.WaitAsync(_stop.Token).ConfigureAwait(false);
            }

            lock (_gate)
            {
                _doubtAlone -= TakeBounds.Of(taken.Takeovers);
            }
        }
    }

    /// <summary>The URL that was under way alone, of its batch, when a worker died, fails.</summary>
    private void Blame(HandBatch batch, int takeovers)
    {
        var (item, result) = (new UrlItem(), new FetchResult());
        lock (_gate)
        {
            batch.Hold.InHand.Add(batch);
            var place = batch.TakeNext();
            batch.Urls[place].CopyTo(item, CancellationToken.None);
            _underWay[item.Index] = (batch, place);
        }

        (result.Index, result.Mode, result.Id) = (item.Index, "async", item.Options?.Id);
        result.Url.Set(item.Text.Span);
        result.Error = Failures.WorkerLost.Of(takeovers);
        result.Start = MonotonicClock.Now(TimeProvider.System) - _startedAt;
        Complete(item, result);
    }
}
