namespace Fetcher.Core.Timing.Comparison;

/// <summary>One figure over several rounds.</summary>
/// <param name="Median">The middle value; of an even number of rounds the mean of the two in the middle.</param>
/// <param name="Min">Smallest value.</param>
/// <param name="Max">Largest value.</param>
/// <param name="Mad">
/// Median absolute deviation from the median, in the unit of the figure: half of the rounds lie within this distance of the median.
/// </param>
/// <param name="Count">How many values, at least 1.</param>
internal sealed record Spread(double Median, double Min, double Max, double Mad, int Count)
{
    /// <summary>The spread of <paramref name="values"/>, or null when there are none.</summary>
    public static Spread? Of(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
        {
            return null;
        }

        var median = MedianOf(values);
        var deviation = MedianOf([.. values.Select(value => Math.Abs(value - median))]);
        return new Spread(median, values.Min(), values.Max(), deviation, values.Count);
    }

    /// <summary>The median of at least one value.</summary>
    public static double MedianOf(IReadOnlyCollection<double> values)
    {
        ArgumentOutOfRangeException.ThrowIfZero(values.Count, nameof(values));
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
