namespace Fetcher.Core;

/// <summary>Time as the loops count it: whole nanoseconds of a monotonic clock.</summary>
internal static class Nanoseconds
{
    public static long From(TimeSpan span) => span == Timeout.InfiniteTimeSpan ? long.MaxValue : span.Ticks * TimeSpan.NanosecondsPerTick;

    public static TimeSpan ToTimeSpan(long nanoseconds) => TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
}
