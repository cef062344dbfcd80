using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Tests.Compare;

public sealed class SpreadTests
{
    [Fact]
    public void The_median_of_an_odd_number_is_the_middle_value() => Spread.MedianOf([9, 1, 4]).ShouldBe(4);

    [Fact]
    public void The_median_of_an_even_number_is_the_mean_of_the_two_in_the_middle() => Spread.MedianOf([9, 1, 4, 5]).ShouldBe(4.5);

    [Fact]
    public void Ends_and_deviation_are_those_of_the_textbook() =>
        Spread.Of([1, 1, 2, 2, 4, 6, 9]).ShouldBe(new Spread(Median: 2, Min: 1, Max: 9, Mad: 1, Count: 7));

    [Fact]
    public void One_value_has_no_deviation() => Spread.Of([3.5]).ShouldBe(new Spread(3.5, 3.5, 3.5, 0, 1));

    [Fact]
    public void No_values_have_no_spread() => Spread.Of([]).ShouldBeNull();
}
