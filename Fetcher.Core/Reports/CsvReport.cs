using System.Buffers;
using System.Text;
using Fetcher.Core.Reports.Fields;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>
/// CSV with a header line: the fields of a result (<see cref="ResultFields"/>), those of an object as columns like <c>error_kind</c> and
/// <c>error_message</c>. Lines end in LF.
/// </summary>
internal sealed class CsvReport : IReportWriter
{
    /// <summary>More than the commas, the constants and all numbers take.</summary>
    private const int FixedLength = 640;

    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output, RunInfo run) =>
        output.Write(Encoding.ASCII.GetBytes(string.Join(',', ResultField.Columns.Select(column => column.Name)) + "\n"));

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, FetchResult result)
    {
        var csv = new CsvFieldWriter(output.GetSpan(FixedLength + TextRoom.Of(result)));
        ResultFields.WriteColumnsTo(ref csv, result);
        csv.Line.Raw("\n"u8);
        output.Advance(csv.Line.Length);
    }

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary)
    {
    }
}
