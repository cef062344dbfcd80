using System.Buffers;
using System.Text;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>The sentences of <see cref="Explanation"/> below a report for people, a line each.</summary>
internal sealed class ExplanationReport : IReportWriter
{
    /// <summary>Transfers that are kept, the slowest: 5 % of a run of up to 20,000 URLs, and of a longer one fewer.</summary>
    private const int Slowest = 1000;

    private readonly TransferSample _sample = new(Slowest, others: 0);

    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output, RunInfo run)
    {
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, FetchResult result) => _sample.Add(result);

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary) =>
        Encoding.UTF8.GetBytes("\n" + string.Join('\n', Explanation.Of(run, summary, _sample.Rows)) + "\n", output);
}
