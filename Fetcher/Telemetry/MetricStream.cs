using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;

namespace Fetcher.Telemetry;

/// <summary>What an instrument has measured since the beginning, for each set of attributes.</summary>
internal sealed class MetricStream
{
    /// <summary>
    /// Sets of attributes that are told apart; what comes with others is one more (https://opentelemetry.io/docs/specs/otel/metrics/sdk/#cardinality-limits): every
    /// host of a list is a set.
    /// </summary>
    public const int MostPoints = 2000;

    private static readonly KeyValuePair<string, object?>[] OfOthers = [new("otel.metric.overflow", true)];

    /// <summary>The bounds of a histogram that says nothing of them (https://opentelemetry.io/docs/specs/otel/metrics/sdk/#explicit-bucket-histogram-aggregation).</summary>
    private static readonly double[] UsualBounds = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

    private readonly Dictionary<KeyValuePair<string, object?>[], MetricPoint> _points = new(TagComparer.Instance);
    private readonly Dictionary<KeyValuePair<string, object?>[], MetricPoint>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _byTags;

    public MetricStream(Instrument instrument)
    {
        Instrument = instrument;
        _byTags = _points.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
        (IsHistogram, IsMonotonic) = (instrument is Histogram<double> or Histogram<long>, instrument is Counter<double> or Counter<long>);
        if (!IsHistogram && !IsMonotonic && instrument is not (UpDownCounter<double> or UpDownCounter<long>))
        {
            throw new NotSupportedException($"{instrument.Name} is a {instrument.GetType().Name}, which is not exported");
        }

        IsInteger = instrument is Instrument<long>;
        Bounds = !IsHistogram ? []
            : instrument is Instrument<double> { Advice.HistogramBucketBoundaries: { } bounds } ? [.. bounds]
            : instrument is Instrument<long> { Advice.HistogramBucketBoundaries: { } whole } ? [.. whole.Select(bound => (double)bound)]
            : UsualBounds;
    }

    public Instrument Instrument { get; }

    /// <summary>Whether it has not measured anything.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_points)
            {
                return _points.Count == 0;
            }
        }
    }

    public bool IsHistogram { get; }

    /// <summary>Whether it is a sum that only grows.</summary>
    public bool IsMonotonic { get; }

    /// <summary>Whether it measures whole numbers.</summary>
    public bool IsInteger { get; }

    /// <summary>The upper bounds of a histogram's buckets but the last, which has none.</summary>
    public double[] Bounds { get; }

    /// <summary>Takes a measurement, on whichever thread.</summary>
    public void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_points)
        {
            if (!_byTags.TryGetValue(tags, out var point))
            {
                ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_points, _points.Count < MostPoints ? tags.ToArray() : OfOthers, out _);
                point = place ??= new MetricPoint(Bounds);
            }

            point.Add(value, IsHistogram);
        }
    }

    /// <summary>Shows all points while nothing is added.</summary>
    public void Read(Action<KeyValuePair<string, object?>[], MetricPoint> see)
    {
        lock (_points)
        {
            foreach (var (tags, point) in _points)
            {
                see(tags, point);
            }
        }
    }

    /// <summary>Attributes are the same when they are the same in the same order: an instrument is always given them in one.</summary>
    private sealed class TagComparer : IEqualityComparer<KeyValuePair<string, object?>[]>,
        IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, KeyValuePair<string, object?>[]>
    {
        public static readonly TagComparer Instance = new();

        public bool Equals(KeyValuePair<string, object?>[]? x, KeyValuePair<string, object?>[]? y) => Equals((ReadOnlySpan<KeyValuePair<string, object?>>)x, y!);

        public int GetHashCode(KeyValuePair<string, object?>[] obj) => GetHashCode((ReadOnlySpan<KeyValuePair<string, object?>>)obj);

        public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, KeyValuePair<string, object?>[] other)
        {
            if (alternate.Length != other.Length)
            {
                return false;
            }

            for (var i = 0; i < other.Length; i++)
            {
                if (alternate[i].Key != other[i].Key || !Equals(alternate[i].Value, other[i].Value))
                {
                    return false;
                }
            }

            return true;
        }

        public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
        {
            var hash = default(HashCode);
            foreach (var (_, value) in alternate)
            {
                hash.Add(value);
            }

            return hash.ToHashCode();
        }

        public KeyValuePair<string, object?>[] Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => alternate.ToArray();
    }
}
