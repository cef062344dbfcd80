using System.Buffers;
using System.Globalization;
using System.Text;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>
/// For standard error: a line for each line of the list that is no URL, with its place and the reason; when more is asked for, a line for every result.
/// </summary>
internal sealed class ResultLines(bool all) : IReportWriter
{
    public void Begin(IBufferWriter<byte> output, RunInfo run)
    {
        // Nothing has ended yet.
    }

    public void Write(IBufferWriter<byte> output, FetchResult result)
    {
        if (result.Error is { Kind: FetchErrorKind.BadUrl } error)
        {
            Line(output, $"fetcher: {error.Message}");
        }
        else if (all)
        {
            var outcome = result.Error?.Message ?? string.Create(CultureInfo.InvariantCulture, $"{result.Status}, {result.SizeBody} bytes");
            Line(output, string.Create(CultureInfo.InvariantCulture, $"{result.TimeTotal / 1e9:0.000} s  {result.Url}  {outcome}"));
        }
    }

    public void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary)
    {
        // The report itself has the sums.
    }

    private static void Line(IBufferWriter<byte> output, string text) => output.Write(Encoding.UTF8.GetBytes(PrintableText.Of(text) + "\n"));
}
