namespace Fetcher.Core.Timing;

/// <summary>How many transfers ended when, in fixed memory: when a run outgrows the steps, each becomes twice as long.</summary>
internal sealed class RunCourse
{
    private const int Most = 128;
    private const long FirstStep = 1_000_000;

    private readonly long[] _ok = new long[Most], _failed = new long[Most];

    /// <summary>Length of a step, in nanoseconds.</summary>
    public long Step { get; private set; } = FirstStep;

    /// <summary>The transfers that ended in each step, up to the last in which any did.</summary>
    public IReadOnlyList<(long Ok, long Failed)> Steps => [.. _ok.Zip(_failed).Take(Last + 1)];

    private int Last => Math.Max(Array.FindLastIndex(_ok, count => count > 0), Array.FindLastIndex(_failed, count => count > 0));

    /// <summary>Counts a transfer.</summary>
    /// <param name="end">When it ended, in nanoseconds from the start of the run.</param>
    /// <param name="ok">Whether its URL was fetched.</param>
    public void Add(long end, bool ok)
    {
        while (end >= Most * Step)
        {
            Fold(_ok);
            Fold(_failed);
            Step *= 2;
        }

        (ok ? _ok : _failed)[Math.Max(0, end) / Step]++;
    }

    private static void Fold(long[] counts)
    {
        for (var i = 0; i < Most; i++)
        {
            counts[i] = i < Most / 2 ? counts[2 * i] + counts[(2 * i) + 1] : 0;
        }
    }
}
