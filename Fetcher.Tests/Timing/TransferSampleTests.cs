using Fetcher.Core;
using Fetcher.Core.Timing;
using Fetcher.Tests.Reports;

namespace Fetcher.Tests.Timing;

public sealed class TransferSampleTests
{
    [Fact]
    public void A_short_run_is_kept_whole_in_the_order_it_was_due()
    {
        var sample = Sampled(slowest: 2, others: 2, [At(3, 5), At(1, 9), At(2, 1), At(0, 7)]);

        sample.Rows.Select(row => row.Start).ShouldBe([0, 1, 2, 3]);
        sample.Count.ShouldBe(4);
    }

    [Fact]
    public void The_slowest_are_all_kept()
    {
        var sample = Sampled(slowest: 3, others: 3, Enumerable.Range(0, 1000).Select(i => At(i, (i * 7919 % 1000) + 1)));

        sample.Rows.Select(row => row.Phases.Total).OrderDescending().Take(3).ShouldBe([1000, 999, 998]);
        sample.Rows.Count.ShouldBe(6);
        sample.Count.ShouldBe(1000);
    }

    [Fact]
    public void No_transfer_is_kept_twice()
    {
        var sample = Sampled(slowest: 10, others: 40, Enumerable.Range(0, 5000).Select(i => At(i, i + 1)));

        sample.Rows.Select(row => row.Index).Distinct().Count().ShouldBe(50);
    }

    [Fact]
    public void The_others_come_evenly_from_the_whole_run()
    {
        // The slowest come last, and push out those that were taken for slow before.
        var sample = Sampled(slowest: 10, others: 1000, Enumerable.Range(0, 100_000).Select(i => At(i, i + 1)));

        var tenths = sample.Rows.SkipLast(10).CountBy(row => row.Index / 10_000).Select(tenth => tenth.Value).ToArray();
        tenths.Length.ShouldBe(10);
        tenths.ShouldAllBe(count => count > 50 && count < 150);
    }

    [Fact]
    public void What_was_no_transfer_is_not_kept()
    {
        var skipped = At(0, 5);
        skipped.Skipped = true;

        Sampled(2, 2, [skipped, Sample.Failed(kind: FetchErrorKind.BadUrl)]).Rows.ShouldBeEmpty();
    }

    [Fact]
    public void Most_of_a_long_run_allocates_nothing()
    {
        var sample = Sampled(1, 0, [At(0, 100)]);
        var result = At(1, 50);

        AllocationCheck.ShouldAllocateNothing(() => sample.Add(result));
    }

    private static TransferSample Sampled(int slowest, int others, IEnumerable<FetchResult> results)
    {
        var sample = new TransferSample(slowest, others);
        foreach (var result in results)
        {
            sample.Add(result);
        }

        return sample;
    }

    private static FetchResult At(long start, long total)
    {
        var result = Sample.Result(start);
        result.Start = start;
        result.TimeNameLookup = result.TimeConnect = result.TimePreTransfer = result.TimeStartTransfer = 0;
        result.TimeTotal = total;
        return result;
    }
}
