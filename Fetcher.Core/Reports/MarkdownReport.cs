using System.Buffers;
using System.Text;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>
/// The summary and a bounded table of failures as Markdown (GitHub's, for its tables), to paste into an issue or a README.
/// </summary>
internal sealed class MarkdownReport : IReportWriter
{
    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output, RunInfo run)
    {
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, FetchResult result)
    {
    }

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary)
    {
        var text = new StringBuilder();
        text.Append("# fetcher\n\n").AppendJoin("", SummaryText.Headline(run, summary).Select(part => part.Text)).Append("\n\n");
        if (SummaryText.Lead(run, summary) is { } lead)
        {
            text.Append(lead).Append("\n\n");
        }

        WriteTimes(text, summary);
        WriteFacts(text, run, summary);
        WriteFailures(text, summary.Failures);
        Encoding.UTF8.GetBytes(text.ToString(), output);
    }

    private static void WriteTimes(StringBuilder text, RunSummary summary)
    {
        var unit = TimeUnit.For(summary.TimeOf(TimeField.Total).Max);
        text.Append("| ").Append(unit.Symbol).Append(" | ").AppendJoin(" | ", SummaryText.Columns).Append(" |\n|---")
            .Insert(text.Length, "|--:", SummaryText.Columns.Count).Append("|\n");
        for (var field = TimeField.Queue; field <= TimeField.Total; field++)
        {
            text.Append("| ").Append(TimeFields.NameOf(field));
            foreach (var value in SummaryText.Distribution(summary.TimeOf(field)))
            {
                text.Append(" | ").Append(unit.Format(value));
            }

            text.Append(" |\n");
        }

        text.Append('\n');
    }

    private static void WriteFacts(StringBuilder text, RunInfo run, RunSummary summary)
    {
        text.Append("| | |\n|---|---|\n");
        foreach (var (name, value) in SummaryText.Facts(run, summary))
        {
            text.Append("| ").Append(name).Append(" | ").Append(Cell(value)).Append(" |\n");
        }
    }

    private static void WriteFailures(StringBuilder text, FailureLog failures)
    {
        if (failures.Total == 0)
        {
            return;
        }

        text.Append("\n## Failures\n\n| kind | number | URL | message |\n|---|--:|---|---|\n");
        foreach (var (kind, count) in failures.ByKind)
        {
            var examples = failures.ExamplesOf(kind);
            foreach (var example in examples)
            {
                var number = example == examples[0] ? SummaryText.Number(count) : "";
                text.Append("| ").Append(FetchError.NameOf(kind)).Append(" | ").Append(number).Append(" | ")
                    .Append(Cell(example.Url)).Append(" | ").Append(Cell(example.Message)).Append(" |\n");
            }

            if (count > examples.Count)
            {
                text.Append("| | | and ").Append(SummaryText.Number(count - examples.Count)).Append(" more | |\n");
            }
        }
    }

    /// <summary>Text that ends no cell, starts no markup and moves no cursor.</summary>
    internal static string Cell(string text)
    {
        var cell = new StringBuilder();
        foreach (var rune in PrintableText.Of(text).EnumerateRunes())
        {
            if (rune.IsAscii && "\\`*_{}[]<>|#&~".Contains((char)rune.Value))
            {
                cell.Append('\\');
            }

            cell.Append(rune);
        }

        return cell.ToString();
    }
}
