using System.Globalization;

namespace Fetcher.Core.Reports;

/// <summary>The one unit of a table of times, so that its numbers can be compared by eye.</summary>
internal sealed record TimeUnit(string Symbol, double Nanoseconds)
{
    private static readonly TimeUnit Milliseconds = new("ms", 1e6);
    private static readonly TimeUnit Seconds = new("s", 1e9);

    /// <summary>The unit for times up to <paramref name="longest"/> nanoseconds.</summary>
    public static TimeUnit For(double longest) => longest < 10_000 * Milliseconds.Nanoseconds ? Milliseconds : Seconds;

    /// <summary>The time in this unit, with three decimals.</summary>
    public string Format(double nanoseconds) => (nanoseconds / Nanoseconds).ToString("F3", CultureInfo.InvariantCulture);
}
