using System.Buffers;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>Several reports that go to the same place: what they say of a result stands together.</summary>
internal sealed class ReportsInOne(IEnumerable<IReportWriter> writers) : IReportWriter
{
    // An array: to walk through an interface would allocate, for every result.
    private readonly IReportWriter[] _writers = [.. writers];

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Separator => _writers.Length == 1 ? _writers[0].Separator : default;

    /// <inheritdoc/>
    public bool IsByCompletion => _writers is [{ IsByCompletion: true }];

    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output, RunInfo run)
    {
        foreach (var writer in _writers)
        {
            writer.Begin(output, run);
        }
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, FetchResult result)
    {
        foreach (var writer in _writers)
        {
            writer.Write(output, result);
        }
    }

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary)
    {
        foreach (var writer in _writers)
        {
            writer.End(output, run, summary);
        }
    }
}
