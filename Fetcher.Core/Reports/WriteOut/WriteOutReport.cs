using System.Buffers;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports.WriteOut;

/// <summary><c>--write-out</c> as a report: what the template says of each URL, and nothing else.</summary>
/// <param name="template">The template.</param>
/// <param name="toStandardError">Which of its two places this is.</param>
/// <param name="isTerminal">Whether that place is a terminal.</param>
internal sealed class WriteOutReport(WriteOutTemplate template, bool toStandardError, bool isTerminal) : IReportWriter
{
    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output, RunInfo run)
    {
        // Nothing has ended yet.
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, FetchResult result) => template.Write(output, result, toStandardError, isTerminal);

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary)
    {
        // It speaks of single URLs.
    }
}
