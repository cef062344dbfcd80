namespace Fetcher.Telemetry;

/// <summary>What was measured with one set of attributes.</summary>
/// <param name="bounds">The upper bounds of the buckets but the last; none, unless it is a histogram's.</param>
internal sealed class MetricPoint(double[] bounds)
{
    private readonly long[] _buckets = new long[bounds.Length + 1];

    public long Count { get; private set; }

    public double Sum { get; private set; }

    public double Min { get; private set; } = double.PositiveInfinity;

    public double Max { get; private set; } = double.NegativeInfinity;

    /// <summary>How many measurements fell into each bucket.</summary>
    public ReadOnlySpan<long> Buckets => _buckets;

    public void Add(double value, bool isHistogram)
    {
        Count++;
        Sum += value;
        if (isHistogram)
        {
            (Min, Max) = (Math.Min(Min, value), Math.Max(Max, value));

            // A bound belongs to the bucket below it.
            var found = Array.BinarySearch(bounds, value);
            _buckets[found < 0 ? ~found : found]++;
        }
    }
}
