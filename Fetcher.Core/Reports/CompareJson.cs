using System.Buffers;
using System.Text.Json;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>
/// A comparison as one JSON document, with every round and what follows from them; or as NDJSON, a line a round and nothing derived.
/// Times are seconds.
/// </summary>
internal static class CompareJson
{
    /// <summary>Writes the document.</summary>
    public static void Write(IBufferWriter<byte> output, ComparisonResult result)
    {
        using (var json = new Utf8JsonWriter(output, JsonText.Options))
        {
            json.WriteStartObject();
            json.WritePropertyName("run"u8);
            RunInfoJson.Write(json, result.Run);
            WritePlan(json, result);
            json.WriteStartArray("comparisons"u8);
            foreach (var point in result.Points)
            {
                WritePoint(json, point);
            }

            json.WriteEndArray();
            json.WriteStartArray("conclusions"u8);
            foreach (var sentence in Conclusions.Of(result))
            {
                json.WriteStringValue(sentence);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    /// <summary>Writes a line a round, in the order of modes and rounds.</summary>
    public static void WriteRounds(IBufferWriter<byte> output, ComparisonResult result)
    {
        foreach (var point in result.Points)
        {
            foreach (var mode in point.Modes)
            {
                foreach (var outcome in mode.Rounds)
                {
                    using (var json = new Utf8JsonWriter(output, JsonText.Options))
                    {
                        json.WriteStartObject();
                        WriteValue(json, point);
                        json.WriteString("mode"u8, mode.Mode);
                        WriteRoundMembers(json, outcome);
                        json.WriteEndObject();
                    }

                    output.Write("\n"u8);
                }
            }
        }
    }

    private static void WritePlan(Utf8JsonWriter json, ComparisonResult result)
    {
        json.WriteStartArray("modes"u8);
        foreach (var mode in result.Modes)
        {
            json.WriteStringValue(mode);
        }

        json.WriteEndArray();
        json.WriteStartArray("left_out"u8);
        foreach (var (mode, reason) in result.LeftOut)
        {
            json.WriteStartObject();
            json.WriteString("mode"u8, mode);
            json.WriteString("reason"u8, reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("runs"u8, result.Runs);
        json.WriteNumber("warmup"u8, result.Warmup);
        json.WriteString("sweep"u8, result.Sweep?.Name);
        json.WriteNumber("confidence"u8, PairedBootstrap.Confidence);
        if (result.Against is { } against)
        {
            json.WriteStartObject("against"u8);
            json.WriteString("file"u8, against.Path);
            json.WriteString("started"u8, against.Started.UtcDateTime);
            json.WriteStartArray("differences"u8);
            foreach (var difference in against.Differences)
            {
                json.WriteStringValue(difference);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private static void WritePoint(Utf8JsonWriter json, ComparisonPoint point)
    {
        json.WriteStartObject();
        WriteValue(json, point);
        json.WriteStartArray("modes"u8);
        foreach (var mode in point.Modes)
        {
            json.WriteStartObject();
            json.WriteString("mode"u8, mode.Mode);
            WriteFigures(json, mode);
            WriteSystemCalls(json, mode);
            json.WriteStartArray("rounds"u8);
            foreach (var outcome in mode.Rounds)
            {
                json.WriteStartObject();
                WriteRoundMembers(json, outcome);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, ComparisonPoint point)
    {
        if (point.Value is { } value)
        {
            json.WriteNumber("value"u8, Number(value));
        }
        else
        {
            json.WriteNull("value"u8);
        }
    }

    private static void WriteFigures(Utf8JsonWriter json, ModeSample mode)
    {
        json.WriteStartObject("figures"u8);
        foreach (var figure in Figure.All)
        {
            if (mode.SpreadOf(figure) is not { } spread)
            {
                json.WriteNull(figure.Name);
                continue;
            }

            json.WriteStartObject(figure.Name);
            json.WriteNumber("median"u8, Number(spread.Median));
            json.WriteNumber("min"u8, Number(spread.Min));
            json.WriteNumber("max"u8, Number(spread.Max));
            json.WriteNumber("mad"u8, Number(spread.Mad));
            WriteRatio(json, mode.RatioTo(figure));
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteRatio(Utf8JsonWriter json, Ratio? ratio)
    {
        if (ratio is null)
        {
            json.WriteNull("ratio"u8);
            return;
        }

        json.WriteStartObject("ratio"u8);
        json.WriteNumber("value"u8, Number(ratio.Value));
        if (ratio is { Low: { } low, High: { } high })
        {
            json.WriteNumber("low"u8, Number(low));
            json.WriteNumber("high"u8, Number(high));
        }
        else
        {
            json.WriteNull("low"u8);
            json.WriteNull("high"u8);
        }

        json.WriteEndObject();
    }

    private static void WriteSystemCalls(Utf8JsonWriter json, ModeSample mode)
    {
        json.WriteStartObject("syscalls_per_url"u8);
        foreach (var (name, perUrl) in mode.SystemCalls())
        {
            json.WriteNumber(name, Number(perUrl));
        }

        json.WriteEndObject();
    }

    private static void WriteRoundMembers(Utf8JsonWriter json, RoundOutcome outcome)
    {
        json.WriteNumber("round"u8, outcome.Number);
        json.WriteString("problem"u8, outcome.Problem);
        if (outcome.Measured is not null)
        {
            CompareRoundJson.WriteMembers(json, outcome.Measured);
        }
    }

    /// <summary>Nine decimals: a nanosecond, where it is seconds.</summary>
    private static decimal Number(double value) => Math.Round((decimal)value, 9);
}
