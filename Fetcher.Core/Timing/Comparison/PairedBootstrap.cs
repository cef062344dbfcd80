using System.Globalization;

namespace Fetcher.Core.Timing.Comparison;

/// <summary>How many times as much one mode took as another, with the interval in which that number lies with 95 % confidence.</summary>
/// <param name="Value">The ratio of the medians.</param>
/// <param name="Low">Lower end of the interval, or null when there were too few rounds for one.</param>
/// <param name="High">Upper end, or null.</param>
internal sealed record Ratio(double Value, double? Low, double? High)
{
    /// <summary>Whether the interval shows a difference: 1 lies outside of it.</summary>
    public bool ExcludesOne => Low > 1 || High < 1;

    /// <summary>The same, seen from the other mode.</summary>
    public Ratio Inverse => new(1 / Value, 1 / High, 1 / Low);

    // A record's own would print the inverse of the inverse, and so on.
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value} ({Low} to {High})");
}

/// <summary>
/// The percentile bootstrap of the ratio of two medians, paired by round (Efron and Tibshirani, An Introduction to the Bootstrap,
/// chapters 10 and 13): rounds are drawn again and again with replacement, both modes' values of a round together, since what disturbs
/// one mode in a round disturbs its neighbour too; the 2.5th and 97.5th percentiles of the ratios so found are the ends of the interval.
/// </summary>
/// <remarks>
/// The draws come from a generator with a fixed seed, so the same rounds give the same interval. The interval is widened to hold the
/// ratio itself where it would not. It can never reach beyond the rounds seen, so with few of them it is too narrow: the range of n
/// rounds misses the true median with a probability of 2^(1-n), which is 25 % for 3 rounds and 6 % for 5.
/// </remarks>
internal static class PairedBootstrap
{
    /// <summary>Fewer rounds than this give no interval.</summary>
    public const int MinRounds = 3;

    /// <summary>The confidence of the interval.</summary>
    public const double Confidence = 0.95;

    private const int Draws = 10_000;
    private const ulong Seed = 0x9E37_79B9_7F4A_7C15;

    /// <summary>
    /// The ratio of the medians of <paramref name="values"/> and <paramref name="bases"/>; null without rounds, or where a base is not
    /// positive.
    /// </summary>
    /// <param name="values">A mode's values, one a round.</param>
    /// <param name="bases">The values of the mode it is compared with, of the same rounds in the same order.</param>
    public static Ratio? RatioOfMedians(IReadOnlyList<double> values, IReadOnlyList<double> bases)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Count, bases.Count, nameof(values));
        return RatioOfMedians(values, bases, isPaired: true);
    }

    /// <summary>
    /// The same of rounds that have nothing to do with one another, such as those of another day: either side is drawn for itself (Efron and Tibshirani,
    /// chapter 8), and there may be more of one than of the other.
    /// </summary>
    public static Ratio? RatioOfMediansUnpaired(IReadOnlyList<double> values, IReadOnlyList<double> bases) =>
        RatioOfMedians(values, bases, isPaired: false);

    private static Ratio? RatioOfMedians(IReadOnlyList<double> values, IReadOnlyList<double> bases, bool isPaired)
    {
        if (values.Count == 0 || bases.Count == 0 || bases.Any(value => value <= 0))
        {
            return null;
        }

        var ratio = Spread.MedianOf(values) / Spread.MedianOf(bases);
        return Math.Min(values.Count, bases.Count) < MinRounds ? new Ratio(ratio, null, null) : WithInterval(ratio, values, bases, isPaired);
    }

    private static Ratio WithInterval(double ratio, IReadOnlyList<double> values, IReadOnlyList<double> bases, bool isPaired)
    {
        var numerator = new Ranked(values);
        var denominator = new Ranked(bases);
        var timesDrawn = new int[values.Count];
        var basesDrawn = isPaired ? timesDrawn : new int[bases.Count];
        var ratios = new double[Draws];
        var random = Seed;
        for (var draw = 0; draw < Draws; draw++)
        {
            Draw(timesDrawn, ref random);
            if (!isPaired)
            {
                Draw(basesDrawn, ref random);
            }

            ratios[draw] = numerator.MedianOf(timesDrawn) / denominator.MedianOf(basesDrawn);
        }

        Array.Sort(ratios);
        const double Tail = (1 - Confidence) / 2;
        return new Ratio(ratio, Math.Min(ratio, Quantile(ratios, Tail)), Math.Max(ratio, Quantile(ratios, 1 - Tail)));
    }

    /// <summary>Draws as many rounds as there are, with replacement.</summary>
    private static void Draw(int[] timesDrawn, ref ulong random)
    {
        Array.Clear(timesDrawn);
        for (var i = 0; i < timesDrawn.Length; i++)
        {
            timesDrawn[Next(ref random, timesDrawn.Length)]++;
        }
    }

    /// <summary>The quantile of sorted values, between two of them by straight line.</summary>
    private static double Quantile(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }

    /// <summary>
    /// A number from 0 to <paramref name="limit"/> - 1 (SplitMix64; Steele, Lea, Flood 2014). Unlike .NET's own generators it is fixed
    /// for good.
    /// </summary>
    private static int Next(ref ulong state, int limit)
    {
        var z = state += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return (int)Math.BigMul(z ^ (z >> 31), (ulong)limit, out _);
    }

    /// <summary>Values sorted once, so that the median of a draw is found by counting.</summary>
    private sealed class Ranked(IReadOnlyList<double> values)
    {
        private readonly int[] _order = [.. Enumerable.Range(0, values.Count).OrderBy(i => values[i])];

        /// <summary>The median when value i counts <paramref name="times"/>[i] times, which are as many as there are values.</summary>
        public double MedianOf(int[] times) => (At((times.Length - 1) / 2, times) + At(times.Length / 2, times)) / 2;

        private double At(int rank, int[] times)
        {
            var passed = 0;
            foreach (var i in _order)
            {
                passed += times[i];
                if (passed > rank)
                {
                    return values[i];
                }
            }

            throw new ArgumentOutOfRangeException(nameof(rank));
        }
    }
}
