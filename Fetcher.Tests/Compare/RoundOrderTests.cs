using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Tests.Compare;

public sealed class RoundOrderTests
{
    [Theory]
    [InlineData(0, "abc")]
    [InlineData(1, "bca")]
    [InlineData(2, "cab")]
    [InlineData(3, "abc")]
    public void Each_round_begins_with_the_next_mode(int round, string order) =>
        string.Concat(RoundOrder.Of(["a", "b", "c"], round)).ShouldBe(order);

    [Fact]
    public void Over_as_many_rounds_as_modes_each_mode_has_each_place_once()
    {
        var rounds = Enumerable.Range(0, 4).Select(round => RoundOrder.Of(["a", "b", "c", "d"], round)).ToArray();

        for (var place = 0; place < 4; place++)
        {
            rounds.Select(order => order[place]).Order().ShouldBe(["a", "b", "c", "d"]);
        }
    }

    [Fact]
    public void One_mode_is_always_first() => RoundOrder.Of(["a"], 5).ShouldBe(["a"]);
}
