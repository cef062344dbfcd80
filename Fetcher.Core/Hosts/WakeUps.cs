namespace Fetcher.Core.Hosts;

/// <summary>
/// The hosts that may start something at a later moment, and one timer for the first of them. Used under the table's lock; the timer calls without.
/// </summary>
internal sealed class WakeUps(TimeProvider clock, Action onTime)
{
    private readonly PriorityQueue<HostQueue, long> _hosts = new();
    private ITimer? _timer;
    private long _timerAt = long.MaxValue;

    /// <summary>Has the host looked at again at <paramref name="moment"/>, or earlier.</summary>
    public void Add(HostQueue host, long moment, long now)
    {
        if (host.LooksAt > moment)
        {
            host.LooksAt = moment;
            _hosts.Enqueue(host, moment);
        }

        SetTimer(now);
    }

    /// <summary>The next host whose moment has come, or null.</summary>
    public HostQueue? TryNext(long now)
    {
        while (_hosts.TryPeek(out var host, out var moment) && moment <= now)
        {
            _hosts.Dequeue();
            if (host.LooksAt == moment)
            {
                host.LooksAt = long.MaxValue;
                return host;
            }
        }

        SetTimer(now);
        return null;
    }

    /// <summary>The timer has called.</summary>
    public void OnTimer() => _timerAt = long.MaxValue;

    private void SetTimer(long now)
    {
        if (_hosts.TryPeek(out _, out var first) && first < _timerAt)
        {
            _timerAt = first;
            _timer ??= clock.CreateTimer(_ => onTime(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

            // Timers count whole milliseconds; one that comes too early would only have to be set again. The longest can hold 49 days.
            _timer.Change(TimeSpan.FromMilliseconds(Math.Min(int.MaxValue, Math.Max(0, ((first - now) / 1_000_000) + 1))), Timeout.InfiniteTimeSpan);
        }
    }
}
