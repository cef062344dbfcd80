using System.Text.Json;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>
/// One round as a JSON object, times in seconds: what the process of a round tells the one that compares, and what reports repeat of it.
/// </summary>
internal static class CompareRoundJson
{
    private static readonly Phase[] Phases = [.. Enum.GetValues<Phase>().Where(phase => phase != Phase.Stall)];

    /// <summary>Writes the members of the object, without its braces and without the timeline.</summary>
    public static void WriteMembers(Utf8JsonWriter json, Round round)
    {
        json.WriteNumber("urls"u8, round.Urls);
        json.WriteNumber("ok"u8, round.Ok);
        json.WriteNumber("failed"u8, round.Failed);
        json.WriteNumber("bytes"u8, round.Bytes);
        json.WriteNumber("wall"u8, ReportNumbers.Seconds(round.Cost.Wall));
        json.WriteNumber("cpu_user"u8, ReportNumbers.Seconds(round.Cost.CpuUser));
        json.WriteNumber("cpu_system"u8, ReportNumbers.Seconds(round.Cost.CpuSystem));
        RunSummaryJson.WriteNumberOrNull(json, "max_rss"u8, round.Cost.MaxRssBytes);
        json.WriteNumber("voluntary_context_switches"u8, round.Cost.VoluntaryContextSwitches);
        json.WriteNumber("involuntary_context_switches"u8, round.Cost.InvoluntaryContextSwitches);
        WriteSystemCalls(json, round);
        json.WriteNumber("reads"u8, round.Reads);
        json.WriteNumber("bytes_received"u8, round.BytesReceived);
        json.WriteNumber("would_block"u8, round.WouldBlock);
        json.WriteNumber("blocked"u8, ReportNumbers.Seconds(round.Blocked));
        json.WriteNumber("blocked_threads"u8, round.BlockedThreads);
        json.WriteNumber("time_total_p50"u8, ReportNumbers.Seconds(round.TimeTotalP50));
        json.WriteNumber("time_total_p99"u8, ReportNumbers.Seconds(round.TimeTotalP99));
        json.WriteNumber("connections"u8, round.Connections);
        json.WriteNumber("largest_body"u8, round.LargestBody);
        json.WriteStartArray("http_versions"u8);
        foreach (var version in round.HttpVersions)
        {
            json.WriteStringValue(version);
        }

        json.WriteEndArray();
        WriteStreams(json, round.Streams);
        CompareStallJson.WriteMembers(json, round.Stalls);
        json.WriteStartArray("failures"u8);
        foreach (var failure in round.Failures)
        {
            json.WriteStringValue(failure);
        }

        json.WriteEndArray();
    }

    /// <summary>Writes the timeline as a member of the object.</summary>
    public static void WriteTimeline(Utf8JsonWriter json, Round round)
    {
        json.WriteStartArray("timeline"u8);
        foreach (var row in round.Timeline)
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, row.Index);
            json.WriteString("url"u8, row.Url);
            json.WriteBoolean("ok"u8, row.Ok);
            json.WriteNumber("start"u8, ReportNumbers.Seconds(row.Start));
            foreach (var phase in Phases)
            {
                json.WriteNumber(PhaseDurations.NameOf(phase), ReportNumbers.Seconds(row.Phases[phase]));
            }

            json.WriteStartArray("blocked"u8);
            foreach (var (start, end) in row.Blocked)
            {
                json.WriteNumberValue(ReportNumbers.Seconds(start));
                json.WriteNumberValue(ReportNumbers.Seconds(end));
            }

            json.WriteEndArray();
            CompareStallJson.WriteMembers(json, row);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Reads an object, with its timeline where it has one: reports leave it out.</summary>
    /// <exception cref="KeyNotFoundException">A member is missing.</exception>
    /// <exception cref="InvalidOperationException">A member has another type.</exception>
    /// <exception cref="FormatException">A number is none that is expected.</exception>
    public static Round Read(JsonElement json) => new()
    {
        Urls = json.GetProperty("urls"u8).GetInt64(),
        Failed = json.GetProperty("failed"u8).GetInt64(),
        Bytes = json.GetProperty("bytes"u8).GetInt64(),
        Cost = ReadCost(json),
        SystemCalls = json.GetProperty("syscalls"u8) is { ValueKind: JsonValueKind.Object } calls
            ? calls.EnumerateObject().ToDictionary(call => call.Name, call => call.Value.GetInt64())
            : null,
        Reads = json.GetProperty("reads"u8).GetInt64(),
        BytesReceived = json.GetProperty("bytes_received"u8).GetInt64(),
        WouldBlock = json.GetProperty("would_block"u8).GetInt64(),
        Blocked = ReadNanoseconds(json.GetProperty("blocked"u8)),
        BlockedThreads = json.GetProperty("blocked_threads"u8).GetInt32(),
        TimeTotalP50 = ReadNanoseconds(json.GetProperty("time_total_p50"u8)),
        TimeTotalP99 = ReadNanoseconds(json.GetProperty("time_total_p99"u8)),
        Connections = json.GetProperty("connections"u8).GetInt64(),
        LargestBody = json.GetProperty("largest_body"u8).GetInt64(),
        HttpVersions = [.. json.GetProperty("http_versions"u8).EnumerateArray().Select(version => version.GetString() ?? "")],
        Streams = ReadStreams(json),
        Stalls = CompareStallJson.Read(json),
        Failures = [.. json.GetProperty("failures"u8).EnumerateArray().Select(failure => failure.GetString() ?? "")],
        Timeline = json.TryGetProperty("timeline"u8, out var timeline) ? [.. timeline.EnumerateArray().Select(ReadRow)] : [],
    };

    /// <summary>Reads what a round or a run cost.</summary>
    public static RunCost ReadCost(JsonElement json) => new(
        Span(json, "wall"),
        Span(json, "cpu_user"),
        Span(json, "cpu_system"),
        json.GetProperty("max_rss"u8) is { ValueKind: JsonValueKind.Number } memory ? memory.GetInt64() : null,
        json.GetProperty("voluntary_context_switches"u8).GetInt64(),
        json.GetProperty("involuntary_context_switches"u8).GetInt64());

    /// <summary>Reads seconds.</summary>
    public static long ReadNanoseconds(JsonElement seconds) => (long)decimal.Round(seconds.GetDecimal() * 1_000_000_000m);

    private static void WriteSystemCalls(Utf8JsonWriter json, Round round)
    {
        if (round.SystemCalls is null)
        {
            json.WriteNull("syscalls"u8);
            return;
        }

        json.WriteStartObject("syscalls"u8);
        foreach (var (name, calls) in round.SystemCalls.OrderBy(call => call.Key, StringComparer.Ordinal))
        {
            json.WriteNumber(name, calls);
        }

        json.WriteEndObject();
    }

    private static void WriteStreams(Utf8JsonWriter json, RoundStreams? streams)
    {
        if (streams is null)
        {
            json.WriteNull("http2"u8);
            return;
        }

        json.WriteStartObject("http2"u8);
        json.WriteNumber("streams"u8, streams.Most);
        json.WriteNumber("stream_windows_closed"u8, ReportNumbers.Seconds(streams.StreamsClosed));
        json.WriteNumber("connection_windows_closed"u8, ReportNumbers.Seconds(streams.ConnectionsClosed));
        json.WriteString("unread_url"u8, streams.WorstUrl);
        json.WriteNumber("unread_closed"u8, ReportNumbers.Seconds(streams.WorstClosed));
        json.WriteEndObject();
    }

    private static RoundStreams? ReadStreams(JsonElement round) => round.GetProperty("http2"u8) is { ValueKind: JsonValueKind.Object } json
        ? new RoundStreams(
            json.GetProperty("streams"u8).GetInt32(),
            ReadNanoseconds(json.GetProperty("stream_windows_closed"u8)),
            ReadNanoseconds(json.GetProperty("connection_windows_closed"u8)),
            json.GetProperty("unread_url"u8).GetString(),
            ReadNanoseconds(json.GetProperty("unread_closed"u8)))
        : null;

    private static TimelineRow ReadRow(JsonElement json)
    {
        var blocked = json.GetProperty("blocked"u8).EnumerateArray().Select(ReadNanoseconds).ToArray();
        return new TimelineRow(
            json.GetProperty("index"u8).GetInt64(),
            json.GetProperty("url"u8).GetString() ?? "",
            json.GetProperty("ok"u8).GetBoolean(),
            ReadNanoseconds(json.GetProperty("start"u8)),
            new PhaseDurations(
                Of(Phase.Queue), Of(Phase.Earlier), Of(Phase.Dns), Of(Phase.Connect), Of(Phase.Tls), Of(Phase.Wait), Of(Phase.Receive), Of(Phase.Robots)),
            [.. blocked.Chunk(2).Select(ends => (ends[0], ends[1]))])
        {
            ClientStall = ReadNanoseconds(json.GetProperty("client_stall"u8)),
            Stalls = CompareStallJson.ReadStalls(json),
        };

        long Of(Phase phase) => ReadNanoseconds(json.GetProperty(PhaseDurations.NameOf(phase)));
    }

    private static TimeSpan Span(JsonElement json, string name) => Nanoseconds.ToTimeSpan(ReadNanoseconds(json.GetProperty(name)));
}
