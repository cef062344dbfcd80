using Fetcher.Core.Fetch;

namespace Fetcher.Core.Modes;

/// <summary>One transfer after the other as a task on the thread pool.</summary>
internal sealed class PoolSlot : ISlot
{
    private readonly FetchJob _job;
    private readonly PoolPlaces _places;
    private readonly FetchPipeline _pipeline;
    private readonly Transfer _transfer;
    private long _due;
    private bool _hasPlace;

    public PoolSlot(FetchJob job, PoolPlaces places, Func<ISlot, FetchPipeline> createPipeline)
    {
        (_job, _places) = (job, places);
        _pipeline = createPipeline(this);
        _transfer = new Transfer(job.Options, job.NewFile(WaitForAsync), job.Targets?.Create(WaitForAsync));
    }

    /// <summary>
    /// Takes a URL, fetches it, hands its result over and takes the next, until the list ends, the run is stopped, or others need the place.
    /// </summary>
    public async Task WorkAsync()
    {
        await _places.EnterAsync().ConfigureAwait(false);
        _hasPlace = true;
        while (_hasPlace && !_places.TryEnd() && await TakeAsync().ConfigureAwait(false))
        {
            _job.CountInFlight(1);
            var due = await WaitForTurnAsync().ConfigureAwait(false);
            await _pipeline.FetchAsync(_transfer, due, Nanoseconds.Now(_job.Clock)).ConfigureAwait(false);
            _job.Sink.Add(_transfer.Result);
            _job.Scheduler.Leave(_transfer, _transfer.Result.Ok);
            _job.CountInFlight(-1);
        }

        if (_hasPlace)
        {
            _places.Leave();
            _job.Scheduler.PassOn();
        }
    }

    public bool TryPause() => !(_hasPlace = !_places.TryPause());

    public async ValueTask ResumeAsync()
    {
        await _places.ResumeAsync().ConfigureAwait(false);
        _hasPlace = true;
    }

    public void ResumeToEnd() => _places.EndPause();

    /// <summary>Waits for a disk. What it was given to do always ends.</summary>
    private static async ValueTask<bool> WaitForAsync(Task elsewhere, long deadline)
    {
        await elsewhere.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return true;
    }

    private async ValueTask<bool> TakeAsync()
    {
        while (!_job.IsDraining)
        {
            if (!_job.Scheduler.IsOn && !_job.Sink.HasRoom)
            {
                await NewsAsync(_job.Sink.NotifyWhenRoom).ConfigureAwait(false);
                continue;
            }

            switch (TryTake())
            {
                case TakeStatus.Taken:
                    return true;
                case TakeStatus.End:
                    return false;
                default:
                    await NewsAsync(_job.Scheduler.IsOn ? _job.Scheduler.NotifyWhenReady : _job.Source.NotifyWhenReady).ConfigureAwait(false);
                    break;
            }
        }

        return _job.Scheduler.TryDrain(_transfer);
    }

    private TakeStatus TryTake()
    {
        _due = 0;
        return _job.Scheduler.IsOn ? _job.Scheduler.TryTake(_transfer, out _due) : _job.TryTake(_transfer.Item);
    }

    /// <summary>Waits for news, without a place.</summary>
    private async Task NewsAsync(Action<Action> notifyWhenReady)
    {
        var news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stopped = _job.Drain.Register(() => news.TrySetResult());
        _places.Leave();
        notifyWhenReady(() => news.TrySetResult());
        await news.Task.ConfigureAwait(false);
        await _places.EnterAsync().ConfigureAwait(false);
    }

    /// <summary>Waits until the rate allows a start, and gives the moment at which it did.</summary>
    private async ValueTask<long> WaitForTurnAsync()
    {
        var now = Nanoseconds.Now(_job.Clock);
        if (_job.Starts.IsOpen && _due == 0)
        {
            return now;
        }

        var due = _due > 0 ? _due : now;
        due = _job.Starts.IsOpen ? due : _job.Starts.TakePlace(due);
        if (due > now)
        {
            try
            {
                // Timers count whole milliseconds; one too many is better than a start too early.
                var pause = TimeSpan.FromMilliseconds((due - now + 999_999) / 1_000_000);
                await Task.Delay(pause, _job.Clock, _job.Drain).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The URL has been taken from the list, so it goes on to its result, which will say that it was cancelled.
            }
        }

        return due;
    }
}
