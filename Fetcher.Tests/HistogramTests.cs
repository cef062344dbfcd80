using CsCheck;
using Fetcher.Core;

namespace Fetcher.Tests;

public sealed class HistogramTests
{
    private static readonly double[] Percents = [0, 1, 25, 50, 75, 90, 99, 99.9, 100];

    /// <summary>Durations of every order of magnitude, from 0 to a day.</summary>
    private static readonly Gen<long> Durations = Gen.Int[0, 46].SelectMany(bits => Gen.Long[0, 1L << bits]);

    [Fact]
    public void Percentiles_are_within_one_percent_of_the_nearest_rank_in_a_sorted_list() => Durations.Array[1, 300].Sample(values =>
    {
        var histogram = Of(values);
        Array.Sort(values);
        foreach (var percent in Percents)
        {
            var rank = Math.Max(1, (int)Math.Ceiling((decimal)percent * values.Length / 100));
            var exact = values[rank - 1];
            ((double)histogram.Percentile(percent)).ShouldBe(exact, exact * 0.01, $"percentile {percent}");
        }
    });

    [Fact]
    public void Min_mean_and_max_are_exact() => Durations.Array[1, 100].Sample(values =>
    {
        var histogram = Of(values);
        histogram.Count.ShouldBe(values.Length);
        histogram.Min.ShouldBe(values.Min());
        histogram.Max.ShouldBe(values.Max());
        histogram.Mean.ShouldBe((double)(values.Aggregate((Int128)0, (sum, value) => sum + value)) / values.Length);
    });

    [Fact]
    public void A_merged_histogram_is_the_histogram_of_all_values() =>
        Gen.Select(Durations.Array[0, 50], Durations.Array[0, 50]).Sample((some, others) =>
        {
            var merged = Of(some);
            merged.Merge(Of(others));
            ShouldBeAlike(merged, Of([.. some, .. others]));
        });

    [Fact]
    public void Percentiles_never_fall_as_the_percentage_rises() => Durations.Array[1, 100].Sample(values =>
    {
        var histogram = Of(values);
        var percentiles = Percents.Select(histogram.Percentile).ToArray();
        percentiles.ShouldBe(percentiles.Order());
    });

    [Fact]
    public void Values_below_128_ns_are_kept_exactly()
    {
        var histogram = Of([.. Enumerable.Range(0, 128).Select(value => (long)value)]);
        for (var rank = 1; rank <= 128; rank++)
        {
            histogram.Percentile(rank * 100.0 / 128).ShouldBe(rank - 1);
        }
    }

    [Fact]
    public void Without_values_everything_is_zero() => ShouldBeAlike(new Histogram(), Of([]));

    [Fact]
    public void Reset_forgets_everything()
    {
        var histogram = Of([5, 7, 1L << 40]);
        histogram.Reset();
        ShouldBeAlike(histogram, new Histogram());
        histogram.Min.ShouldBe(0);
        histogram.Record(3);
        histogram.Min.ShouldBe(3);
        histogram.Max.ShouldBe(3);
    }

    [Fact]
    public void A_negative_value_counts_as_zero()
    {
        var histogram = Of([-5]);
        histogram.Count.ShouldBe(1);
        histogram.Min.ShouldBe(0);
        histogram.Max.ShouldBe(0);
    }

    [Fact]
    public void A_value_beyond_the_last_bucket_keeps_min_mean_and_max_exact()
    {
        var histogram = Of([long.MaxValue, long.MaxValue]);
        histogram.Min.ShouldBe(long.MaxValue);
        histogram.Max.ShouldBe(long.MaxValue);
        histogram.Mean.ShouldBe(long.MaxValue);
        histogram.Percentile(50).ShouldBe(long.MaxValue);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(100.1)]
    public void A_percentage_outside_0_to_100_is_refused(double percent) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new Histogram().Percentile(percent));

    [Fact]
    public void A_sum_may_be_larger_than_any_value()
    {
        var histogram = Of(long.MaxValue, long.MaxValue, long.MaxValue, 1);
        histogram.Sum.ShouldBe(3 * (double)long.MaxValue);
        var twice = Of(long.MaxValue, long.MaxValue, long.MaxValue, 1);
        twice.Merge(histogram);
        twice.Sum.ShouldBe(6 * (double)long.MaxValue);
        twice.Subtract(histogram);
        twice.Sum.ShouldBe(3 * (double)long.MaxValue);
        twice.Mean.ShouldBe(histogram.Mean);
    }

    [Fact]
    public void Zeros_alone_are_counted_copied_and_taken_away()
    {
        var zeros = Of(0, 0);
        zeros.CountBelow(5).ShouldBe(2);
        var all = new Histogram();
        all.CopyFrom(zeros);
        ShouldBeAlike(all, zeros);
        all.Record(5);
        all.Subtract(zeros);
        ShouldBeAlike(all, Of(5));
        zeros.Subtract(zeros);
        ShouldBeAlike(zeros, new Histogram());
    }

    private static Histogram Of(params long[] values)
    {
        var histogram = new Histogram();
        foreach (var value in values)
        {
            histogram.Record(value);
        }

        return histogram;
    }

    private static void ShouldBeAlike(Histogram actual, Histogram expected)
    {
        actual.Count.ShouldBe(expected.Count);
        actual.Min.ShouldBe(expected.Min);
        actual.Max.ShouldBe(expected.Max);
        actual.Mean.ShouldBe(expected.Mean);
        Percents.Select(actual.Percentile).ShouldBe(Percents.Select(expected.Percentile));
    }

    [Fact]
    public void What_is_below_a_value_is_counted()
    {
        var histogram = new Histogram();
        foreach (var value in new long[] { 0, 5, 100, 1000, 1_000_000 })
        {
            histogram.Record(value);
        }

        new long[] { 0, 1, 6, 101, 2000, 2_000_000, long.MaxValue }.Select(histogram.CountBelow).ShouldBe([0, 1, 2, 3, 4, 5, 5]);
    }
}
