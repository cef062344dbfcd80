using Fetcher.Core.Hosts;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Fetch;

/// <summary>
/// When transfers are due to start under <c>--rate</c>: each an interval after the one before, whether or not a slot is free then, so that one that had to
/// wait for a slot counts its wait. They start no closer than that, however late: what a late start has taken, the whole schedule is behind from then on. Time
/// in which there was nothing to start is not made up for. Shared by the loops; moments are nanoseconds of the run's clock.
/// </summary>
/// <param name="interval">From one start to the next; zero is no limit.</param>
/// <param name="firstStart">When the first is due.</param>
internal sealed class StartSchedule(TimeSpan interval, long firstStart)
{
    private readonly Lock _gate = new();
    private readonly StartSpacing _spacing = new(Nanoseconds.From(interval));
    private long _next = firstStart;
    private int _idle;

    // How far starts are behind the schedule, and how much of that no start is told of as its own delay.
    private long _lag, _untold;

    // When the last start came that had had to wait for a slot.
    private long _crowdedUntil = HostQueue.LongAgo;

    /// <summary>Whether there is no limit.</summary>
    public bool IsOpen => _spacing.Interval == 0;

    /// <summary>Takes the next place in the schedule, for <see cref="TryStart"/>.</summary>
    /// <param name="now">The moment now.</param>
    /// <param name="notBefore">When something else lets the transfer start; a moment that has passed means nothing.</param>
    public long TakePlace(long now, long notBefore)
    {
        lock (_gate)
        {
            var mine = _idle > 0 ? Math.Max(_next, now - _lag) : _next;
            mine = notBefore > now ? Math.Max(mine, notBefore - _lag) : mine;
            _next = mine + _spacing.Interval;
            if (mine + _lag < now)
            {
                _crowdedUntil = now;
            }

            return mine;
        }
    }

    /// <summary>Has the transfer of a place start now, if it may.</summary>
    /// <param name="place">What <see cref="TakePlace"/> gave.</param>
    /// <param name="now">The moment now.</param>
    /// <param name="moment">When the transfer was due; else when to try again.</param>
    public bool TryStart(long place, long now, out long moment)
    {
        lock (_gate)
        {
            moment = Math.Max(place + _lag, _spacing.Earliest);
            if (now < moment || !_spacing.TryPass(now))
            {
                return false;
            }

            // What was due while slots were lacking was late by as much. What came after that is due when it may be.
            if (place + _untold < _crowdedUntil)
            {
                moment = place + _untold;
            }
            else
            {
                (moment, _untold) = (place + _lag, _lag);
            }

            _lag = Math.Max(_lag, now - _spacing.Slack - place);
            return true;
        }
    }

    /// <summary>Waits for the turn of a further attempt, which is a start like any other.</summary>
    /// <param name="executor">Where the transfer runs.</param>
    /// <param name="deadline">When to go on without.</param>
    /// <param name="giveUp">Cancelled when nothing new is to begin.</param>
    /// <exception cref="OperationCanceledException">Nothing new is to begin.</exception>
    public async ValueTask WaitForTurnAsync(IExecutor executor, long deadline, CancellationToken giveUp)
    {
        if (!IsOpen)
        {
            await WaitForTurnAsync(TakePlace(executor.GetTimestamp(), notBefore: 0), executor, deadline, giveUp).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until the transfer of a place may start, and has it start.</summary>
    /// <param name="place">What <see cref="TakePlace"/> gave.</param>
    /// <param name="executor">Where the transfer runs.</param>
    /// <param name="deadline">When to go on without.</param>
    /// <param name="giveUp">Cancelled when nothing new is to begin.</param>
    /// <returns>When the transfer was due.</returns>
    /// <exception cref="OperationCanceledException">Nothing new is to begin.</exception>
    public async LoopTask<long> WaitForTurnAsync(long place, IExecutor executor, long deadline, CancellationToken giveUp)
    {
        var moment = place;
        while (executor.GetTimestamp() is var now && now < deadline && !TryStart(place, now, out moment))
        {
            await executor.DelayUntilAsync(Math.Min(deadline, moment), giveUp).ConfigureAwait(false);
        }

        return moment;
    }

    /// <summary>Somebody has a free slot and nothing to start: from now on the time does not count, until <see cref="EndIdle"/>.</summary>
    public void BeginIdle()
    {
        lock (_gate)
        {
            _idle++;
        }
    }

    /// <summary>There may be something to start again, due not before <paramref name="now"/>.</summary>
    public void EndIdle(long now)
    {
        lock (_gate)
        {
            _next = Math.Max(_next, now - _lag);
            _idle--;
        }
    }
}
