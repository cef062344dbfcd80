using System.Buffers;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>Several reports that go to the same place: what they say of a result stands together.</summary>
internal sealed class ReportsInOne(IReadOnlyList<IReportWriter> writers) : IReportWriter
{
    /// <inheritdoc/>
    public ReadOnlySpan<byte> Separator => writers.Count == 1 ? writers[0].Separator : default;

    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output, RunInfo run)
    {
        foreach (var writer in writers)
        {
            writer.Begin(output, run);
        }
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, FetchResult result)
    {
        foreach (var writer in writers)
        {
            writer.Write(output, result);
        }
    }

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary)
    {
        foreach (var writer in writers)
        {
            writer.End(output, run, summary);
        }
    }
}
