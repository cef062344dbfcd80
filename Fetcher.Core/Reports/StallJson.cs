using System.Text.Json;
using Fetcher.Core.Timing.Stalls;

namespace Fetcher.Core.Reports;

/// <summary>What the <c>summary</c> of a JSON report says of a watched run. Times are seconds.</summary>
internal static class StallJson
{
    private const int MostBlockers = 20;

    /// <summary>Writes the members.</summary>
    public static void WriteMembers(Utf8JsonWriter json, RunRecord record)
    {
        json.WriteNumber("client_stall_bound"u8, ReportNumbers.Seconds(record.BoundStall));
        WriteEventLoop(json, record);
        WriteLoops(json, record);
        WriteBlockers(json, [.. record.Blockers.Take(MostBlockers)]);
        WriteParallelism(json, record.Parallelism);
    }

    private static void WriteEventLoop(Utf8JsonWriter json, RunRecord record)
    {
        json.WriteStartObject("eventloop"u8);
        json.WriteNumber("utilization"u8, ReportNumbers.Rounded(record.Utilization));
        json.WriteStartObject("delay"u8);
        RunSummaryJson.WriteDistribution(json, record.Delay);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteLoops(Utf8JsonWriter json, RunRecord record)
    {
        json.WriteStartArray("loops"u8);
        foreach (var loop in record.Loops)
        {
            json.WriteStartObject();
            json.WriteNumber("loop"u8, loop.Number);
            json.WriteNumber("wall"u8, ReportNumbers.ExactSeconds(loop.To - loop.From));
            json.WriteNumber("utilization"u8, ReportNumbers.Rounded(loop.Utilization));
            WriteBudget(json, loop.Budget);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes where a loop's time went as a member, to the nanosecond: rounded, the parts of a short-lived loop would not add up.</summary>
    public static void WriteBudget(Utf8JsonWriter json, IReadOnlyList<(string Name, long Nanoseconds)> budget)
    {
        json.WriteStartObject("budget"u8);
        foreach (var (name, nanoseconds) in budget)
        {
            json.WriteNumber(name, ReportNumbers.ExactSeconds(nanoseconds));
        }

        json.WriteEndObject();
    }

    /// <summary>Writes the blockers as a member.</summary>
    public static void WriteBlockers(Utf8JsonWriter json, IReadOnlyList<Loop.Watching.Blocker> blockers)
    {
        json.WriteStartArray("blockers"u8);
        foreach (var blocker in blockers)
        {
            json.WriteStartObject();
            json.WriteNumber("transfer"u8, blocker.Transfer);
            json.WriteString("kind"u8, Loop.Watching.SpanKinds.NameOf(blocker.Kind));
            json.WriteNumber("held"u8, ReportNumbers.Seconds(blocker.Held));
            json.WriteNumber("cost"u8, ReportNumbers.Seconds(blocker.Cost));
            json.WriteNumber("stalled"u8, blocker.Stalled);
            if (blocker.Url is not null)
            {
                json.WriteString("url"u8, blocker.Url);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteParallelism(Utf8JsonWriter json, Parallelism parallelism)
    {
        json.WriteStartObject("parallelism"u8);
        json.WriteNumber("makespan"u8, ReportNumbers.Seconds(parallelism.Makespan));
        json.WriteNumber("perfect_makespan"u8, ReportNumbers.Seconds(parallelism.PerfectMakespan));
        json.WriteNumber("lost"u8, ReportNumbers.Rounded(parallelism.Lost));
        json.WriteNumber("step"u8, ReportNumbers.Seconds(parallelism.Step));
        json.WriteStartArray("in_flight"u8);
        foreach (var inFlight in parallelism.InFlight)
        {
            json.WriteNumberValue(ReportNumbers.Rounded(inFlight));
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
