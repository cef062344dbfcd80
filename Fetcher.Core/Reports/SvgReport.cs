using System.Buffers;
using System.Text;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>A run as a picture: what it came to, and its transfers.</summary>
internal sealed class SvgReport : IReportWriter
{
    private const int Slowest = 100, Others = 150;

    private readonly TransferSample _sample = new(Slowest, Others);

    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output, RunInfo run)
    {
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, FetchResult result) => _sample.Add(result);

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary)
    {
        var picture = new SvgPicture();
        picture.Text(SummaryText.Outcome(summary) + $" ({run.Mode})", size: 28, "bold");
        if (SummaryText.Lead(run, summary) is { } lead)
        {
            picture.Text(lead, size: 19);
        }

        if (_sample.Count > 0)
        {
            picture.Waterfalls(RunWaterfall.Drawing(run, summary, _sample));
        }

        Encoding.UTF8.GetBytes(picture.End(), output);
    }
}
