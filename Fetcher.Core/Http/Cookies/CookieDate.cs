using System.Globalization;
using System.Text.RegularExpressions;

namespace Fetcher.Core.Http.Cookies;

/// <summary>The dates in Set-Cookie fields, which come in every form (RFC 6265, section 5.1.1).</summary>
internal static partial class CookieDate
{
    private const string Months = "janfebmaraprmayjunjulaugsepoctnovdec";

    /// <summary>Reads a date by its tokens, in any order: a time, a day of the month, a month and a year.</summary>
    public static bool TryParse(string text, out DateTimeOffset date)
    {
        int? day = null, month = null, year = null;
        TimeSpan? time = null;
        foreach (Match token in Token().Matches(text))
        {
            if (time is null && Time().Match(token.Value) is { Success: true } clock)
            {
                time = new TimeSpan(Number(clock, 1), Number(clock, 2), Number(clock, 3));
                if (Number(clock, 1) > 23 || Number(clock, 2) > 59 || Number(clock, 3) > 59)
                {
                    break;
                }
            }
            else if (day is null && Day().Match(token.Value) is { Success: true } dayOfMonth)
            {
                day = Number(dayOfMonth, 1);
            }
            else if (month is null && token.Length >= 3
                && Months.IndexOf(token.Value[..3], StringComparison.OrdinalIgnoreCase) is >= 0 and var at && at % 3 == 0)
            {
                month = (at / 3) + 1;
            }
            else if (year is null && Year().Match(token.Value) is { Success: true } number)
            {
                year = Number(number, 1) switch
                {
                    >= 70 and <= 99 and var late => 1900 + late,
                    >= 0 and <= 69 and var early => 2000 + early,
                    var whole => whole,
                };
            }
        }

        date = default;
        if (day is null or < 1 || month is null || year is null or < 1601 || time is not { Days: 0 } || day > DateTime.DaysInMonth(year.Value, month.Value))
        {
            return false;
        }

        date = new DateTimeOffset(year.Value, month.Value, day.Value, 0, 0, 0, TimeSpan.Zero) + time.Value;
        return true;
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    // What delimits tokens is everything but digits, letters, colons and bytes outside of ASCII.
    [GeneratedRegex(@"[\x00-\x08\x0A-\x1F0-9:A-Za-z\x7F-\xFF]+")]
    private static partial Regex Token();

    [GeneratedRegex(@"^([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])")]
    private static partial Regex Time();

    [GeneratedRegex("^([0-9]{1,2})(?![0-9])")]
    private static partial Regex Day();

    [GeneratedRegex("^([0-9]{2,4})(?![0-9])")]
    private static partial Regex Year();
}
