using Fetcher.Core.Hosts;

namespace Fetcher.Tests.Hosts;

/// <summary>Requests at one host at an even rate: one every 1000 ms, and 20 ms more.</summary>
public sealed class HostRateTests
{
    private readonly HostRate _rate = new(Milliseconds(1000));

    [Fact]
    public void Places_are_an_interval_apart_however_fast_they_are_asked_for() =>
        Enumerable.Range(0, 4).Select(_ => Grant(5)).ShouldBe([5, 1025, 2045, 3065]);

    [Fact]
    public void Time_in_which_nobody_asked_is_not_made_up_for()
    {
        Grant(0);

        Grant(9000).ShouldBe(9000);
        Grant(9000).ShouldBe(10_020);
    }

    [Fact]
    public void A_request_that_begins_late_is_followed_an_interval_later()
    {
        Grant(0);
        Grant(0).ShouldBe(1020);

        Enter(900).ShouldBe(900);
        Pass(RequestStep.Begin, 900).ShouldBe(900);
        Enter(1020).ShouldBe(1020);
        Pass(RequestStep.Begin, 1020).ShouldBe(1920);
        Pass(RequestStep.Begin, 1919).ShouldBe(1920);
        Pass(RequestStep.Begin, 1950).ShouldBe(1950);

        Grant(1950).ShouldBe(2970, "a place is promised from the last real start on");
    }

    [Fact]
    public void A_request_that_is_written_late_is_followed_an_interval_later_though_others_begin_meanwhile()
    {
        Grant(0);
        Enter(0);
        Pass(RequestStep.Begin, 0);
        Grant(1020);
        Enter(1020);
        Pass(RequestStep.Begin, 1020).ShouldBe(1020);
        Pass(RequestStep.Write, 1025).ShouldBe(1025, "what took so long to connect is overtaken");

        Pass(RequestStep.Write, 1026).ShouldBe(2045);
        Pass(RequestStep.Write, 2045).ShouldBe(2045);
    }

    [Fact]
    public void A_request_without_a_place_gets_the_next_one()
    {
        Grant(0);
        Enter(0).ShouldBe(0);

        Enter(1).ShouldBe(1020, "a redirect, say");
        Enter(1).ShouldBe(2040);
        Grant(1).ShouldBe(3060);
    }

    [Fact]
    public void A_place_that_a_transfer_has_not_used_is_nobody_elses()
    {
        Grant(0);
        _rate.Leave(underWay: 0);

        Enter(0).ShouldBe(1020);
    }

    [Fact]
    public void It_is_over_when_nothing_of_it_need_be_known()
    {
        _rate.IsOver(0).ShouldBeTrue();
        Grant(0);
        Enter(0);
        Pass(RequestStep.Begin, 0);
        _rate.IsOver(Milliseconds(1020)).ShouldBeTrue();

        Pass(RequestStep.Write, 1020);
        _rate.IsOver(Milliseconds(2039)).ShouldBeFalse();
        _rate.IsOver(Milliseconds(2040)).ShouldBeTrue();
    }

    private static long Milliseconds(long count) => count * 1_000_000;

    private long Grant(long now) => _rate.Grant(Milliseconds(now)) / 1_000_000;

    private long Enter(long now) => _rate.Enter(Milliseconds(now)) / 1_000_000;

    private long Pass(RequestStep step, long now) => _rate.Pass(step, Milliseconds(now)) / 1_000_000;
}
