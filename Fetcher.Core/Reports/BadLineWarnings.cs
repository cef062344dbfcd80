using System.Buffers;
using System.Text;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>For standard error: a line for each line of the list that is no URL, with its place and the reason.</summary>
internal sealed class BadLineWarnings : IReportWriter
{
    public void Begin(IBufferWriter<byte> output, RunInfo run)
    {
        // Nothing is wrong yet.
    }

    public void Write(IBufferWriter<byte> output, FetchResult result)
    {
        if (result.Error is { Kind: FetchErrorKind.BadUrl } error)
        {
            output.Write(Encoding.UTF8.GetBytes($"fetcher: {PrintableText.Of(error.Message)}\n"));
        }
    }

    public void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary)
    {
        // The report itself has the sums.
    }
}
