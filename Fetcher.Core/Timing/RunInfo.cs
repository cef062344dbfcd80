using System.Runtime.InteropServices;

namespace Fetcher.Core.Timing;

/// <summary>What was run, where and when: the head of every report.</summary>
internal sealed record RunInfo
{
    /// <summary>How the URLs were fetched; the mode's name is in it.</summary>
    public required FetchOptions Options { get; init; }

    /// <summary>The sources as given on the command line; URLs without user info.</summary>
    public required IReadOnlyList<string> Sources
    {
        get;
        init => field = [.. value.Select(source => source.Contains("://", StringComparison.Ordinal) ? UserInfo.Remove(source) : source)];
    }

    /// <summary>How many times over the list is fetched. At least 1.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Wall-clock time of the start, UTC.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary><c>lab</c> when every host was the embedded origin, else null.</summary>
    public string? Network { get; init; }

    /// <summary>Whether workers fetched, each in its own mode and with as many transfers at once as it could bear.</summary>
    public bool IsShared { get; init; }

    /// <summary>How it was fetched, for people: the mode, and whether from the lab.</summary>
    public string How => IsShared ? "shared by workers" : Mode + (Network is null ? "" : $" ({Network})");

    /// <summary>Version of this program.</summary>
    public string Version { get; init; } = ThisAssembly.Version;

    /// <summary>Release of the running kernel, as <c>uname -r</c> prints it.</summary>
    public string Kernel { get; init; } = ReadKernelRelease();

    /// <summary>CPUs this process may use.</summary>
    public int Cpus { get; init; } = Environment.ProcessorCount;

    /// <summary>Architecture of this process, <c>x64</c> or <c>arm64</c>.</summary>
    public string Architecture { get; init; } = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>Name of the mode.</summary>
    public string Mode => Options.Mode;

    /// <summary>proc(5). A system without /proc mounted is still worth a report.</summary>
    private static string ReadKernelRelease()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Environment.OSVersion.Version.ToString();
        }
    }
}
