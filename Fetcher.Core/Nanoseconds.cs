namespace Fetcher.Core;

/// <summary>Spans of time as the loop counts them.</summary>
internal static class Nanoseconds
{
    public static long From(TimeSpan span) => span == Timeout.InfiniteTimeSpan ? long.MaxValue : span.Ticks * TimeSpan.NanosecondsPerTick;

    public static TimeSpan ToTimeSpan(long nanoseconds) => TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
}
