using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Tests.Compare;

public sealed class FigureTextTests
{
    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(6.254, "6.25 s")]
    [InlineData(0.9999, "1.00 s")]
    [InlineData(0.1872, "187 ms")]
    [InlineData(0.0123, "12.3 ms")]
    [InlineData(0.00099991, "1.00 ms")]
    [InlineData(0.0000042, "4.20 µs")]
    [InlineData(1234, "1,234 s")]
    public void A_duration_has_three_digits_and_a_fitting_unit(double seconds, string text) => FigureText.Duration(seconds).ShouldBe(text);

    [Theory]
    [InlineData(9.8, "9.8")]
    [InlineData(10.44, "10.4")]
    [InlineData(1.036, "1.04")]
    [InlineData(0.102, "0.10")]
    [InlineData(0.0471, "0.047")]
    [InlineData(120.4, "120")]
    public void A_ratio_has_the_digits_that_mean_something(double ratio, string text) => FigureText.Ratio(ratio).ShouldBe(text);

    [Theory]
    [InlineData(0, "0 %")]
    [InlineData(0.0042, "0.4 %")]
    [InlineData(0.96, "96 %")]
    [InlineData(0.9964, "99.6 %")]
    [InlineData(0.99999, "99.9 %")]
    [InlineData(1, "100 %")]
    public void A_share_is_a_percentage(double share, string text) => FigureText.Percent(share).ShouldBe(text);

    [Theory]
    [InlineData(512, "512 B")]
    [InlineData(65_536, "64.0 KiB")]
    [InlineData(52_848_230, "50.4 MiB")]
    public void Bytes_are_binary(double bytes, string text) => FigureText.Bytes(bytes).ShouldBe(text);

    [Fact]
    public void A_ratio_without_an_interval_has_none() => FigureText.WithInterval(new Ratio(2, null, null)).ShouldBe("2.0");
}
