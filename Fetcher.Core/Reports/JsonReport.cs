using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>
/// One JSON document of the whole run: <c>run</c>, <c>results</c> as they end, and <c>summary</c>. Described by
/// docs/schema/fetcher-report.schema.json.
/// </summary>
internal sealed class JsonReport : IReportWriter
{
    /// <summary>For the head and the tail. The default encoder would escape '+' and letters beyond ASCII, for the sake of HTML.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ResultJson _json = new();

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Separator => ",\n"u8;

    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output, RunInfo run)
    {
        output.Write("{\"run\":"u8);
        using (var json = new Utf8JsonWriter(output, Options))
        {
            RunInfoJson.Write(json, run);
        }

        output.Write(",\n\"results\":[\n"u8);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, FetchResult result) => _json.Write(output, result, default);

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary)
    {
        output.Write("\n],\n\"summary\":"u8);
        using (var json = new Utf8JsonWriter(output, Options))
        {
            RunSummaryJson.Write(json, run, summary);
        }

        output.Write("}\n"u8);
    }
}
