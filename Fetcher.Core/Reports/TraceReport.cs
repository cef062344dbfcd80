using System.Buffers;
using System.Text.Json;
using Fetcher.Core.Reports.Fields;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>
/// Chrome's trace events as a JSON object, for https://ui.perfetto.dev and chrome://tracing: a track a connection, with its transfers and their phases
/// (several when streams of HTTP/2 share it), and a track a loop when the run was watched.
/// Described by docs/schema/trace-event.schema.json; the format is Google's "Trace Event Format".
/// </summary>
/// <remarks>
/// A transfer is drawn from the moment it began to use its connection: the time it waited for a slot before, and its earlier attempts, stand in its
/// arguments, because another transfer may have had the connection then.
/// </remarks>
internal sealed class TraceReport : IReportWriter
{
    /// <summary>More than the names, the punctuation and all numbers of a transfer's events take.</summary>
    private const int FixedLength = 4096;

    private readonly TraceTracks _tracks = new();
    private readonly StalledTransfers _stalled = new();

    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output, RunInfo run)
    {
        output.Write("{\"displayTimeUnit\":\"ms\",\"otherData\":"u8);
        using (var json = new Utf8JsonWriter(output, JsonText.Options))
        {
            json.WriteStartObject();
            json.WriteString("program"u8, $"fetcher {run.Version}");
            json.WriteString("mode"u8, run.Mode);
            json.WriteString("started"u8, run.Started.UtcDateTime);
            json.WriteString("kernel"u8, run.Kernel);
            json.WriteEndObject();
        }

        output.Write(",\"traceEvents\":[\n"u8);
        var line = new Utf8Line(output.GetSpan(FixedLength));
        line.Raw("{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":"u8);
        line.Number(TraceTracks.Connections);
        line.Raw(",\"tid\":0,\"args\":{\"name\":\"connections\"}}"u8);
        output.Advance(line.Length);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, FetchResult result)
    {
        if (!result.IsTransfer)
        {
            // Nothing was transferred.
            return;
        }

        var phases = PhaseDurations.Of(result);
        var start = result.Start + phases.Before;
        var end = result.Start + result.TimeTotal;
        var track = _tracks.Find(result, start);
        var line = new Utf8Line(output.GetSpan(MaxLength(result)));
        if (!track.IsNamed)
        {
            track.IsNamed = true;
            WriteName(ref line, track, result);
        }

        // A transfer may end, with its body hashed and saved, a moment after its connection has gone on to the next.
        var free = Math.Min(end, Math.Max(start, track.End));
        WriteTransfer(ref line, track, result, phases, free, end);
        if (result.ClientStall > 0)
        {
            _stalled.Add(result.Index, new StalledTransfers.Place(track.Number, free, start, phases));
        }

        for (var phase = Phase.Dns; phase <= Phase.Receive; phase++)
        {
            var phaseEnd = start + phases[phase];
            if (phaseEnd > Math.Max(start, free))
            {
                WriteSlice(ref line, PhaseDurations.NameOf(phase), track, Math.Max(start, free), phaseEnd);
                line.Raw("}"u8);
            }

            start = phaseEnd;
        }

        // Of two that overlap, the one that ended last may have been told first.
        track.End = Math.Max(track.End, end);
        output.Advance(line.Length);
    }

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary)
    {
        if (summary.RunRecord is { } record)
        {
            new TraceLoops(output, _stalled).Write(record);
        }

        output.Write("\n]}\n"u8);
    }

    private static int MaxLength(FetchResult result) =>
        FixedLength
        + (2 * Utf8Line.EscapedLength(result.FinalUrl.Span))
        + Utf8Line.EscapedLength(result.Url.Span)
        + Utf8Line.EscapedLength(result.Error?.Message)
        + Utf8Line.EscapedLength(result.RemoteIp);

    private static void WriteName(ref Utf8Line line, TraceTracks.Track track, FetchResult result)
    {
        line.Raw(",\n{\"ph\":\"M\",\"name\":\"thread_name\""u8);
        TraceTracks.Write(ref line, TraceTracks.Connections, track.Number);
        line.Raw(",\"args\":{\"name\":\""u8);
        if (result.LocalPort > 0)
        {
            line.Raw("connection "u8);
            line.Number(result.LocalPort);
            if (track.OfPort > 1)
            {
                line.Raw(" #"u8);
                line.Number(track.OfPort);
            }
        }
        else
        {
            line.Raw("no connection"u8);
        }

        line.Raw("\"}}"u8);
    }

    private static void WriteTransfer(
        ref Utf8Line line, TraceTracks.Track track, FetchResult result, PhaseDurations phases, long start, long end)
    {
        var url = result.FinalUrl.Span;
        var name = url[(url.IndexOf("://"u8) is var colon and >= 0 ? colon + 3 : 0)..];
        WriteSlice(ref line, name, track, start, end);
        line.Raw(",\"args\":{\"index\":"u8);
        line.Number(result.Index);
        line.Raw(",\"url\":"u8);
        line.JsonString(result.Url.Span);
        line.Raw(",\"status\":"u8);
        line.Number(result.Status);
        line.Raw(",\"error\":"u8);
        line.JsonString(result.Error?.Message);
        line.Raw(",\"peer\":"u8);
        line.JsonString(result.RemoteIp);
        line.Raw(",\"loop\":"u8);
        line.Number(result.Loop);
        line.Raw(",\"size_download\":"u8);
        line.Number(result.SizeDownload);
        line.Raw(",\"queue\":"u8);
        line.Seconds(phases.Queue);
        line.Raw(",\"earlier\":"u8);
        line.Seconds(phases.Earlier);
        line.Raw(",\"client_stall\":"u8);
        line.Seconds(result.ClientStall);
        line.Raw("}}"u8);
    }

    /// <summary>A complete event, up to its arguments.</summary>
    private static void WriteSlice(ref Utf8Line line, ReadOnlySpan<byte> name, TraceTracks.Track track, long start, long end)
    {
        line.Raw(",\n{\"ph\":\"X\",\"cat\":\"transfer\",\"name\":"u8);
        line.JsonString(name);
        WriteTimes(ref line, track, start, end);
    }

    private static void WriteSlice(ref Utf8Line line, string name, TraceTracks.Track track, long start, long end)
    {
        line.Raw(",\n{\"ph\":\"X\",\"cat\":\"phase\",\"name\":"u8);
        line.JsonString(name);
        WriteTimes(ref line, track, start, end);
    }

    private static void WriteTimes(ref Utf8Line line, TraceTracks.Track track, long start, long end)
    {
        TraceTracks.Write(ref line, TraceTracks.Connections, track.Number);
        line.Raw(",\"ts\":"u8);
        line.Thousandths(start);
        line.Raw(",\"dur\":"u8);
        line.Thousandths(end - start);
    }
}
