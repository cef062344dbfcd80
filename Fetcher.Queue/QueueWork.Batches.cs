using Fetcher.Core;

namespace Fetcher.Queue;

/// <content>Takes batches, and commits them.</content>
internal sealed partial class QueueWork
{
    private const int CommitsAtOnce = 8;

    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(20), LongestPoll = TimeSpan.FromMilliseconds(250);

    private int _turn;

    private bool HasTooFew => _readyUrls <= Wanted / 2 && Now < _safeUntil;

    private async Task TakeAsync()
    {
        for (var poll = ShortestPoll; ;)
        {
            var cursors = Cursors(out var most);
            var found = false;
            if (cursors.Length > 0)
            {
                var taken = await _patience.AskAsync(() => _store.TakeAsync(_options.Worker, cursors, most), _stop.Token).ConfigureAwait(false);
                found = taken.Batches.Count > 0;
                Keep(cursors, taken, most);
                WakeAll();
            }

            poll = found ? ShortestPoll : poll * 2 < LongestPoll ? poll * 2 : LongestPoll;
            if (!found || Volatile.Read(ref _readyUrls) > Wanted / 2)
            {
                await _takeNow.WaitAsync(poll, _stop.Token).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Where to take batches from, in turn; none when there are enough.</summary>
    private Cursor[] Cursors(out int most)
    {
        lock (_gate)
        {
            most = ((Wanted - _readyUrls) / BatchFormat.MostUrls) + 1;
            if (!HasTooFew)
            {
                return [];
            }

            var now = Now;
            var open = _holds.Values.Where(hold => !hold.IsGivingUp && !hold.IsLost && hold.NotBefore <= now).ToArray();
            var first = open.Length == 0 ? 0 : _turn++ % open.Length;
            return [.. open[first..].Concat(open[..first]).Select(hold => new Cursor(hold.Lease, hold.After))];
        }
    }

    private void Keep(Cursor[] cursors, Taken taken, int most)
    {
        lock (_gate)
        {
            foreach (var batch in taken.Batches)
            {
                if (!_holds.TryGetValue(batch.Lease.Partition, out var hold) || hold.Lease != batch.Lease || hold.IsGivingUp)
                {
                    continue;
                }

                hold.After = batch.Id;
                if (batch.Takeovers >= TakeoversOfSuspect)
                {
                    _suspects.Writer.TryWrite((hold, batch));
                    continue;
                }

                HandOut(new HandBatch(hold, batch));
            }

            if (taken.Batches.Count < most && !taken.IsFull)
            {
                foreach (var cursor in cursors)
                {
                    if (_holds.TryGetValue(cursor.Lease.Partition, out var hold))
                    {
                        hold.HasMore = taken.Batches.Any(batch => batch.Lease == cursor.Lease);
                    }
                }
            }
        }
    }

    private void HandOut(HandBatch batch)
    {
        batch.Hold.InHand.Add(batch);
        _ready.AddLast(batch);
        _readyUrls += batch.ToDo;
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
        lock (_gate)
        {
            commit = batch.ToCommit();
        }

        var verdict = await _patience.AskAsync(() => _store.CommitAsync(_options.Worker, batch.Hold.Lease, commit), stop).ConfigureAwait(false);
        var isLost = verdict == CommitVerdict.Refused;
        bool isIdle;
        if (isLost)
        {
            QueueTelemetry.AddRefused(_options.Worker);
        }
        else
        {
            QueueTelemetry.AddCommit(_options.Worker);
        }

        lock (_gate)
        {
            _counts = isLost
                ? _counts with { Refused = _counts.Refused + 1 }
                : _counts with { Batches = _counts.Batches + 1, Done = _counts.Done + commit.Count, Ok = _counts.Ok + commit.Ok };
            batch.Hold.InHand.Remove(batch);
            if (isLost && !batch.Hold.IsLost)
            {
                Lose(batch.Hold);
            }

            isIdle = _underWay.Count == 0 && _readyUrls == 0;
        }

        batch.Done.TrySetResult();
        if (isLost)
        {
            batch.Hold.BreakOff();
        }

        if (isIdle)
        {
            // This may have been the job's last.
            _beatNow.Set();
        }
    }

    /// <summary>Runs batches that took workers down, one URL after the other, so that the next death tells which it is.</summary>
    private async Task RunSuspectsAsync()
    {
        await foreach (var (hold, taken) in _suspects.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
        {
            var places = new HandBatch(hold, taken).Places;
            foreach (var place in places)
            {
                if (hold.IsLost)
                {
                    break;
                }

                var one = new HandBatch(hold, taken, place);
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
        }
    }

    /// <summary>The URL that was under way alone, of its batch, when a worker died, fails.</summary>
    private void Blame(HandBatch batch, int takeovers)
    {
        var (item, result) = (new UrlItem(), new FetchResult());
        lock (_gate)
        {
            batch.Hold.InHand.Add(batch);
            batch.TakeNext().CopyTo(item, CancellationToken.None);
            _underWay[item.Index] = batch;
        }

        (result.Index, result.Mode, result.Id) = (item.Index, "async", item.Options?.Id);
        result.Url.Set(item.Text.Span);
        result.Error = Failures.WorkerLost.Of(takeovers);
        result.Start = Nanoseconds.Now(TimeProvider.System) - _startedAt;
        Complete(item, result);
    }
}
