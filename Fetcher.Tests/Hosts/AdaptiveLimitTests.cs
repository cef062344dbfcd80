using Fetcher.Core.Hosts;

namespace Fetcher.Tests.Hosts;

/// <summary>How many to one host at once go well, found out by trying.</summary>
public sealed class AdaptiveLimitTests
{
    [Fact]
    public void One_more_for_each_success_up_to_the_most()
    {
        var limit = new AdaptiveLimit(2, 5);

        Values(limit, 5).ShouldBe([3, 4, 5, 5, 5]);
    }

    [Fact]
    public void Half_after_a_setback_then_one_more_for_each_round_of_successes()
    {
        var limit = new AdaptiveLimit(8, 16);

        limit.OnCongestion(sentAt: 1, now: 2);

        limit.Value.ShouldBe(4);
        Values(limit, 11).ShouldBe([4, 4, 4, 4, 5, 5, 5, 5, 5, 6, 6]);
    }

    [Fact]
    public void What_was_sent_before_the_setback_is_none_more()
    {
        var limit = new AdaptiveLimit(16, 16);
        limit.OnCongestion(sentAt: 10, now: 20);

        limit.OnCongestion(sentAt: 19, now: 21);
        limit.Value.ShouldBe(8);
        limit.OnCongestion(sentAt: 20, now: 22);
        limit.Value.ShouldBe(4);
    }

    [Fact]
    public void One_may_always_be_asked_for()
    {
        var limit = new AdaptiveLimit(2, 2);
        for (var i = 0; i < 9; i++)
        {
            limit.OnCongestion(sentAt: i, now: i);
        }

        limit.Value.ShouldBe(1);
    }

    [Fact]
    public void After_a_pause_it_begins_with_one_and_grows_fast_to_half_of_what_it_was()
    {
        var limit = new AdaptiveLimit(8, 8);

        limit.OnHold(sentAt: 1, now: 2);

        limit.Value.ShouldBe(1);
        Values(limit, 6).ShouldBe([2, 3, 4, 4, 4, 4]);
    }

    [Fact]
    public void A_pause_that_was_asked_for_before_the_last_setback_changes_nothing()
    {
        var limit = new AdaptiveLimit(8, 8);
        limit.OnHold(sentAt: 1, now: 5);
        limit.OnSuccess();

        limit.OnHold(sentAt: 4, now: 6);

        limit.Value.ShouldBe(2);
    }

    private static int[] Values(AdaptiveLimit limit, int successes) => [.. Enumerable.Range(0, successes).Select(_ =>
    {
        limit.OnSuccess();
        return limit.Value;
    })];
}
