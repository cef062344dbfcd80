using System.Buffers;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>Several reports that go to the same place: what they say of a result stands together.</summary>
internal sealed class ReportsInOne : IReportWriter
{
    // An array: to walk through an interface would allocate, for every result.
    private readonly IReportWriter[] _writers;

    private ReportsInOne(IReadOnlyCollection<IReportWriter> writers) => _writers = [.. writers];

    /// <summary>All of <paramref name="writers"/> as one; the only one as it is.</summary>
    public static IReportWriter Of(IReadOnlyList<IReportWriter> writers) => writers is [var only] ? only : new ReportsInOne(writers);

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
