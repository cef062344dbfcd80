namespace Fetcher.Core.Interop;

/// <summary>The clock of the loops: nanoseconds since some moment in the past.</summary>
internal static class MonotonicClock
{
    private const long PerSecond = 1_000_000_000;

    /// <summary>Now, on <paramref name="clock"/>.</summary>
    public static long Now(TimeProvider clock) =>
        // Four times a URL: the system's without the functions between it and libc's (bench/NOTES.md).
        clock == TimeProvider.System && OperatingSystem.IsLinux() ? Libc.MonotonicTime() : clock.GetTimestamp() * (PerSecond / clock.TimestampFrequency);
}
