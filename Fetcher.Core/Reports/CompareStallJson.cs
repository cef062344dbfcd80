using System.Text.Json;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>What of a round's JSON object tells what its transfers waited for. Times are seconds.</summary>
internal static class CompareStallJson
{
    /// <summary>Writes the members of a round, <c>null</c> where nothing was watched.</summary>
    public static void WriteMembers(Utf8JsonWriter json, RoundStalls? stalls)
    {
        if (stalls is null)
        {
            json.WriteNull("client_stall"u8);
            return;
        }

        json.WriteNumber("client_stall"u8, ReportNumbers.Seconds(stalls.ClientStall));
        json.WriteNumber("parallelism_lost"u8, ReportNumbers.Rounded(stalls.ParallelismLost));
        StallJson.WriteBlockers(json, stalls.Blockers);
        StallJson.WriteBudget(json, stalls.Budget);
    }

    /// <summary>Reads the members of a round.</summary>
    public static RoundStalls? Read(JsonElement round) => round.GetProperty("client_stall"u8) is { ValueKind: JsonValueKind.Number } stall
        ? new RoundStalls(
            CompareRoundJson.ReadNanoseconds(stall),
            round.GetProperty("parallelism_lost"u8).GetDouble(),
            [.. round.GetProperty("blockers"u8).EnumerateArray().Select(ReadBlocker)],
            [.. round.GetProperty("budget"u8).EnumerateObject().Select(part => (part.Name, CompareRoundJson.ReadNanoseconds(part.Value)))])
        : null;

    /// <summary>Writes the members of a transfer.</summary>
    public static void WriteMembers(Utf8JsonWriter json, TimelineRow row)
    {
        json.WriteNumber("client_stall"u8, ReportNumbers.Seconds(row.ClientStall));
        json.WriteStartArray("stalls"u8);
        foreach (var stall in row.Stalls)
        {
            json.WriteStartObject();
            WriteStretch(json, stall.From, stall.To);
            json.WriteString("cause"u8, stall.Cause.ToString());
            json.WriteBoolean("bound"u8, stall.IsBound);
            json.WriteStartObject("behind"u8);
            WriteStretch(json, stall.Behind.From, stall.Behind.To);
            json.WriteNumber("transfer"u8, stall.Behind.Transfer);
            json.WriteString("kind"u8, SpanKinds.NameOf(stall.Behind.Kind));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Reads the stalls of a transfer.</summary>
    public static IReadOnlyList<Stall> ReadStalls(JsonElement row)
    {
        var index = row.GetProperty("index"u8).GetInt64();
        return [.. row.GetProperty("stalls"u8).EnumerateArray().Select(stall => ReadStall(stall, index))];
    }

    private static void WriteStretch(Utf8JsonWriter json, long from, long to)
    {
        json.WriteNumber("from"u8, ReportNumbers.Seconds(from));
        json.WriteNumber("to"u8, ReportNumbers.Seconds(to));
    }

    private static Stall ReadStall(JsonElement json, long transfer)
    {
        var (from, to) = ReadStretch(json);
        var behind = json.GetProperty("behind"u8);
        var (heldFrom, heldTo) = ReadStretch(behind);
        return new Stall(
            transfer,
            from,
            to,
            Enum.TryParse<StallCause>(json.GetProperty("cause"u8).GetString(), out var cause) ? cause : throw new FormatException("a stall has no cause"),
            json.GetProperty("bound"u8).GetBoolean(),
            new LoopSpan(heldFrom, heldTo, behind.GetProperty("transfer"u8).GetInt64(), ReadKind(behind)));
    }

    private static (long From, long To) ReadStretch(JsonElement json) =>
        (CompareRoundJson.ReadNanoseconds(json.GetProperty("from"u8)), CompareRoundJson.ReadNanoseconds(json.GetProperty("to"u8)));

    private static Blocker ReadBlocker(JsonElement json) => new(
        json.GetProperty("transfer"u8).GetInt64(),
        ReadKind(json),
        CompareRoundJson.ReadNanoseconds(json.GetProperty("held"u8)),
        CompareRoundJson.ReadNanoseconds(json.GetProperty("cost"u8)),
        json.GetProperty("stalled"u8).GetInt32(),
        json.TryGetProperty("url"u8, out var url) ? url.GetString() : null);

    private static SpanKind ReadKind(JsonElement json)
    {
        var name = json.GetProperty("kind"u8).GetString();
        return Enum.GetValues<SpanKind>().Where(kind => SpanKinds.NameOf(kind) == name).Cast<SpanKind?>().FirstOrDefault()
            ?? throw new FormatException($"'{name}' is nothing that holds a loop");
    }
}
