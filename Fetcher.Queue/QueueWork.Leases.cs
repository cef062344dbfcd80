using Fetcher.Core;
using Fetcher.Core.Hosts;
using Fetcher.Core.Interop;

namespace Fetcher.Queue;

/// <content>Keeps the leases, and gives up what is above the share.</content>
internal sealed partial class QueueWork
{
    /// <summary>Renews each third of the lease; sooner while there is something to wait for.</summary>
    private async Task KeepAsync()
    {
        while (true)
        {
            long sent = 0, answered = 0;
            Lease[] held = [];
            var beat = await _patience.AskAsync(
                async () =>
                {
                    lock (_gate)
                    {
                        held = [.. _holds.Values.Where(hold => !hold.IsLost).Select(hold => hold.Lease)];
                    }

                    sent = Now;
                    var answer = await _store.BeatAsync(Card(), _options.Lease, held).ConfigureAwait(false);
                    answered = Now;
                    QueueTelemetry.RecordRenewal(_options.Worker, Nanoseconds.ToTimeSpan(answered - sent));
                    return answer;
                },
                _stop.Token).ConfigureAwait(false);
            SetZero(beat, sent, answered);
            Apply(beat, sent, held);
            await GiveUpAsync().ConfigureAwait(false);
            if (beat.IsBroken)
            {
                throw new IOException($"the engine has lost part of the job: of {beat.Total} URLs, {beat.Done} have a result and {beat.Left} are left");
            }

            if (beat.IsFinished)
            {
                EndWork(null);
                return;
            }

            var isBusy = beat.Wanting == 0 && Volatile.Read(ref _readyUrls) > 0;
            await _beatNow.WaitAsync(isBusy ? _options.Lease / 3 : Soon, _stop.Token).ConfigureAwait(false);
        }
    }

    /// <summary>How often somebody who waits for partitions, or for the end of the job, asks.</summary>
    private TimeSpan Soon => TimeSpan.FromMilliseconds(Math.Clamp((_options.Lease / 30).TotalMilliseconds, 50, 1000));

    /// <summary>Results count their starts from when the first worker began; the answer that took least time says best when that was.</summary>
    private void SetZero(Beat beat, long sent, long answered)
    {
        if (answered - sent >= _offsetError)
        {
            return;
        }

        var ago = MonotonicClock.Now(TimeProvider.System) - (Now - (sent + ((answered - sent) / 2)));
        lock (_gate)
        {
            _offsetError = answered - sent;
            _offset = ((beat.Now - beat.BeganAt) * 1000) - (ago - _startedAt);
        }
    }

    private void Apply(Beat beat, long sent, Lease[] held)
    {
        var lost = new List<PartitionHold>();
        lock (_gate)
        {
            (_safeUntil, _lostAt) = (sent + (Nanoseconds.From(_options.Lease) * 2 / 3), sent + Nanoseconds.From(_options.Lease));
            foreach (var lease in beat.Lost)
            {
                if (_holds.TryGetValue(lease.Partition, out var hold) && hold.Lease == lease)
                {
                    lost.Add(Lose(hold));
                }
            }

            foreach (var gained in beat.Gained)
            {
                if (_holds.TryGetValue(gained.Lease.Partition, out var old))
                {
                    lost.Add(Lose(old));
                }

                Hold(gained);
            }

            MarkSurplus(beat.Surplus);
        }

        lost.ForEach(hold => hold.BreakOff());
        if (beat.Gained.Count > 0)
        {
            _takeNow.Set();
        }

        if (held.Length > 0 || beat.Gained.Count > 0)
        {
            WakeAll();
        }
    }

    private void Hold(GainedLease gained)
    {
        _holds[gained.Lease.Partition] = new PartitionHold(gained.Lease, Now + StartSpacing.IntervalFor(Nanoseconds.From(_options.HostInterval)));
        QueueTelemetry.AddLeases(_options.Worker, 1);
        if (gained.IsReclaimed)
        {
            _counts = _counts with { Reclaimed = _counts.Reclaimed + 1 };
            QueueTelemetry.AddReclaimed(_options.Worker);
        }
    }

    /// <summary>It is not this worker's any more.</summary>
    private void LetGo(PartitionHold hold)
    {
        if (_holds.TryGetValue(hold.Lease.Partition, out var held) && held == hold)
        {
            _holds.Remove(hold.Lease.Partition);
            QueueTelemetry.AddLeases(_options.Worker, -1);
        }
    }

    /// <summary>Gives up so many, first those that are soonest free; what was not begun of them is left to others.</summary>
    private void MarkSurplus(int surplus)
    {
        var giving = _holds.Values.Count(hold => hold is { IsGivingUp: true, IsLost: false });
        var others = _holds.Values.Where(hold => hold is { IsGivingUp: false, IsLost: false }).OrderByDescending(hold => hold.HasMore).ThenBy(hold => hold.InHand.Count);
        foreach (var hold in others.Take(Math.Max(0, surplus - giving)).ToArray())
        {
            hold.State = HoldState.GivingUp;
            foreach (var batch in hold.InHand.ToArray())
            {
                if (_ready.Remove(batch))
                {
                    _readyUrls -= batch.ToDo;
                }

                batch.LeaveRest();
                NoteOver(batch);
            }
        }
    }

    /// <summary>Gives up what is to be given up and has no batch in hand.</summary>
    private async Task GiveUpAsync()
    {
        Lease[] free;
        lock (_gate)
        {
            var holds = _holds.Values.Where(hold => hold is { IsGivingUp: true, InHand.Count: 0, IsLost: false }).ToArray();
            free = [.. holds.Select(hold => hold.Lease)];
            Array.ForEach(holds, LetGo);

            _counts = _counts with { GivenUp = _counts.GivenUp + free.Length };
        }

        if (free.Length > 0)
        {
            await _patience.AskAsync(() => _store.GiveUpAsync(_options.Worker, free), _stop.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Breaks off what is under way once the leases may be another worker's.</summary>
    private async Task ExpireAsync()
    {
        while (true)
        {
            List<PartitionHold> lost = [];
            TimeSpan left;
            lock (_gate)
            {
                left = _lostAt == 0 ? _options.Lease : Nanoseconds.ToTimeSpan(_lostAt - Now);
                if (left <= TimeSpan.Zero)
                {
                    lost = LoseAll();
                    left = _options.Lease / 3;
                }
            }

            lost.ForEach(hold => hold.BreakOff());
            await Task.Delay(left + TimeSpan.FromMilliseconds(1), _clock, _stop.Token).ConfigureAwait(false);
        }
    }

    private List<PartitionHold> LoseAll() => [.. _holds.Values.ToArray().Select(Lose)];

    /// <summary>
    /// A partition is another worker's, or may be. What has ended of it is offered to the store all the same: if nobody has taken the partition, it counts.
    /// </summary>
    private PartitionHold Lose(PartitionHold hold)
    {
        hold.State = HoldState.Lost;
        foreach (var batch in hold.InHand.Where(batch => batch is { Count: > 0, IsOver: false }))
        {
            _ended.Writer.TryWrite(batch);
        }

        LetGo(hold);
        return hold;
    }
}
