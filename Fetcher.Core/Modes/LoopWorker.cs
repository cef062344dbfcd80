using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Watching;

namespace Fetcher.Core.Modes;

/// <summary>
/// Keeps the slots of one loop busy: a slot takes a URL, fetches it, hands its result over and takes the next, until the list ends. A slot
/// that finds the list empty for now, or the output full, rests until there is news. A transfer that waits for its next attempt leaves its place to
/// another slot.
/// </summary>
internal sealed class LoopWorker(FetchJob job, LoopServices services, string modeName, int slots)
{
    private readonly TaskCompletionSource _ended = new();
    private readonly Stack<LoopSlot> _resting = new();
    private readonly Queue<TaskCompletionSource> _returning = new();
    private readonly Retries _retries = new(job.Options, services.Loop.TimeProvider, services.Draining);
    private int _busy;
    private int _paused;
    private bool _wakeUpAsked;
    private bool _listEnded;

    /// <summary>Ends when the list has ended and every transfer has its result.</summary>
    public async Task RunAsync()
    {
        // A list that has nothing just now would keep a run waiting that is to end.
        using var draining = services.Draining.Register(OnNews);
        Fill();
        await _ended.Task.ConfigureAwait(false);
    }

    /// <summary>A slot's transfer waits for its next attempt: its place is for another slot.</summary>
    public bool TryPause()
    {
        if (job.IsDraining || !job.Pauses.TryBegin())
        {
            return false;
        }

        _busy--;
        _paused++;
        job.CountInFlight(-1);

        // Not here and now: whoever is started may pause as well, and so on, deeper and deeper.
        services.Loop.Post(Fill);
        return true;
    }

    /// <summary>A paused transfer goes on, when one of those under way has ended if need be.</summary>
    public async ValueTask ResumeAsync()
    {
        if (_busy >= slots && !job.IsDraining)
        {
            var place = new TaskCompletionSource();
            _returning.Enqueue(place);
            await place.Task.ConfigureAwait(false);
        }
        else
        {
            _busy++;
        }

        EndPause();
    }

    /// <summary>A paused transfer ends.</summary>
    public void ResumeToEnd()
    {
        _busy++;
        EndPause();
    }

    private void EndPause()
    {
        _paused--;
        job.Pauses.End();
        job.CountInFlight(1);
    }

    /// <summary>Puts resting slots to work while there is work.</summary>
    private void Fill()
    {
        while ((_busy < slots || job.IsDraining) && _returning.TryDequeue(out var place))
        {
            _busy++;
            services.Loop.Post(place.SetResult);
        }

        while (_busy < slots && !_ended.Task.IsCompleted)
        {
            if (!_resting.TryPop(out var slot))
            {
                slot = new LoopSlot(job, services, _retries, modeName, this);
            }

            if (!TryTake(slot))
            {
                _resting.Push(slot);
                break;
            }

            _busy++;
            _ = WorkAsync(slot);
        }

        if (_busy >= slots && job.Scheduler.IsOn)
        {
            // What can be taken is for another loop.
            job.Scheduler.PassOn();
        }

        if (_busy == 0 && _paused == 0 && _listEnded)
        {
            _ended.TrySetResult();
        }
    }

    private async LoopTask WorkAsync(LoopSlot slot)
    {
        job.CountInFlight(1);
        try
        {
            do
            {
                await slot.FetchAsync().ConfigureAwait(false);
                HandOver(slot.Transfer.Result);
                job.Scheduler.Leave(slot.Transfer, slot.Transfer.Result.Ok);
            }
            while (_returning.Count == 0 && _busy <= slots && TryTake(slot));
        }
        catch (Exception e)
        {
            // No failure of a URL comes this far: this is one of the program.
            _ended.TrySetException(e);
        }

        job.CountInFlight(-1);
        _busy--;
        _resting.Push(slot);
        Fill();
    }

    private void HandOver(FetchResult result)
    {
        services.Loop.Observer?.Enter(Activity.Callback);
        job.Sink.Add(result);
        services.Loop.Observer?.Enter(Activity.Other);
    }

    private bool TryTake(LoopSlot slot)
    {
        if (job.Scheduler.IsOn)
        {
            return TryTakeInTurn(slot);
        }

        if (_listEnded || _wakeUpAsked)
        {
            return false;
        }

        if (job.IsDraining)
        {
            _listEnded = true;
            return false;
        }

        if (!job.Sink.HasRoom)
        {
            WakeUpWith(job.Sink.NotifyWhenRoom);
            return false;
        }

        switch (job.TryTake(slot.Transfer.Item))
        {
            case TakeStatus.Taken:
                return true;
            case TakeStatus.Empty:
                WakeUpWith(job.Source.NotifyWhenReady);
                return false;
            default:
                _listEnded = true;
                return false;
        }
    }

    /// <summary>As <see cref="TryTake"/>, when lines wait for their hosts.</summary>
    private bool TryTakeInTurn(LoopSlot slot)
    {
        if (job.IsDraining)
        {
            _listEnded = !job.Scheduler.TryDrain(slot.Transfer);
            return !_listEnded;
        }

        var status = job.Scheduler.TryTake(slot.Transfer, out var due);
        slot.Due = due;
        _listEnded = status == TakeStatus.End;
        if (status == TakeStatus.Empty && !_wakeUpAsked)
        {
            WakeUpWith(job.Scheduler.NotifyWhenReady);
        }

        return status == TakeStatus.Taken;
    }

    private void WakeUpWith(Action<Action> notifyWhenReady)
    {
        _wakeUpAsked = true;
        notifyWhenReady(() => services.Loop.Post(OnNews));
    }

    private void OnNews()
    {
        _wakeUpAsked = false;
        Fill();
    }
}
