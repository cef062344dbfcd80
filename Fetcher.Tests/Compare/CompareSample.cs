using System.Buffers;
using System.Text;
using Fetcher.Core;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Tests.Compare;

/// <summary>Rounds and comparisons to work with.</summary>
internal static class CompareSample
{
    private const long Millisecond = 1_000_000;

    /// <summary>A round of a hundred URLs.</summary>
    public static Round Round(double wall = 1, double cpu = 0.2, double blockedShare = 0, long failed = 0, long callsPerUrl = 3) => new()
    {
        Cost = new RunCost(
            TimeSpan.FromSeconds(wall), TimeSpan.FromSeconds(cpu * 0.75), TimeSpan.FromSeconds(cpu * 0.25), 20 << 20, 1000, 10),
        Urls = 100,
        Failed = failed,
        Bytes = 100 << 20,
        SystemCalls = new Dictionary<string, long> { ["recvfrom"] = 100 * (callsPerUrl - 1), ["sendto"] = 100 },
        Reads = (100 * (callsPerUrl - 1)) - 5,
        BytesReceived = 100 << 20,
        WouldBlock = 5,
        Blocked = (long)(blockedShare * wall * 1e9),
        BlockedThreads = blockedShare > 0 ? 1 : 0,
        TimeTotalP50 = 100 * Millisecond,
        TimeTotalP99 = 900 * Millisecond,
        Stalls = new RoundStalls(
            90 * Millisecond, blockedShare, [new Blocker(1, SpanKind.BlockingRead, 30 * Millisecond, 90 * Millisecond, 1)], [("idle", 600 * Millisecond), ("blocked", 300 * Millisecond)]),
        Failures = failed > 0 ? ["http://a/<b>: nothing could be received"] : [],
        Timeline = [Row(0, "http://a/?x=<script>&y=1"), Row(1, "http://b/")],
    };

    public static TimelineRow Row(long index, string url) => new(
        index,
        url,
        Ok: index == 0,
        Start: index * Millisecond,
        new PhaseDurations(0, 0, 10 * Millisecond, 20 * Millisecond, 30 * Millisecond, 40 * Millisecond, 50 * Millisecond),
        [(110 * Millisecond, 140 * Millisecond)])
    {
        ClientStall = 40 * Millisecond,
        Stalls =
        [
            new Stall(
                index, 60 * Millisecond, 100 * Millisecond, StallCause.Bytes, IsBound: true,
                new LoopSpan(50 * Millisecond, 100 * Millisecond, 1 - index, SpanKind.BlockingRead)),
        ],
    };

    /// <summary>A mode with a round for each wall time.</summary>
    public static ModeSample Mode(string name, ModeSample? first, double[] walls, Func<double, Round>? roundOf = null)
    {
        roundOf ??= wall => Round(wall);
        return new ModeSample(name, [.. walls.Select((wall, place) => new RoundOutcome(place + 1, roundOf(wall), null))], first);
    }

    /// <summary>A mode that lost all of its rounds.</summary>
    public static ModeSample Lost(string name, ModeSample? first, int rounds, string problem) => new(
        name, [.. Enumerable.Range(1, rounds).Select(number => new RoundOutcome(number, null, problem))], first);

    /// <summary>blocking-read, which takes about ten times as long as async, in five rounds.</summary>
    public static ComparisonPoint Point(double? value = null, double factor = 10)
    {
        var blocking = Mode("blocking-read", null, [.. Around(factor)], wall => Round(wall, cpu: 0.2, blockedShare: 0.96));
        return new ComparisonPoint(value, [blocking, Mode("async", blocking, [.. Around(1)])]);
    }

    /// <summary>Five values around one.</summary>
    public static double[] Around(double middle) => [0.96 * middle, 1.02 * middle, middle, 0.99 * middle, 1.05 * middle];

    public static ComparisonResult Result(params ComparisonPoint[] points) => new()
    {
        Run = new RunInfo
        {
            Options = new FetchOptions { Mode = "blocking-read,async" },
            Sources = ["urls.txt"],
            Started = DateTimeOffset.UnixEpoch,
            Network = "lab",
            Version = "0.1.0",
            Kernel = "6.1.0",
            Cpus = 2,
            Architecture = "x64",
        },
        Modes = [.. points[0].Modes.Select(mode => mode.Mode)],
        Runs = 5,
        Warmup = 1,
        Sweep = points[0].Value is null ? null : new Sweep("concurrency", [.. points.Select(point => point.Value!.Value)]),
        Points = points,
    };

    /// <summary>What a writer makes of a comparison.</summary>
    public static string Written(CompareWriter writer, ComparisonResult result)
    {
        var output = new ArrayBufferWriter<byte>();
        writer(output, result);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
