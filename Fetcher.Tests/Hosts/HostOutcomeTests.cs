using Fetcher.Core;
using Fetcher.Core.Hosts;

namespace Fetcher.Tests.Hosts;

/// <summary>What the end of a request says about the host rather than about the URL.</summary>
public sealed class HostOutcomeTests
{
    [Fact]
    public void Without_an_answer_the_failure_tells()
    {
        foreach (var error in new[] { Failures.NotResolved.Of("a", ""), Failures.NotConnected.Of("a", ""), Failures.NoAnswer.Of(), Failures.ConnectSlow.Of("a") })
        {
            Of(error).ShouldBe(new HostOutcome(HostVerdict.Failed, error));
        }

        foreach (var error in new[] { Failures.HandshakeFailed.Of("a", ""), Failures.ProxyFailed.Of("a", ""), Failures.NotBound.Of("a", ""), Failures.Stopped.Of() })
        {
            Of(error).ShouldBe(default);
        }

        static HostOutcome Of(FetchError error) => HostOutcome.Of(error, status: 0, asksForPause: false);
    }

    [Theory]
    [InlineData(404, false, HostVerdict.Answered)]
    [InlineData(429, false, HostVerdict.Answered)]
    [InlineData(500, false, HostVerdict.Answered)]
    [InlineData(502, false, HostVerdict.Failed)]
    [InlineData(503, false, HostVerdict.Failed)]
    [InlineData(504, false, HostVerdict.Failed)]
    [InlineData(503, true, HostVerdict.Answered)]
    internal void With_an_answer_the_status_tells(int status, bool asksForPause, HostVerdict verdict)
    {
        var error = Failures.OfStatus(status);

        HostOutcome.Of(error, status, asksForPause).Verdict.ShouldBe(verdict);
    }

    [Fact]
    public void A_host_whose_body_breaks_off_has_answered() =>
        HostOutcome.Of(Failures.BodyCut.Of("early"), status: 503, asksForPause: false).ShouldBe(new HostOutcome(HostVerdict.Answered));

    [Fact]
    public void Success_is_an_answer_also_with_a_status_that_the_user_accepts()
    {
        HostOutcome.Of(null, status: 200, asksForPause: false).Verdict.ShouldBe(HostVerdict.Answered);
        HostOutcome.Of(null, status: 503, asksForPause: false).Verdict.ShouldBe(HostVerdict.Answered);
    }

    [Fact]
    public void Nothing_at_all_says_nothing() => HostOutcome.Of(null, status: 0, asksForPause: false).ShouldBe(default);
}
