namespace Fetcher.Core.Loop.Watching;

/// <summary>How many transfers were in flight over time, in fixed memory: when a run outgrows the steps, each becomes twice as long.</summary>
internal sealed class FlightCurve
{
    private const int Steps = 256;
    private const long FirstStep = 1_000_000;

    /// <summary>Nanoseconds of all transfers in each step.</summary>
    private readonly double[] _filled = new double[Steps];

    /// <summary>Length of a step, in nanoseconds.</summary>
    public long Step { get; private set; } = FirstStep;

    /// <summary>Transfers in flight, averaged over each step, up to the last in which there were any.</summary>
    public IReadOnlyList<double> Averages =>
        [.. _filled.Take(Array.FindLastIndex(_filled, filled => filled > 0) + 1).Select(filled => filled / Step)];

    /// <summary>Adds a transfer by its times, in nanoseconds from the start of the run.</summary>
    public void Add(long from, long to)
    {
        from = Math.Max(0, from);
        while (to > Steps * Step)
        {
            Fold();
        }

        for (var at = from; at < to;)
        {
            var end = Math.Min(to, ((at / Step) + 1) * Step);
            _filled[at / Step] += end - at;
            at = end;
        }
    }

    /// <summary>Adds everything that <paramref name="other"/> has.</summary>
    public void Merge(FlightCurve other)
    {
        while (Step < other.Step)
        {
            Fold();
        }

        for (var i = 0; i < Steps; i++)
        {
            // The other's steps, if shorter, are whole parts of these.
            _filled[i * other.Step / Step] += other._filled[i];
        }
    }

    private void Fold()
    {
        for (var i = 0; i < Steps; i++)
        {
            _filled[i] = i < Steps / 2 ? _filled[2 * i] + _filled[(2 * i) + 1] : 0;
        }

        Step *= 2;
    }
}
