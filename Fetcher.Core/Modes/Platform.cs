namespace Fetcher.Core.Modes;

/// <summary>What this machine offers.</summary>
internal static class Platform
{
    /// <summary>Why modes on raw sockets cannot run here, or null when they can.</summary>
    public static string? WhyNoSockets => OperatingSystem.IsLinux()
        ? null
        : "it makes Linux system calls, and this is not Linux; --mode httpclient works here";
}
