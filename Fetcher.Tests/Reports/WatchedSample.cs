using System.Buffers;
using System.Text;
using Fetcher.Core;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing.Stalls;

namespace Fetcher.Tests.Reports;

/// <summary>
/// A watched run to draw: the loop stood in a blocking read of transfer 0 from 100 to 200 ms, and transfer 1, whose first byte came at 103 ms, waited
/// behind it from 101 to 200 ms.
/// </summary>
internal static class WatchedSample
{
    private static readonly LoopSpan Read = new(100 * Sample.Millisecond, 200 * Sample.Millisecond, 0, SpanKind.BlockingRead);

    public static RunRecord Record { get; } = new()
    {
        Loops =
        [
            new LoopRecord
            {
                Number = 0,
                From = -1000,
                To = 400 * Sample.Millisecond,
                Budget = [("idle", (300 * Sample.Millisecond) + 1000), ("blocked", 100 * Sample.Millisecond)],
                Delay = new Histogram(),
                Utilization = 0.5,
                Spans =
                [
                    new LoopSpan(-1000, 1000, LoopSpan.Nobody, SpanKind.Work),
                    new LoopSpan(1000, 100 * Sample.Millisecond, LoopSpan.Nobody, SpanKind.Idle),
                    Read,
                    .. Enum.GetValues<SpanKind>().Where(kind => kind != SpanKind.UnreadBody).Select(kind => new LoopSpan(Sample.Millisecond * (200 + (int)kind), Sample.Millisecond * (201 + (int)kind), 1, kind)),
                ],
                ForgottenSpans = 0,
                Stalls =
                [
                    new Stall(1, 101 * Sample.Millisecond, 200 * Sample.Millisecond, StallCause.Bytes, IsBound: false, Read),
                    new Stall(77, 101 * Sample.Millisecond, 200 * Sample.Millisecond, StallCause.Bytes, IsBound: true, Read),
                ],
                ForgottenStalls = 0,
                Blockers = [],
            },
        ],
        Blockers = [new Blocker(0, SpanKind.BlockingRead, 100 * Sample.Millisecond, 99 * Sample.Millisecond, 1)],
        Parallelism = new Parallelism(300 * Sample.Millisecond, 200 * Sample.Millisecond, [2, 1.5, 0], 100 * Sample.Millisecond),
    };

    public static FetchResult[] Results()
    {
        var stalled = Sample.Result(1, "http://b/");
        stalled.LocalPort = 40001;
        stalled.ClientStall = 99 * Sample.Millisecond;
        return [Sample.Result(), stalled];
    }

    /// <summary>A whole report of the run.</summary>
    public static string Write(IReportWriter writer, params IEnumerable<FetchResult> results)
    {
        var output = new ArrayBufferWriter<byte>();
        writer.Begin(output, Sample.Run());
        foreach (var (place, result) in results.Index())
        {
            output.Write(place > 0 ? writer.Separator : default);
            writer.Write(output, result);
        }

        var summary = Sample.Summary(results);
        summary.Finish(Sample.Cost, Record);
        writer.End(output, Sample.Run(), summary);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
