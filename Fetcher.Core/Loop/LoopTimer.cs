namespace Fetcher.Core.Loop;

/// <summary>
/// Calls back on the loop's thread at a moment. Moving it later, or stopping it, is a plain store: its queue looks again when the old moment comes. That
/// suits deadlines, which are set for each wait and hardly ever reached. Timers are rented from their <see cref="TimerQueue"/> and given back.
/// </summary>
internal sealed class LoopTimer(TimerQueue queue)
{
    /// <summary>The moment that never comes.</summary>
    public const long Never = long.MaxValue;

    /// <summary>When to call back, on the loop's clock in nanoseconds; <see cref="Never"/> when it is not set.</summary>
    public long Due { get; private set; } = Never;

    /// <summary>What to call.</summary>
    internal Action? OnDue { get; set; }

    /// <summary>The moment of its entry in the queue, or <see cref="Never"/> when it has none.</summary>
    internal long LooksAt { get; set; } = Never;

    /// <summary>Calls back at <paramref name="due"/>, on the loop's clock in nanoseconds, and not at an earlier set moment any more.</summary>
    public void Set(long due)
    {
        Due = due;
        if (due < LooksAt)
        {
            LooksAt = due;
            queue.Add(this, due);
        }
    }

    /// <summary>Does not call back.</summary>
    public void Stop() => Due = Never;

    internal void Fire()
    {
        Due = Never;
        OnDue?.Invoke();
    }
}
