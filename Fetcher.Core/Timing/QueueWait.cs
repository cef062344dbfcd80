namespace Fetcher.Core.Timing;

/// <summary>What transfers waited for in <see cref="Phase.Queue"/>: for a slot, then for a connection that others were opening or using, or for room for one.</summary>
/// <param name="Queue">The time in the phase, over all of them, in nanoseconds.</param>
/// <param name="Slot">The part until they had their slots.</param>
internal readonly record struct QueueWait(double Queue, double Slot)
{
    /// <summary>A smaller part of the phase is not spoken of.</summary>
    private const double Notable = 0.01;

    /// <summary>That of a run.</summary>
    public static QueueWait Of(RunSummary summary) => new(summary.PhaseOf(Phase.Queue).Sum, summary.TimeOf(TimeField.Queue).Sum);

    /// <summary>Whether most of it was for connections.</summary>
    public bool IsForConnections => Slot < Queue / 2;

    /// <summary>In words.</summary>
    public string Words => Slot < Notable * Queue ? "waiting for a connection"
        : Queue - Slot < Notable * Queue ? "waiting for a free slot"
        : "waiting for a free slot or a connection";
}
