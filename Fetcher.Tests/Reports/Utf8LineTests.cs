using System.Globalization;
using System.Text;
using CsCheck;
using Fetcher.Core.Reports.Fields;

namespace Fetcher.Tests.Reports;

public sealed class Utf8LineTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(499, "0")]
    [InlineData(500, "0.000001")]
    [InlineData(1_000, "0.000001")]
    [InlineData(1_499, "0.000001")]
    [InlineData(1_500, "0.000002")]
    [InlineData(123_000, "0.000123")]
    [InlineData(301_000_000, "0.301000")]
    [InlineData(999_999_499, "0.999999")]
    [InlineData(999_999_500, "1.000000")]
    [InlineData(86_400_000_000_000, "86400.000000")]
    [InlineData(long.MaxValue, "9223372036.854776")]
    [InlineData(-1, "0")]
    [InlineData(-1_500_000_000, "-1.500000")]
    [InlineData(long.MinValue, "-9223372036.854776")]
    public void Nanoseconds_are_printed_as_seconds_to_the_microsecond(long nanoseconds, string seconds) =>
        Seconds(nanoseconds).ShouldBe(seconds);

    [Fact]
    public void Seconds_are_the_rounded_decimal() => Gen.Long[500, long.MaxValue].Sample(nanoseconds =>
        Seconds(nanoseconds).ShouldBe(
            Math.Round(nanoseconds / 1_000_000_000m, 6, MidpointRounding.AwayFromZero).ToString("F6", CultureInfo.InvariantCulture)));

    [Fact]
    public void Seconds_are_right_whatever_stood_before() => Gen.Int[-3, 3].Array[20].Sample(values =>
    {
        var bytes = new byte[20 * Utf8Line.MaxNumberLength];
        var line = new Utf8Line(bytes);
        foreach (var value in values)
        {
            // Few, so that some come again; the largest are longer than most.
            var nanoseconds = value * 10_000_000_000L / 3;
            var start = line.Length;
            line.Seconds(nanoseconds);
            Encoding.UTF8.GetString(line.Written[start..]).ShouldBe(Seconds(nanoseconds));
        }
    });

    [Fact]
    public void Every_pair_of_decimals_is_right()
    {
        for (var pair = 0; pair < 100; pair++)
        {
            var digits = pair.ToString("D2", CultureInfo.InvariantCulture);
            Seconds(pair * 10_101_000L + 1_000_000_000).ShouldBe($"1.{digits}{digits}{digits}");
        }
    }

    [Fact]
    public void Numbers_of_all_lengths_are_printed_in_decimal() => Gen.Select(Gen.Int[1, 19], Gen.Long[0, long.MaxValue]).Sample((digits, number) =>
        Numbers_are_printed_in_decimal(number % (long)Math.Pow(10, digits)));

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(99_999_999)]
    [InlineData(100_000_000)]
    [InlineData(-1)]
    [InlineData(-10)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Numbers_are_printed_in_decimal(long value)
    {
        var bytes = new byte[32];
        var line = new Utf8Line(bytes);
        line.Number(value);
        Encoding.UTF8.GetString(bytes, 0, line.Length).ShouldBe(value.ToString(CultureInfo.InvariantCulture));
    }

    private static string Seconds(long nanoseconds)
    {
        var bytes = new byte[32];
        var line = new Utf8Line(bytes);
        line.Seconds(nanoseconds);
        return Encoding.UTF8.GetString(bytes, 0, line.Length);
    }
}
