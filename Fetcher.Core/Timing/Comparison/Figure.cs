namespace Fetcher.Core.Timing.Comparison;

/// <summary>What a figure counts, which decides how it is printed.</summary>
internal enum FigureUnit
{
    Seconds, Count, Bytes, Share,
}

/// <summary>One thing that is compared.</summary>
/// <param name="Name">Its name in machine-readable reports.</param>
/// <param name="Label">Its name for people.</param>
/// <param name="Unit">What it counts.</param>
/// <param name="Of">Its value in a round; null where the mode has none.</param>
internal sealed record Figure(string Name, string Label, FigureUnit Unit, Func<Round, double?> Of)
{
    /// <summary>The kernel tells user mode from its own by where it finds the thread at a clock tick, up to 10 ms apart; the sum is exact (getrusage(2)).</summary>
    private const double Tick = 0.01, Exact = 0.001;

    /// <summary>What the clock behind the figure can tell apart, in its unit: of smaller values there is no ratio.</summary>
    public double Resolution { get; init; }

    /// <summary>The figure that was read from the clock, where this one is computed from it; else null.</summary>
    public Figure? ClockedAs { get; init; }

    public static readonly Figure Wall = new("wall", "wall", FigureUnit.Seconds, round => round.Cost.Wall.TotalSeconds);

    public static readonly Figure Cpu = new("cpu", "CPU", FigureUnit.Seconds, round => round.Cpu)
    {
        Resolution = Exact,
    };

    public static readonly Figure CpuUser = new("cpu_user", "CPU user", FigureUnit.Seconds, round => round.Cost.CpuUser.TotalSeconds)
    {
        Resolution = Tick,
    };

    public static readonly Figure CpuSystem = new(
        "cpu_system", "CPU system", FigureUnit.Seconds, round => round.Cost.CpuSystem.TotalSeconds)
    {
        Resolution = Tick,
    };

    public static readonly Figure CpuPerUrl = new("cpu_per_url", "CPU a URL", FigureUnit.Seconds, round => PerUrl(round, round.Cpu)) { ClockedAs = Cpu };

    public static readonly Figure VoluntarySwitches = new(
        "voluntary_context_switches", "voluntary switches", FigureUnit.Count, round => round.Cost.VoluntaryContextSwitches);

    public static readonly Figure InvoluntarySwitches = new(
        "involuntary_context_switches", "involuntary switches", FigureUnit.Count, round => round.Cost.InvoluntaryContextSwitches);

    public static readonly Figure MaxRss = new("max_rss", "memory", FigureUnit.Bytes, round => round.Cost.MaxRssBytes);

    public static readonly Figure SyscallsPerUrl = new(
        "syscalls_per_url", "system calls a URL", FigureUnit.Count, round => PerUrl(round, round.SystemCalls?.Values.Sum()));

    public static readonly Figure BytesPerRead = new("bytes_per_read", "bytes a read", FigureUnit.Bytes, BytesARead);

    public static readonly Figure WouldBlock = new(
        "would_block", "EAGAIN", FigureUnit.Count, round => round.SystemCalls is null ? null : round.WouldBlock);

    public static readonly Figure BlockedShare = new(
        "blocked_share", "in blocking reads", FigureUnit.Share, round => round.BlockedShare ?? 0);

    public static readonly Figure TimeTotalP50 = new(
        "time_total_p50", "time_total p50", FigureUnit.Seconds, round => round.TimeTotalP50 / 1e9);

    public static readonly Figure TimeTotalP99 = new(
        "time_total_p99", "time_total p99", FigureUnit.Seconds, round => round.TimeTotalP99 / 1e9);

    public static readonly Figure ClientStall = new(
        "client_stall", "client stall", FigureUnit.Seconds, round => round.Stalls?.ClientStall / 1e9)
    {
        Resolution = Exact,
    };

    public static readonly Figure ParallelismLost = new(
        "parallelism_lost", "parallelism lost", FigureUnit.Share, round => round.Stalls?.ParallelismLost);

    public static readonly Figure Connections = new("connections", "connections", FigureUnit.Count, round => round.Connections);

    public static readonly Figure Streams = new("streams", "streams at once", FigureUnit.Count, round => round.Streams?.Most);

    public static readonly Figure WindowsClosed = new(
        "windows_closed", "windows closed", FigureUnit.Seconds, round => round.Streams?.Closed / 1e9)
    {
        Resolution = Exact,
    };

    /// <summary>All figures, in the order of reports.</summary>
    public static IReadOnlyList<Figure> All { get; } =
    [
        Wall, Cpu, CpuUser, CpuSystem, CpuPerUrl, VoluntarySwitches, InvoluntarySwitches, MaxRss, SyscallsPerUrl, BytesPerRead, WouldBlock,
        BlockedShare, ClientStall, ParallelismLost, TimeTotalP50, TimeTotalP99, Connections, Streams, WindowsClosed,
    ];

    private static double? PerUrl(Round round, double? amount) => round.Urls > 0 ? amount / round.Urls : null;

    /// <summary>Over the calls that gave something; those that said EAGAIN are counted on their own.</summary>
    private static double? BytesARead(Round round) => round.Reads > 0 ? (double)round.BytesReceived / round.Reads : null;
}
