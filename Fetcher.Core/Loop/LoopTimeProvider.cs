namespace Fetcher.Core.Loop;

/// <summary>A loop's clock for whoever takes a <see cref="TimeProvider"/>: timers made here fire on the loop's thread, so that awaiting one never leaves it.</summary>
internal sealed class LoopTimeProvider(EventLoop loop, TimeProvider clock) : TimeProvider
{
    public override long TimestampFrequency => clock.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => clock.LocalTimeZone;

    public override long GetTimestamp() => clock.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(loop, callback, state, dueTime, period);

    private sealed class Timer : ITimer
    {
        private readonly EventLoop _loop;
        private readonly Action _onDue;
        private LoopTimer? _timer;
        private TimeSpan _period;
        private long _due;

        public Timer(EventLoop loop, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _loop = loop;
            var transfer = loop.Observer?.Current;
            transfer?.Park();
            _onDue = () =>
            {
                loop.Observer?.ResumeTimer(transfer, _due);

                // A period of zero means once, as for System.Threading.Timer.
                Set(_period == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : _period);
                callback(state);
            };
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _loop.AssertOnThread();
            _period = period;
            Set(dueTime);
            return true;
        }

        public void Dispose() => Set(Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Set(TimeSpan from)
        {
            if (from != Timeout.InfiniteTimeSpan)
            {
                _timer ??= _loop.RentTimer(_onDue);
                _due = _loop.GetTimestamp() + (from.Ticks * 100);
                _timer.Set(_due);
            }
            else if (_timer is not null)
            {
                _loop.Return(_timer);
                _timer = null;
            }
        }
    }
}
