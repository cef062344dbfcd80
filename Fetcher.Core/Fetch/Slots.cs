using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Watching;

namespace Fetcher.Core.Fetch;

/// <summary>
/// Keeps slots busy: a slot takes a URL, fetches it, hands its result over and takes the next, until the list ends. A slot that finds the list empty for
/// now, or the output full, rests until there is news. A transfer that waits for its next attempt leaves its place to another slot. The same on a loop and
/// on the thread pool: the bookkeeping is under a lock, and what a slot does from one URL to the next is not.
/// </summary>
/// <param name="job">What to fetch.</param>
/// <param name="executor">Where the transfers run.</param>
/// <param name="most">How many transfers at once.</param>
/// <param name="createFetch">Makes what fetches the URLs.</param>
/// <param name="draining">Cancelled when nothing new is to begin: no URL, and no further attempt at one.</param>
internal sealed class Slots(FetchJob job, IExecutor executor, int most, Func<IPlaces, FetchUrls> createFetch, CancellationToken draining) : IPlaces
{
    private readonly LoopObserver? _observer = executor.Observer;
    private readonly TaskCompletionSource _ended = new();
    private readonly Lock _gate = new();
    private readonly Stack<Slot> _resting = new();
    private readonly Queue<TaskCompletionSource> _returning = new();
    private FetchUrls? _fetch;
    private int _busy;
    private int _paused;
    private int _newsAsked;
    private bool _hasFailed;
    private volatile bool _listEnded;
    private volatile bool _mustRest;

    /// <summary>Cancelled, where the transfers run, when nothing new is to begin.</summary>
    public CancellationToken Draining => draining;

    /// <summary>Where results wait for <see cref="EndTurn"/>; null to hand each over at once.</summary>
    public ResultBatch? Batch { private get; init; }

    /// <summary>Ends when the list has ended and every transfer has its result.</summary>
    /// <exception cref="Exception">A failure of the program, not of a URL.</exception>
    public async Task RunAsync()
    {
        // A list that has nothing just now would keep a run waiting that is to end.
        using var drained = draining.Register(() => executor.Post(OnNews));
        if (!job.Starts.IsOpen)
        {
            job.Starts.BeginIdle();
            job.Starts.EndIdle(executor.GetTimestamp());
        }

        _fetch = createFetch(this);
        Fill();
        await _ended.Task.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public bool TryPause()
    {
        if (job.IsDraining || !job.Pauses.TryBegin())
        {
            return false;
        }

        lock (_gate)
        {
            _busy--;
            _paused++;
            NoteCrowd();
        }

        job.CountInFlight(-1);

        // Not here and now: whoever is started may pause as well, and so on, deeper and deeper.
        executor.Post(Fill);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask ResumeAsync()
    {
        TaskCompletionSource? place = null;
        lock (_gate)
        {
            if (_busy >= most && !job.IsDraining)
            {
                place = new TaskCompletionSource();
                _returning.Enqueue(place);
            }
            else
            {
                _busy++;
            }

            NoteCrowd();
        }

        if (place is not null)
        {
            await place.Task.ConfigureAwait(false);
        }

        EndPause();
    }

    /// <inheritdoc/>
    public ValueTask WaitForTurnAsync(long deadline) => job.Starts.WaitForTurnAsync(executor, deadline, draining);

    /// <inheritdoc/>
    public PostedReturn ReturnAsync() => new(executor.Post);

    /// <inheritdoc/>
    public LoopTask<bool> WaitForAsync(Task elsewhere, long deadline) => executor.WaitForAsync(elsewhere, deadline);

    /// <inheritdoc/>
    public void ResumeToEnd()
    {
        lock (_gate)
        {
            _busy++;
            NoteCrowd();
        }

        EndPause();
    }

    /// <summary>Fetches the URL that <paramref name="slot"/> has taken and the next ones.</summary>
    public async LoopTask WorkAsync(Slot slot)
    {
        job.CountInFlight(1);
        try
        {
            await _fetch!(slot).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // No failure of a URL comes this far: this is one of the program.
            Fail(e);
        }

        job.CountInFlight(-1);
        lock (_gate)
        {
            _busy--;
            _resting.Push(slot);
            NoteCrowd();
        }

        Fill();
    }

    /// <summary>Hands over the result of a transfer that has ended.</summary>
    public void HandOver(Transfer transfer)
    {
        if (Batch is not null)
        {
            Batch.Add(transfer);
            return;
        }

        _observer?.Enter(Activity.Callback);
        job.Work.Complete(transfer.Item, transfer.Result);
        _observer?.Enter(Activity.Other);
    }

    /// <summary>Takes the next URL for <paramref name="slot"/>, if there is one and nobody else is to have the place.</summary>
    public bool TryGoOn(Slot slot) => !_mustRest && TryTake(slot);

    /// <summary>Hands over the results that wait. Called when the loop's turn ends.</summary>
    public void EndTurn()
    {
        try
        {
            Batch?.HandOver();
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    private void EndPause()
    {
        lock (_gate)
        {
            _paused--;
        }

        job.Pauses.End();
        job.CountInFlight(1);
    }

    /// <summary>Puts resting slots to work while there is work; ends the run when there is none and none will come.</summary>
    private void Fill()
    {
        try
        {
            while (NextSlot() is { } slot)
            {
                executor.Start(slot.Work);
            }

            if (job.Scheduler.IsOn && Volatile.Read(ref _busy) >= most)
            {
                // What can be taken is for another loop.
                job.Scheduler.PassOn();
            }
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    /// <summary>A slot with its next URL; null when all are busy or there is no URL. Transfers that return come first.</summary>
    private Slot? NextSlot()
    {
        bool isOver;
        lock (_gate)
        {
            while ((_busy < most || job.IsDraining) && _returning.TryDequeue(out var place))
            {
                _busy++;
                executor.Post(place.SetResult);
            }

            if (_busy < most && !_hasFailed)
            {
                var slot = _resting.TryPop(out var rested) ? rested : new Slot(job, executor, this);
                if (TryTake(slot))
                {
                    _busy++;
                    return slot;
                }

                _resting.Push(slot);
            }

            NoteCrowd();
            isOver = _busy == 0 && _paused == 0 && _listEnded;
        }

        if (isOver)
        {
            EndTurn();
            _ended.TrySetResult();
        }

        return null;
    }

    /// <summary>Notes whether a slot that has ended a transfer is to rest: others wait for its place, there are too many, or the run has failed.</summary>
    private void NoteCrowd() => _mustRest = _returning.Count > 0 || _busy > most || _hasFailed;

    /// <summary>Takes the next URL, never waiting; when there may be one later, asks for news.</summary>
    private bool TryTake(Slot slot)
    {
        if (job.Scheduler.IsOn)
        {
            return TryTakeInTurn(slot);
        }

        if (_listEnded || Volatile.Read(ref _newsAsked) != 0)
        {
            return false;
        }

        if (!job.IsDraining && !job.Work.HasRoom)
        {
            AskForNews(job.Work.NotifyWhenRoom);
            return false;
        }

        // Nothing is taken, and the list has ended, once the run drains.
        switch (job.TryTake(slot.Transfer.Item))
        {
            case TakeStatus.Taken:
                return true;
            case TakeStatus.Empty:
                AskForNews(job.Work.NotifyWhenReady);
                return false;
            default:
                _listEnded = true;
                return false;
        }
    }

    /// <summary>As <see cref="TryTake"/>, when lines wait for their hosts.</summary>
    private bool TryTakeInTurn(Slot slot)
    {
        if (job.IsDraining)
        {
            if (job.TryDrain(slot.Transfer))
            {
                slot.Due = Slot.Never;
                return true;
            }

            _listEnded = true;
            return false;
        }

        var turn = job.Scheduler.TryTake(slot.Transfer.Item, slot.Transfer.Place);
        slot.Due = turn.Due;
        switch (turn.Status)
        {
            case TakeStatus.Taken:
                slot.Transfer.Replace(turn.Item!);
                return true;
            case TakeStatus.Empty:
                AskForNews(job.Scheduler.NotifyWhenReady);
                return false;
            default:
                _listEnded = true;
                return false;
        }
    }

    /// <summary>Asks for one call when there is news, unless somebody has.</summary>
    private void AskForNews(Action<Action> notify)
    {
        if (Interlocked.Exchange(ref _newsAsked, 1) == 0)
        {
            job.Starts.BeginIdle();
            notify(() => executor.Post(OnNews));
        }
    }

    private void OnNews()
    {
        if (Interlocked.Exchange(ref _newsAsked, 0) != 0)
        {
            job.Starts.EndIdle(executor.GetTimestamp());
        }

        Fill();
    }

    private void Fail(Exception e)
    {
        lock (_gate)
        {
            _hasFailed = true;
            NoteCrowd();
        }

        job.EndWith(e);
        _ended.TrySetException(e);
    }
}
