namespace Fetcher.Core.Loop.Watching;

/// <summary>How the transfers of one loop overlapped. Times are nanoseconds from the start of the run.</summary>
internal sealed class LoopOverlap
{
    /// <summary>When the first transfer began; nothing when there was none.</summary>
    public long First { get; private set; } = long.MaxValue;

    /// <summary>When the last one ended.</summary>
    public long Last { get; private set; }

    /// <summary>When it would have ended had none waited for the loop: each slot's transfers one after the other, without their stalls.</summary>
    public long PerfectLast { get; private set; }

    /// <summary>How many were in flight when.</summary>
    public FlightCurve Curve { get; } = new();

    /// <summary>Adds a transfer.</summary>
    /// <param name="from">When it began.</param>
    /// <param name="to">When it ended.</param>
    /// <param name="perfect">When it would have ended had neither it nor those before it in its slot waited for the loop.</param>
    public void Add(long from, long to, long perfect)
    {
        First = Math.Min(First, from);
        Last = Math.Max(Last, to);
        PerfectLast = Math.Max(PerfectLast, perfect);
        Curve.Add(from, to);
    }

    /// <summary>Adds everything that <paramref name="other"/> has.</summary>
    public void Merge(LoopOverlap other)
    {
        First = Math.Min(First, other.First);
        Last = Math.Max(Last, other.Last);
        PerfectLast = Math.Max(PerfectLast, other.PerfectLast);
        Curve.Merge(other.Curve);
    }
}
