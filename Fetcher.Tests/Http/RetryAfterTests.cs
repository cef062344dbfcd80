using System.Globalization;
using System.Text;
using Fetcher.Core.Http;

namespace Fetcher.Tests.Http;

/// <summary>What Retry-After fields mean (RFC 9110, sections 10.2.3 and 5.6.7).</summary>
public sealed class RetryAfterTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("0", 0.0)]
    [InlineData("7", 7.0)]
    [InlineData("007", 7.0)]
    [InlineData("1.5", 1.5)]
    [InlineData("86400", 86400.0)]
    // What is longer than a day is a day, whatever number it takes to say it.
    [InlineData("86401", 86400.0)]
    [InlineData("4294967295", 86400.0)]
    [InlineData("4294967296", 86400.0)]
    [InlineData("9223372036854775808", 86400.0)]
    [InlineData("18446744073709551616", 86400.0)]
    [InlineData("99999999999999999999999999999999999999999999", 86400.0)]
    // Neither a number nor a date.
    [InlineData("", null)]
    [InlineData("-1", null)]
    [InlineData("+5", null)]
    [InlineData(".5", null)]
    [InlineData("1.2.3", null)]
    [InlineData("1e3", null)]
    [InlineData("0x10", null)]
    [InlineData("5 s", null)]
    [InlineData("5, 5", null)]
    [InlineData("soon", null)]
    [InlineData("\u00b2", null)]
    public void Seconds_count_up_to_a_day(string value, double? seconds) => Seconds(value).ShouldBe(seconds);

    [Theory]
    [InlineData("Sat, 28 Nov 2026 12:00:30 GMT", 30.0)]
    [InlineData("Saturday, 28-Nov-26 12:00:30 GMT", 30.0)]
    [InlineData("Sat Nov 28 12:00:30 2026", 30.0)]
    [InlineData("Sat Nov  8 12:00:30 2026", 0.0)]
    // The day of the week says nothing, the letters' case too, and there are other names for the zone.
    [InlineData("Mon, 28 nov 2026 12:00:30 UTC", 30.0)]
    [InlineData("28 Nov 2026 12:00:30 +0000", 30.0)]
    // A leap second.
    [InlineData("Sat, 28 Nov 2026 12:00:60 GMT", 60.0)]
    // Long ago, and far away.
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", 0.0)]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT", 0.0)]
    [InlineData("Sun Nov  6 08:49:37 1994", 0.0)]
    [InlineData("Fri, 31 Dec 9998 23:59:59 GMT", 86400.0)]
    // Two digits are a year at most 50 years in the future.
    [InlineData("Friday, 01-Jan-76 00:00:00 GMT", 86400.0)]
    [InlineData("Saturday, 01-Jan-77 00:00:00 GMT", 0.0)]
    // No dates.
    [InlineData("Sat, 31 Feb 2026 12:00:30 GMT", null)]
    [InlineData("Sat, 00 Nov 2026 12:00:30 GMT", null)]
    [InlineData("Sat, 28 Nov 2026 24:00:30 GMT", null)]
    [InlineData("Sat, 28 Nov 2026 12:60:30 GMT", null)]
    [InlineData("Sat, 28 Nov 2026 12:00:61 GMT", null)]
    [InlineData("Sat, 28 Nov 2026 12:00 GMT", null)]
    [InlineData("Sat, 28 Nov 0000 12:00:30 GMT", null)]
    [InlineData("Sat, 28 Nov 226 12:00:30 GMT", null)]
    [InlineData("Sat, 28 Nov 2026 12:00:30 EST", null)]
    [InlineData("Sat, 28 Nox 2026 12:00:30 GMT", null)]
    [InlineData("Sat, 28 Anf 2026 12:00:30 GMT", null)]
    [InlineData("Sat Nov 28 12:00:30 26", null)]
    [InlineData("Sat", null)]
    public void Dates_come_in_three_forms(string value, double? seconds) => Seconds(value).ShouldBe(seconds);

    [Fact]
    public void A_year_of_two_digits_is_read_from_the_century_that_is_nearest()
    {
        Year("01-Jan-05", new DateTimeOffset(1999, 1, 1, 0, 0, 0, TimeSpan.Zero)).ShouldBe(2005);
        Year("01-Jan-99", new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero)).ShouldBe(1999);
        Year("01-Jan-51", new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero)).ShouldBe(2051);
        Year("01-Jan-52", new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero)).ShouldBe(1952);

        static int Year(string day, DateTimeOffset now)
        {
            HttpDate.TryParse(Encoding.ASCII.GetBytes(day + " 00:00:00 GMT"), now, out var date).ShouldBeTrue();
            return date.Year;
        }
    }

    [Fact]
    public void Every_month_has_its_name()
    {
        for (var date = Now; date < Now.AddYears(1); date = date.AddDays(1))
        {
            HttpDate.TryParse(Encoding.ASCII.GetBytes(date.ToString("r", CultureInfo.InvariantCulture)), Now, out var read).ShouldBeTrue();
            read.ShouldBe(date);
        }
    }

    private static double? Seconds(string value) => RetryAfter.Parse(Encoding.Latin1.GetBytes(value), Now)?.TotalSeconds;
}
