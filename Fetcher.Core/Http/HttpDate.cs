using System.Globalization;
using System.Text;

namespace Fetcher.Core.Http;

/// <summary>Dates in fields, in the three forms that recipients take (RFC 9110, section 5.6.7).</summary>
internal static class HttpDate
{
    private const string Months = "janfebmaraprmayjunjulaugsepoctnovdec";

    /// <summary>
    /// Reads <c>Sun, 06 Nov 1994 08:49:37 GMT</c>, <c>Sunday, 06-Nov-94 08:49:37 GMT</c> or <c>Sun Nov  6 08:49:37 1994</c>. The day of the week, which
    /// says nothing new, is passed over.
    /// </summary>
    /// <param name="text">The field's value.</param>
    /// <param name="now">What the year is near to when it has two digits: at most 50 years in the future, else in the past.</param>
    /// <param name="date">The date in UTC.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, DateTimeOffset now, out DateTimeOffset date)
    {
        date = default;
        var parts = Encoding.Latin1.GetString(text).Split([' ', ',', '-', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length > 0 && parts[0].Length >= 3 && parts[0].All(char.IsAsciiLetter) && MonthOf(parts[0]) == 0)
        {
            parts = parts[1..];
        }

        return parts switch
        {
            [var day, var month, var year, var time, var zone] when IsUtc(zone) => TryMake(day, month, year, time, now, out date),
            [var month, var day, var time, { Length: 4 } year] => TryMake(day, month, year, time, now, out date),
            _ => false,
        };
    }

    private static bool TryMake(string day, string month, string year, string time, DateTimeOffset now, out DateTimeOffset date)
    {
        date = default;
        var clock = time.Split(':');
        if (clock.Length != 3
            || !TryNumber(clock[0], 23, out var hour)
            || !TryNumber(clock[1], 59, out var minute)
            || !TryNumber(clock[2], 60, out var second)
            || !TryNumber(year, 9998, out var fullYear)
            || !TryNumber(day, 31, out var dayOfMonth)
            || MonthOf(month) is not (> 0 and var monthOfYear)
            || year.Length is not (2 or 4))
        {
            return false;
        }

        if (year.Length == 2)
        {
            fullYear += now.Year / 100 * 100;
            fullYear += fullYear > now.Year + 50 ? -100 : fullYear <= now.Year - 50 ? 100 : 0;
        }

        if (fullYear == 0 || dayOfMonth == 0 || dayOfMonth > DateTime.DaysInMonth(fullYear, monthOfYear))
        {
            return false;
        }

        // A leap second is the first of the next minute, since no clock here has it.
        date = new DateTimeOffset(fullYear, monthOfYear, dayOfMonth, hour, minute, 0, TimeSpan.Zero).AddSeconds(second);
        return true;
    }

    /// <summary>1 to 12, or 0 when it is no name of a month.</summary>
    private static int MonthOf(string name) =>
        name.Length == 3 && Months.IndexOf(name, StringComparison.OrdinalIgnoreCase) is >= 0 and var at && at % 3 == 0 ? (at / 3) + 1 : 0;

    private static bool IsUtc(string zone) => zone is "GMT" or "UTC" or "UT" or "Z" or "+0000" or "0000";

    private static bool TryNumber(string digits, int most, out int number) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;
}
