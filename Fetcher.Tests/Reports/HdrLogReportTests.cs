using System.Text;
using Fetcher.Core;
using Fetcher.Core.Reports;
using HdrHistogram;

namespace Fetcher.Tests.Reports;

/// <summary>HdrHistogram's own library reads the log.</summary>
public sealed class HdrLogReportTests
{
    [Fact]
    public void Each_second_in_which_transfers_ended_is_a_histogram()
    {
        var log = Written([Ended(0, 5), Ended(0.2, 7), Ended(0.9, 600), Ended(4, 1)]);

        var histograms = Read(log);

        log.Split('\n').Where(line => char.IsAsciiDigit(line.FirstOrDefault())).Select(line => string.Join(',', line.Split(',')[..3]))
            .ShouldBe(["0.000,1.000,7.000", "1.000,1.000,600.000", "4.000,1.000,1.000"]);
        histograms.Select(histogram => histogram.TotalCount).ShouldBe([2, 1, 1]);
        histograms.Select(histogram => histogram.GetMaxValue() / 1_000_000).ShouldBe([7, 600, 1]);
    }

    [Fact]
    public void Values_keep_three_digits()
    {
        var random = new Random(1);
        var times = Enumerable.Range(0, 2000).Select(_ => (long)Math.Pow(10, random.NextDouble() * 12)).Append(0).Append(1).Order().ToArray();
        var histogram = new Core.Timing.HdrHistogram();
        Array.ForEach(times, histogram.Record);

        var read = Read($"0.000,1.000,1.000,{histogram.ToBase64()}\n").ShouldHaveSingleItem();

        read.TotalCount.ShouldBe(times.Length);
        foreach (var percent in (double[])[1, 25, 50, 75, 99])
        {
            var exact = times[Math.Max(0, (int)Math.Ceiling(percent / 100 * times.Length) - 1)];
            ((double)read.GetValueAtPercentile(percent)).ShouldBe(exact, 1 + (exact * 0.001));
        }
    }

    [Fact]
    public void It_is_empty_again_after_a_reset()
    {
        var histogram = new Core.Timing.HdrHistogram();
        histogram.Record(1_000_000_000);
        histogram.Reset();
        histogram.Record(3);

        Read($"0.000,1.000,1.000,{histogram.ToBase64()}\n").ShouldHaveSingleItem().GetValueAtPercentile(100).ShouldBe(3);
    }

    [Fact]
    public void What_was_not_fetched_by_this_run_counts_for_nothing()
    {
        var skipped = Sample.Result();
        skipped.Skipped = true;

        Read(Written([skipped, Sample.Failed(kind: FetchErrorKind.BadUrl)])).ShouldBeEmpty();
    }

    private static FetchResult Ended(double start, int milliseconds)
    {
        var result = Sample.Result();
        (result.Start, result.TimeTotal) = ((long)(start * 1e9), milliseconds * Sample.Millisecond);
        return result;
    }

    private static string Written(FetchResult[] results) => Sample.WriteAll(new HdrLogReport(), Sample.Run(), results);

    private static HistogramBase[] Read(string log)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(log));
        return [.. new HistogramLogReader(stream).ReadHistograms()];
    }
}
