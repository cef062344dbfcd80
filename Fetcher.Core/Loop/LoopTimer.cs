namespace Fetcher.Core.Loop;

/// <summary>
/// A moment at which the loop calls back. Moving it later, or stopping it, is a plain store: the loop looks again when the old moment comes.
/// That suits deadlines, which are set for every wait and hardly ever reached. Timers are rented from the loop and given back, with the entry they
/// still have in its queue, so that the queue never holds more entries than there were timers in use at once.
/// </summary>
internal sealed class LoopTimer(EventLoop loop)
{
    /// <summary>Never.</summary>
    public const long Never = long.MaxValue;

    /// <summary>When to call back, on the loop's clock in nanoseconds.</summary>
    public long Due { get; private set; } = Never;

    /// <summary>What to call, on the loop's thread.</summary>
    internal Action? OnDue { get; set; }

    /// <summary>The earliest moment at which the loop will look at this timer.</summary>
    internal long LooksAt { get; set; } = Never;

    public void Set(long due)
    {
        Due = due;
        if (due < LooksAt)
        {
            LooksAt = due;
            loop.LookAt(this, due);
        }
    }

    public void Stop() => Due = Never;

    internal void Fire()
    {
        Due = Never;
        OnDue?.Invoke();
    }
}
