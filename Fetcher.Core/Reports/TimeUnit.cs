using System.Globalization;

namespace Fetcher.Core.Reports;

/// <summary>
/// The one unit of a table of times, so that its numbers can be compared by eye: milliseconds for nearly every run, so that the tables of two runs can be, too.
/// </summary>
internal sealed record TimeUnit(string Symbol, double Nanoseconds, int Decimals)
{
    /// <summary>A number takes this many characters at most, its point with it.</summary>
    public const int Width = 6;

    private const double Millisecond = 1e6, Second = 1e9;

    /// <summary>The unit for times up to <paramref name="longest"/> nanoseconds.</summary>
    public static TimeUnit For(double longest) =>
        longest < 100 * Second ? Of("ms", Millisecond, longest) : Of("s", Second, longest);

    /// <summary>The time in this unit.</summary>
    public string Format(double nanoseconds) =>
        (nanoseconds / Nanoseconds).ToString("F" + Decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static TimeUnit Of(string symbol, double nanoseconds, double longest) => new(symbol, nanoseconds, (longest / nanoseconds) switch
    {
        < 99.9995 => 3,
        < 999.995 => 2,
        < 9999.95 => 1,
        _ => 0,
    });
}
