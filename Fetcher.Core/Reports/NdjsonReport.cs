using System.Buffers;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>Newline-delimited JSON: a line a URL, as each ends, and nothing else.</summary>
internal sealed class NdjsonReport : IReportWriter
{
    private readonly ResultJson _json = new();

    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output, RunInfo run)
    {
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, FetchResult result) => _json.Write(output, result, "\n"u8);

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary)
    {
    }
}
