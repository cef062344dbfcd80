using Fetcher.Core.Loop;

namespace Fetcher.Tests.Loop;

public sealed class BlockedReadsTests
{
    private const int Port = 1024;

    [Fact]
    public void The_time_of_all_calls_is_summed_up()
    {
        var blocked = new BlockedReads();
        blocked.HasBlocked.ShouldBeFalse();

        blocked.Add(new BlockedSpan(100, 150, Port));
        blocked.Add(new BlockedSpan(200, 210, Port + 1));

        blocked.HasBlocked.ShouldBeTrue();
        blocked.Nanoseconds.ShouldBe(60);
        blocked.Spans.ShouldBeEmpty("nobody has asked for them");
    }

    [Fact]
    public void Calls_on_one_socket_close_together_are_one_period()
    {
        var blocked = new BlockedReads(keepsSpans: true);
        blocked.Add(new BlockedSpan(0, 100, Port));
        blocked.Add(new BlockedSpan(99 + BlockedReads.SamePeriod, 400_000, Port));
        blocked.Add(new BlockedSpan(400_000 + BlockedReads.SamePeriod, 700_000, Port));

        blocked.Spans.ShouldBe([new BlockedSpan(0, 400_000, Port), new BlockedSpan(400_000 + BlockedReads.SamePeriod, 700_000, Port)]);
    }

    [Fact]
    public void Calls_on_different_sockets_are_different_periods()
    {
        var blocked = new BlockedReads(keepsSpans: true);
        blocked.Add(new BlockedSpan(0, 100, Port));
        blocked.Add(new BlockedSpan(100, 200, Port + 1));

        blocked.Spans.Count.ShouldBe(2);
    }

    [Fact]
    public void Of_too_many_periods_the_first_are_kept_and_all_are_counted()
    {
        var blocked = new BlockedReads(keepsSpans: true);
        for (var i = 0; i < 2 * BlockedReads.MostSpans; i++)
        {
            blocked.Add(new BlockedSpan(i * 1000, (i * 1000) + 1, i));
        }

        blocked.Spans.Count.ShouldBe(BlockedReads.MostSpans);
        blocked.Spans[^1].LocalPort.ShouldBe(BlockedReads.MostSpans - 1);
        blocked.Nanoseconds.ShouldBe(2 * BlockedReads.MostSpans);
    }
}
