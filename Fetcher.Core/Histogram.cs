using System.Numerics;
using System.Runtime.CompilerServices;

namespace Fetcher.Core;

/// <summary>
/// Counts durations in log-linear buckets, so that a run of any length keeps its percentiles in about 21 kB and a value costs one
/// increment.
/// Values are nanoseconds from 0 to about 39 hours; percentiles are within 0.8 % of the true value, min, mean and max are exact.
/// </summary>
/// <remarks>
/// Below 128 ns a bucket holds one value. Above, each power of two is cut into 64 equal buckets, the layout of HdrHistogram with 7
/// sub-bucket bits.
/// </remarks>
internal sealed class Histogram
{
    /// <summary>Largest value with a bucket of its own; larger ones count in the last bucket.</summary>
    public const long MaxTracked = (1L << 47) - 1;

    private const int SubBucketBits = 7;
    private const int Half = 1 << (SubBucketBits - 1);

    /// <summary>None before the first value above 0: half the histograms of a run count phases that it has not.</summary>
    private long[] _counts = [];
    private ulong _sum;
    private ulong _sumCarry;
    private long _min = long.MaxValue;
    private long _zeros;
    private long _others;

    /// <summary>Values recorded.</summary>
    public long Count => _zeros + _others;

    /// <summary>Smallest value, or 0 without any.</summary>
    public long Min => _zeros > 0 || _others == 0 ? 0 : _min;

    /// <summary>Largest value, or 0 without any.</summary>
    public long Max { get; private set; }

    /// <summary>Sum of all values.</summary>
    public double Sum => (double)Total;

    /// <summary>Arithmetic mean, or 0 without any value.</summary>
    public double Mean => Count == 0 ? 0 : (double)Total / Count;

    private UInt128 Total => new(_sumCarry, _sum);

    /// <summary>Counts one value; a negative one counts as 0.</summary>
    /// <param name="nanoseconds">The value.</param>
    /// <param name="countsZero">Whether a 0 counts.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(long nanoseconds, bool countsZero = true)
    {
        if (nanoseconds > 0)
        {
            RecordPositive(nanoseconds);
        }
        else if (countsZero)
        {
            // Common: on a kept connection, most phases did not happen. One counter beside the buckets spares them two cache lines.
            _zeros++;
        }
    }

    /// <summary>How many values are smaller, to the width of a bucket.</summary>
    public long CountBelow(long nanoseconds) => nanoseconds <= 0 ? 0 : _others == 0 ? _zeros
        : _zeros + _counts.AsSpan(0, BucketOf(Math.Min(nanoseconds, MaxTracked))).ToArray().Sum();

    /// <summary>
    /// The nearest-rank percentile: the smallest recorded value such that at least <paramref name="percent"/> per cent of all values are
    /// no larger, here rounded to the middle of its bucket. 0 without any value.
    /// </summary>
    /// <param name="percent">From 0 (the minimum) to 100 (the maximum).</param>
    public long Percentile(double percent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(percent, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        var rank = Math.Clamp((long)Math.Ceiling(percent * Count / 100), 1, Math.Max(1, Count));
        if (rank == Count)
        {
            return Max;
        }

        var seen = _zeros;
        if (seen >= rank)
        {
            return 0;
        }

        for (var bucket = 0; bucket < _counts.Length; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= rank)
            {
                return Math.Clamp(MiddleOf(bucket), Min, Max);
            }
        }

        return Max;
    }

    /// <summary>Adds everything <paramref name="other"/> has counted.</summary>
    public void Merge(Histogram other)
    {
        if (_counts.Length < other._counts.Length)
        {
            Allocate();
        }

        for (var bucket = 0; bucket < other._counts.Length; bucket++)
        {
            _counts[bucket] += other._counts[bucket];
        }

        _zeros += other._zeros;
        _others += other._others;
        (_sumCarry, _sum) = Halves(Total + other.Total);
        _min = Math.Min(_min, other._min);
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>Makes it a copy of another as that is now.</summary>
    public void CopyFrom(Histogram other)
    {
        Reset();
        Merge(other);
    }

    /// <summary>
    /// Takes away what was counted when <paramref name="earlier"/> was copied from it. Min is the middle of its bucket then, and max that of its bucket at most.
    /// </summary>
    public void Subtract(Histogram earlier)
    {
        for (var bucket = 0; bucket < earlier._counts.Length; bucket++)
        {
            _counts[bucket] -= earlier._counts[bucket];
        }

        _zeros -= earlier._zeros;
        _others -= earlier._others;
        (_sumCarry, _sum) = Halves(Total - earlier.Total);
        var (first, last) = (Array.FindIndex(_counts, count => count > 0), Array.FindLastIndex(_counts, count => count > 0));
        _min = first < 0 ? long.MaxValue : Math.Max(_min, MiddleOf(first));
        Max = last < 0 ? 0 : Math.Min(Max, MiddleOf(last));
    }

    /// <summary>Forgets all values.</summary>
    public void Reset()
    {
        Array.Clear(_counts);
        _zeros = _others = 0;
        _sum = _sumCarry = 0;
        _min = long.MaxValue;
        Max = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RecordPositive(long value)
    {
        var bucket = BucketOf(value);
        var counts = _counts;
        if ((uint)bucket >= (uint)counts.Length)
        {
            // Last, as a jump: a call in the middle would save registers for each value.
            RecordBeyond(value);
            return;
        }

        counts[bucket]++;
        Account(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Account(long value)
    {
        _others++;

        // As one number of 128 bits would be several times as dear.
        _sum += (ulong)value;
        if (_sum < (ulong)value)
        {
            _sumCarry++;
        }

        if (value < _min)
        {
            _min = value;
        }

        if (value > Max)
        {
            Max = value;
        }
    }

    /// <summary>Counts the first value, and those for which there is no bucket.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RecordBeyond(long value)
    {
        if (_counts.Length == 0)
        {
            Allocate();
        }

        _counts[BucketOf(Math.Min(value, MaxTracked))]++;
        Account(value);
    }

    private void Allocate() => _counts = new long[BucketOf(MaxTracked) + 1];

    private static (ulong Upper, ulong Lower) Halves(UInt128 sum) => ((ulong)(sum >> 64), (ulong)sum);

    /// <summary>The value is shifted until it fits 7 bits; each shift starts the next 64 buckets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int BucketOf(long value)
    {
        // With this bit set, no small value is shifted.
        var shift = BitOperations.Log2((ulong)value | Half) - (SubBucketBits - 1);
        return (shift * Half) + (int)(value >> shift);
    }

    private static long MiddleOf(int bucket)
    {
        var shift = Math.Max(0, (bucket / Half) - 1);
        var low = (long)(bucket - (shift * Half)) << shift;
        return low + ((1L << shift) >> 1);
    }
}
