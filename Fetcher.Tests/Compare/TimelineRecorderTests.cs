using Fetcher.Core.Loop;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Tests.Reports;

namespace Fetcher.Tests.Compare;

public sealed class TimelineRecorderTests
{
    [Fact]
    public void The_first_transfers_of_the_list_are_kept_in_list_order_whenever_they_ended()
    {
        var recorder = new TimelineRecorder(limit: 2);
        foreach (var index in (long[])[3, 1, 2, 0])
        {
            recorder.Add(Sample.Result(index));
        }

        recorder.Rows([], startedAt: 0, []).Select(row => row.Index).ShouldBe([0, 1]);
    }

    [Fact]
    public void A_blocked_stretch_belongs_to_the_transfer_on_its_port_at_that_time()
    {
        const long Began = 5_000_000_000;
        var recorder = new TimelineRecorder(limit: 9);
        var early = Sample.Result(0);
        recorder.Add(early);
        var later = Sample.Result(1);
        later.Start = early.Start + early.TimeTotal;
        recorder.Add(later);
        var elsewhere = Sample.Result(2);
        elsewhere.LocalPort = 1;
        recorder.Add(elsewhere);
        var end = later.Start;

        var rows = recorder.Rows([new BlockedSpan(Began + end - 100, Began + end + 50, early.LocalPort)], Began, []);

        rows[0].Blocked.ShouldBe([(end - 100, end)]);
        rows[1].Blocked.ShouldBe([(end, end + 50)]);
        rows[2].Blocked.ShouldBeEmpty();
    }
}
