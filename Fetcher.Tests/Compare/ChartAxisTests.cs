using Fetcher.Core.Reports;

namespace Fetcher.Tests.Compare;

public sealed class ChartAxisTests
{
    [Fact]
    public void Values_that_span_decades_are_spread_by_their_logarithm()
    {
        var axis = ChartAxis.OfSettings([10, 100, 1000]);

        axis.Scale.ShouldBe(ChartScale.Log);
        axis.Ticks.Select(axis.PlaceOf).ShouldBe([0, 0.5, 1], 1e-9);
    }

    [Fact]
    public void Values_close_together_are_spread_evenly()
    {
        var axis = ChartAxis.OfSettings([10, 15, 20]);

        axis.Scale.ShouldBe(ChartScale.Linear);
        axis.PlaceOf(15).ShouldBe(0.5, 1e-9);
    }

    [Fact]
    public void Decades_that_begin_with_0_are_steps()
    {
        var axis = ChartAxis.OfSettings([0, 10, 1000]);

        axis.Scale.ShouldBe(ChartScale.Steps);
        axis.Ticks.Select(axis.PlaceOf).ShouldBe([0, 0.5, 1], 1e-9);
    }

    [Fact]
    public void One_value_stands_in_the_middle() => ChartAxis.OfSettings([7]).PlaceOf(7).ShouldBe(0.5);

    [Theory]
    [InlineData(new[] { 0.9, 3.7 }, new double[] { 0, 1, 2, 3, 4 })]
    [InlineData(new double[] { 80, 100 }, new double[] { 0, 50, 100 })]
    [InlineData(new double[] { 0 }, new[] { 0, 0.5, 1 })]
    [InlineData(new[] { 0.3, 40 }, new[] { 0.3, 1, 3, 10, 30, 100 })]
    [InlineData(new double[] { 1, 10 }, new double[] { 1, 2, 5, 10 })]
    public void Measured_values_lie_between_round_ticks(double[] values, double[] ticks) =>
        ChartAxis.OfMeasured(values).Ticks.ShouldBe(ticks, 1e-9);

    [Fact]
    public void A_time_axis_ends_with_the_run()
    {
        var axis = ChartAxis.OfTime(3.4);

        axis.Ticks.ShouldBe([0, 1, 2, 3], 1e-9);
        axis.PlaceOf(1.7).ShouldBe(0.5, 0.08);
    }

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(0.05, "50 ms")]
    [InlineData(1.5, "1.5 s")]
    [InlineData(10, "10 s")]
    [InlineData(100, "100 s")]
    public void A_tick_has_no_more_digits_than_it_needs(double seconds, string text) => ChartAxis.Duration(seconds).ShouldBe(text);
}
