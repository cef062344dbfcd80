namespace Fetcher.Core.Loop;

/// <summary>Those who wait on a loop for something else than a socket: work that runs on another thread, or a moment.</summary>
internal sealed class ParkedWaits(EventLoop loop)
{
    private readonly HashSet<Waiter> _waiting = [];

    /// <summary>Waits for work on another thread that has not ended yet.</summary>
    /// <returns>False when the deadline passed first.</returns>
    public async ValueTask<bool> ForAsync(Task elsewhere, long deadline)
    {
        var waiter = new Waiter();
        _ = elsewhere.ContinueWith(
            _ =>
            {
                waiter.ReadyAt = Nanoseconds.Now(loop.TimeProvider);
                loop.Post(() =>
                {
                    if (waiter.IsWaiting)
                    {
                        waiter.Complete(ready: true);
                    }
                });
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return await ParkAsync(waiter, deadline).ConfigureAwait(false);
    }

    /// <summary>Waits until a moment of the loop's clock, unless it has passed.</summary>
    public async ValueTask UntilAsync(long moment, CancellationToken giveUp)
    {
        if (loop.GetTimestamp() < moment)
        {
            giveUp.ThrowIfCancellationRequested();
            var waiter = new Waiter();
            using var givenUp = giveUp.Register(() => waiter.Fail(new OperationCanceledException()));
            await ParkAsync(waiter, moment).ConfigureAwait(false);
        }
    }

    /// <summary>Goes on in the loop's next turn.</summary>
    public async ValueTask NextTurnAsync()
    {
        var observer = loop.Observer;
        var transfer = observer?.Current;
        transfer?.Park();
        var ready = loop.GetTimestamp();
        await new PostedReturn(loop.Post);
        observer?.ResumePosted(transfer, ready);
        loop.ThrowIfStopping();
    }

    /// <summary>Ends every wait because the run is being stopped.</summary>
    public void Cancel()
    {
        foreach (var waiter in _waiting.ToArray())
        {
            waiter.Fail(new OperationCanceledException());
        }
    }

    private async LoopTask<bool> ParkAsync(Waiter waiter, long deadline)
    {
        loop.ThrowIfStopping();
        var timer = loop.RentTimer(() => waiter.Complete(ready: false));
        timer.Set(deadline);
        _waiting.Add(waiter);
        var observer = loop.Observer;
        var transfer = observer?.Current;
        transfer?.Park();
        try
        {
            var isReady = await waiter.Start().ConfigureAwait(false);
            if (isReady)
            {
                observer?.ResumePosted(transfer, waiter.ReadyAt);
            }
            else
            {
                observer?.ResumeTimer(transfer, deadline);
            }

            return isReady;
        }
        finally
        {
            _waiting.Remove(waiter);
            loop.Return(timer);
        }
    }
}
