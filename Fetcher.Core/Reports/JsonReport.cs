using System.Buffers;
using System.Text.Json;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>
/// One JSON document of the whole run: <c>run</c>, <c>results</c> as they end, <c>summary</c>, and the run second by second. Described by
/// docs/schema/fetcher-report.schema.json.
/// </summary>
internal sealed class JsonReport : IReportWriter
{
    private readonly ResultJson _json = new();
    private readonly RunSeries _series = new();

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Separator => ",\n"u8;

    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output, RunInfo run)
    {
        output.Write("{\"run\":"u8);
        using (var json = new Utf8JsonWriter(output, JsonText.Options))
        {
            RunInfoJson.Write(json, run);
        }

        output.Write(",\n\"results\":[\n"u8);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, FetchResult result)
    {
        _series.Add(result);
        _json.Write(output, result, default);
    }

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary)
    {
        output.Write("\n],\n\"summary\":"u8);
        using (var json = new Utf8JsonWriter(output, JsonText.Options))
        {
            RunSummaryJson.Write(json, run, summary);
        }

        output.Write(",\n\"seconds\":"u8);
        using (var json = new Utf8JsonWriter(output, JsonText.Options))
        {
            WriteSeconds(json);
        }

        output.Write("}\n"u8);
    }

    private void WriteSeconds(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach (var second in _series.ToList())
        {
            json.WriteStartObject();
            json.WriteNumber("ok"u8, second.Ok);
            json.WriteNumber("failed"u8, second.Failed);
            json.WriteNumber("bytes"u8, second.Bytes);
            json.WriteNumber("p50"u8, ReportNumbers.Seconds(second.P50));
            json.WriteNumber("p99"u8, ReportNumbers.Seconds(second.P99));
            json.WriteNumber("max"u8, ReportNumbers.Seconds(second.Max));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
