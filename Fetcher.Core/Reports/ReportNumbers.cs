namespace Fetcher.Core.Reports;

/// <summary>
/// Numbers as they stand in the head and the summary of reports: seconds to the microsecond, shares and rates to three decimals.
/// </summary>
internal static class ReportNumbers
{
    private const decimal NanosecondsPerSecond = 1_000_000_000m;

    /// <summary>Seconds with at most six decimals.</summary>
    public static decimal Seconds(TimeSpan time) =>
        Math.Round(time.Ticks / (decimal)TimeSpan.TicksPerSecond, 6, MidpointRounding.AwayFromZero);

    /// <summary>Seconds with at most six decimals.</summary>
    public static decimal Seconds(double nanoseconds) =>
        Math.Round((decimal)nanoseconds / NanosecondsPerSecond, 6, MidpointRounding.AwayFromZero);

    /// <summary>Seconds to the nanosecond, for parts that are to add up.</summary>
    public static decimal ExactSeconds(long nanoseconds) => nanoseconds / NanosecondsPerSecond;

    /// <summary>A share or a rate with at most three decimals.</summary>
    public static decimal Rounded(double value) => Math.Round((decimal)value, 3, MidpointRounding.AwayFromZero);
}
