using System.Buffers;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Reports.Fields;
using Fetcher.Core.Timing.Stalls;

namespace Fetcher.Core.Reports;

/// <summary>
/// What a trace says about the loops of a watched run: a track a loop with what it ran, the stalls on the tracks of the connections, an arrow from
/// what held the loop to each of them, and the number of transfers in flight.
/// </summary>
internal sealed class TraceLoops(IBufferWriter<byte> output, StalledTransfers transfers)
{
    /// <summary>Longest event in bytes, with room to spare.</summary>
    private const int MaxLength = 512;

    private long _flows;

    /// <summary>Writes the events.</summary>
    public void Write(RunRecord record)
    {
        if (record.Loops.Count > 0)
        {
            WriteName("process_name"u8, tid: 0, "loops", number: null);
        }

        foreach (var loop in record.Loops)
        {
            WriteName("thread_name"u8, TraceTracks.OfLoop(loop.Number), "loop ", loop.Number);
            foreach (var span in loop.Spans)
            {
                if (span.Kind != SpanKind.Idle)
                {
                    WriteSpan(loop, span);
                }
            }

            foreach (var stall in loop.Stalls)
            {
                WriteStall(loop, stall);
            }
        }

        foreach (var (step, inFlight) in record.Parallelism.InFlight.Index())
        {
            WriteInFlight(step * record.Parallelism.Step, inFlight);
        }
    }

    private void WriteName(ReadOnlySpan<byte> what, int tid, string name, int? number)
    {
        var line = Begin("M"u8);
        line.Raw(",\"name\":\""u8);
        line.Raw(what);
        line.Raw("\""u8);
        TraceTracks.Write(ref line, TraceTracks.Loops, tid);
        line.Raw(",\"args\":{\"name\":"u8);
        line.JsonString(number is null ? name : $"{name}{number}");
        line.Raw("}}"u8);
        output.Advance(line.Length);
    }

    private void WriteSpan(LoopRecord loop, LoopSpan span)
    {
        var line = Begin("X"u8);
        line.Raw(",\"cat\":\"loop\",\"name\":"u8);
        line.JsonString(SpanKinds.NameOf(span.Kind));
        TraceTracks.Write(ref line, TraceTracks.Loops, TraceTracks.OfLoop(loop.Number));
        WriteTimes(ref line, span.From, span.To);
        if (span.Transfer != LoopSpan.Nobody)
        {
            line.Raw(",\"args\":{\"transfer\":"u8);
            line.Number(span.Transfer);
            line.Raw("}"u8);
        }

        line.Raw("}"u8);
        output.Advance(line.Length);
    }

    private void WriteStall(LoopRecord loop, Stall stall)
    {
        if (transfers.Find(stall.Transfer) is not { } place)
        {
            return;
        }

        var drawn = false;
        foreach (var (from, to) in place.Split(stall.From, stall.To))
        {
            drawn = true;
            var line = Begin("X"u8);
            line.Raw(",\"cat\":\"stall\",\"name\":"u8);
            line.JsonString("stalled");
            TraceTracks.Write(ref line, TraceTracks.Connections, place.Track);
            WriteTimes(ref line, from, to);
            line.Raw(",\"args\":{\"behind\":"u8);
            line.JsonString(SpanKinds.NameOf(stall.Behind.Kind));
            line.Raw(",\"transfer\":"u8);
            line.Number(stall.Behind.Transfer);
            line.Raw("}}"u8);
            output.Advance(line.Length);
        }

        var met = Math.Max(stall.Behind.From, Math.Max(stall.From, place.Drawn));
        if (drawn && stall.Behind.Kind != SpanKind.UnreadBody && met < Math.Min(stall.Behind.To, stall.To) && loop.Spans.Count > 0 && stall.Behind.From >= loop.Spans[0].From)
        {
            WriteArrow(TraceTracks.OfLoop(loop.Number), place.Track, met);
        }
    }

    /// <summary>From the slice around that moment on the loop's track to the one on the connection's.</summary>
    private void WriteArrow(int loop, int connection, long at)
    {
        _flows++;
        WriteEnd("s"u8, TraceTracks.Loops, loop, at);
        WriteEnd("f"u8, TraceTracks.Connections, connection, at);
    }

    private void WriteEnd(ReadOnlySpan<byte> kind, int pid, int tid, long at)
    {
        var line = Begin(kind);
        line.Raw(",\"cat\":\"stall\",\"name\":\"stalled by\",\"id\":"u8);
        line.Number(_flows);
        TraceTracks.Write(ref line, pid, tid);
        line.Raw(",\"ts\":"u8);
        line.Thousandths(at);
        line.Raw(",\"bp\":\"e\"}"u8);
        output.Advance(line.Length);
    }

    private void WriteInFlight(long at, double inFlight)
    {
        var line = Begin("C"u8);
        line.Raw(",\"name\":\"in flight\""u8);
        TraceTracks.Write(ref line, TraceTracks.Loops, tid: 0);
        line.Raw(",\"ts\":"u8);
        line.Thousandths(at);
        line.Raw(",\"args\":{\"transfers\":"u8);
        line.Thousandths((long)Math.Round(inFlight * 1000));
        line.Raw("}}"u8);
        output.Advance(line.Length);
    }

    private Utf8Line Begin(ReadOnlySpan<byte> kind)
    {
        var line = new Utf8Line(output.GetSpan(MaxLength));
        line.Raw(",\n{\"ph\":\""u8);
        line.Raw(kind);
        line.Raw("\""u8);
        return line;
    }

    private static void WriteTimes(ref Utf8Line line, long from, long to)
    {
        // A loop begins a little before the run's clock does.
        var start = Math.Max(0, from);
        line.Raw(",\"ts\":"u8);
        line.Thousandths(start);
        line.Raw(",\"dur\":"u8);
        line.Thousandths(Math.Max(0, to - start));
    }
}
