namespace Fetcher.Core.Loop.Watching;

/// <summary>How long a timer set for each millisecond would have waited for the loop.</summary>
internal sealed class LoopLag
{
    private const long Millisecond = 1_000_000;

    public Histogram Delays { get; } = new();

    /// <summary>Counts a period at whose end the loop came to its timers.</summary>
    public void AddBusy(long from, long to)
    {
        for (var due = NextAfter(from); due <= to; due += Millisecond)
        {
            Delays.Record(to - due);
        }
    }

    /// <summary>Counts a period in which the loop would have come to its timers at once.</summary>
    public void AddIdle(long from, long to)
    {
        for (var due = NextAfter(from); due <= to; due += Millisecond)
        {
            Delays.Record(0);
        }
    }

    private static long NextAfter(long moment) => ((moment / Millisecond) + 1) * Millisecond;
}
