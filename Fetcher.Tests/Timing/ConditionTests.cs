using Fetcher.Core.Timing;
using Fetcher.Tests.Reports;

namespace Fetcher.Tests.Timing;

/// <summary>Conditions on a run: three fetched, the slowest in 301 ms, and one failed of four.</summary>
public sealed class ConditionTests
{
    private static readonly RunSummary Summary = Sample.Summary(Sample.Result(), Sample.Result(1), Sample.Result(2), Sample.Failed(3));

    [Theory]
    [InlineData("p50>0.29s", "p50 is 0.299892 s")]
    [InlineData("p50 > 300", null)]
    [InlineData("p99.9>=301ms", "p99.9 is 0.301 s")]
    [InlineData("p100>301ms", null)]
    [InlineData("max<1m", "max is 0.301 s")]
    [InlineData("p50.ttfb>100ms", "p50.ttfb is")]
    [InlineData("p50.ttfb>105ms", null)]
    [InlineData("p99.9.connect>1999us", "p99.9.connect is 0.002 s")]
    [InlineData("mean.dns<2", "mean.dns is 0.001 s")]
    [InlineData("failed>1%", "failed is 25 %")]
    [InlineData("failed>=25 %", "failed is 25 %")]
    [InlineData("failed>25%", null)]
    [InlineData("failed>0", "failed is 1")]
    [InlineData("ok<4", "ok is 3")]
    [InlineData("urls<=3", null)]
    [InlineData("rps<1000", "rps is 2")]
    [InlineData("wall>1.5s", "wall is 2 s")]
    [InlineData("bytes>1", "bytes is 3702")]
    [InlineData("retries>=2", "retries is 2")]
    [InlineData("stall>0%", null)]
    public void It_holds_or_not(string text, string? sentence)
    {
        var holds = Condition.Parse(text).Holds(Summary);

        if (sentence is null)
        {
            holds.ShouldBeNull();
        }
        else
        {
            // The median stands for its bucket, 0.8 % wide.
            holds.ShouldNotBeNull().ShouldStartWith($"--fail-if '{text}' holds: {sentence[..sentence.IndexOf(' ', StringComparison.Ordinal)]} is ");
            (sentence.StartsWith("p50", StringComparison.Ordinal) || holds.EndsWith(sentence, StringComparison.Ordinal)).ShouldBeTrue(holds);
        }
    }

    [Theory]
    [InlineData("p99>0.5s")]
    [InlineData("p99<0.5s")]
    [InlineData("failed>0%")]
    public void Nothing_holds_of_a_run_without_results(string text) => Condition.Parse(text).Holds(Sample.Summary()).ShouldBeNull();

    [Theory]
    [InlineData("p99", "has none of")]
    [InlineData("p99=1", "has none of")]
    [InlineData(">1", "is no figure")]
    [InlineData("nope>1", "'nope' is no figure")]
    [InlineData("p>1", "is no figure")]
    [InlineData("p101>1", "is no figure")]
    [InlineData("p50.nope>1", "is no figure")]
    [InlineData("p99>fast", "is no number")]
    [InlineData("p99>", "is no number")]
    [InlineData("p99>1%", "'%' is no unit of p99: us, ms, s and m are")]
    [InlineData("failed>1s", "'s' is no unit of failed: % is")]
    [InlineData("rps>1%", "'%' is no unit of rps: it has none")]
    public void What_is_no_condition_is_told(string text, string reason) =>
        Should.Throw<FormatException>(() => Condition.Parse(text)).Message.ShouldContain(reason);
}
