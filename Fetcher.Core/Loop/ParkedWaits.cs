using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop;

/// <summary>Those who wait on a loop for something else than a socket: work that runs on another thread, or a moment.</summary>
internal sealed class ParkedWaits(EventLoop loop)
{
    private readonly List<Waiter> _waiting = [];
    private readonly Stack<Elsewhere> _free = [];

    /// <summary>Waits for work on another thread that has not ended yet.</summary>
    /// <returns>False when the deadline passed first.</returns>
    public LoopTask<bool> ForAsync(Task elsewhere, long deadline)
    {
        var waiter = NextFree();

        // No awaiter: of several who await one task all but the last go on by way of the thread pool, later than what was posted meanwhile.
        _ = elsewhere.ContinueWith(
            static (_, waiter) => ((Elsewhere)waiter!).OnEnded(), waiter, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return ParkAsync(waiter, deadline, waiter.OnLate);
    }

    /// <inheritdoc cref="ForAsync(Task, long)"/>
    public LoopTask<bool> ForAsync(LoopPromise<Nothing> elsewhere, long deadline)
    {
        var waiter = NextFree();
        elsewhere.OnSettled(waiter.OnEnded);
        return ParkAsync(waiter, deadline, waiter.OnLate);
    }

    /// <summary>Waits until a moment of the loop's clock, unless it has passed.</summary>
    public async ValueTask UntilAsync(long moment, CancellationToken giveUp)
    {
        if (loop.GetTimestamp() < moment)
        {
            giveUp.ThrowIfCancellationRequested();
            var waiter = new Waiter();
            using var givenUp = giveUp.Register(() => waiter.Fail(new OperationCanceledException()));
            await ParkAsync(waiter, moment, () => waiter.Complete(ready: false)).ConfigureAwait(false);
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

    private Elsewhere NextFree() => _free.TryPop(out var free) ? free : new Elsewhere(this, loop);

    private void Add(Waiter waiter)
    {
        waiter.Place = _waiting.Count;
        _waiting.Add(waiter);
    }

    private void Remove(Waiter waiter)
    {
        var last = _waiting[^1];
        (_waiting[waiter.Place], last.Place) = (last, waiter.Place);
        _waiting.RemoveAt(_waiting.Count - 1);
    }

    /// <param name="waiter">What is waited for.</param>
    /// <param name="deadline">When it is late.</param>
    /// <param name="onLate">Ends the wait then.</param>
    private async LoopTask<bool> ParkAsync(Waiter waiter, long deadline, Action onLate)
    {
        loop.ThrowIfStopping();
        var timer = loop.RentTimer(onLate);
        timer.Set(deadline);
        Add(waiter);
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
            Remove(waiter);
            loop.Return(timer);
        }
    }

    /// <summary>A wait for work on another thread. Free again when that has ended, which may be long after the wait.</summary>
    private sealed class Elsewhere : Waiter
    {
        public Elsewhere(ParkedWaits waits, EventLoop loop)
        {
            Action goOn = () =>
            {
                if (IsWaiting)
                {
                    Complete(ready: true);
                }

                waits._free.Push(this);
            };
            OnEnded = () =>
            {
                ReadyAt = MonotonicClock.Now(loop.TimeProvider);
                loop.Post(goOn);
            };
            OnLate = () => Complete(ready: false);
        }

        /// <summary>The work has ended; called on its thread.</summary>
        public Action OnEnded { get; }

        /// <summary>The wait has lasted too long.</summary>
        public Action OnLate { get; }
    }
}
