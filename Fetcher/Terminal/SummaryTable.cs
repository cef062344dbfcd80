using System.Buffers;
using System.Globalization;
using System.Text;
using Fetcher.Core;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing;
using Spectre.Console;

namespace Fetcher.Terminal;

/// <summary>
/// The report for people, the default: what came of the run in one line, where the time went, the times, the failures, the cost; and, when a sample of
/// the transfers is given to fill, a waterfall of them.
/// </summary>
internal sealed class SummaryTable(TerminalStyle style, TransferSample? sample = null) : IReportWriter
{
    private static readonly Style Good = new(Color.Green);
    private static readonly Style Bad = new(Color.Red, decoration: Decoration.Bold);
    private static readonly Style Strong = new(decoration: Decoration.Bold);
    private static readonly Style Faint = new(decoration: Decoration.Dim);

    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output, RunInfo run)
    {
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, FetchResult result) => sample?.Add(result);

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var console = style.CreateConsole(text);
        WriteHeadline(console, run, summary);
        WriteTimes(console, summary);
        WriteFailures(console, summary.Failures);
        WriteFacts(console, run, summary);
        if (sample is { Count: > 0 })
        {
            new TerminalWaterfall(console, RunWaterfall.Panel(run, summary, sample)).Write(RunWaterfall.Caption(summary, sample));
        }

        foreach (var line in text.ToString().TrimEnd('\n').Split('\n'))
        {
            Encoding.UTF8.GetBytes(line.TrimEnd(' ') + "\n", output);
        }
    }

    private static void WriteHeadline(IAnsiConsole console, RunInfo run, RunSummary summary)
    {
        var headline = new Paragraph();
        foreach (var (part, tone) in SummaryText.Headline(run, summary))
        {
            headline.Append(part, tone switch
            {
                Tone.Strong => Strong,
                Tone.Good => Good,
                Tone.Bad => Bad,
                _ => Style.Plain,
            });
        }

        console.Write(headline);
        console.WriteLine();
        if (SummaryText.Dominance(summary) is { } dominance)
        {
            console.Write(new Paragraph(dominance));
            console.WriteLine();
        }

        console.WriteLine();
    }

    private static void WriteTimes(IAnsiConsole console, RunSummary summary)
    {
        var unit = TimeUnit.For(summary.TimeOf(TimeField.Total).Max);
        var table = new Table { Border = TableBorder.None };
        table.AddColumn(new TableColumn(new Text(unit.Symbol, Faint)) { NoWrap = true, Padding = new Padding(0, 0, 1, 0), Width = 18 });
        foreach (var name in SummaryText.Columns)
        {
            var header = new Text(name, Faint);
            var padding = new Padding(1, 0, 0, 0);
            table.AddColumn(new TableColumn(header) { Alignment = Justify.Right, NoWrap = true, Padding = padding, Width = 9 });
        }

        for (var field = TimeField.Queue; field <= TimeField.Total; field++)
        {
            var histogram = summary.TimeOf(field);
            var tone = histogram.Max == 0 ? Faint : field == TimeField.Total ? Strong : Style.Plain;
            var values = histogram.Count == 0 ? SummaryText.Columns.Select(_ => "-") : SummaryText.Distribution(histogram).Select(unit.Format);
            table.AddRow([new Text(TimeFields.NameOf(field), tone), .. values.Select(value => new Text(value, tone))]);
        }

        console.Write(table);
    }

    private static void WriteFailures(IAnsiConsole console, FailureLog failures)
    {
        foreach (var (kind, count) in failures.ByKind)
        {
            console.WriteLine();
            console.Write(new Paragraph(FetchError.NameOf(kind), Bad).Append($": {SummaryText.Number(count)} failed"));
            console.WriteLine();
            var examples = failures.ExamplesOf(kind);
            foreach (var example in examples)
            {
                var line = new Paragraph(PrintableText.Of(example.Url)).Append("  " + PrintableText.Of(example.Message), Faint);
                console.Write(new Padder(line, new Padding(2, 0, 0, 0)));
            }

            if (count > examples.Count)
            {
                console.Write(new Text($"  and {SummaryText.Number(count - examples.Count)} more\n", Faint));
            }
        }
    }

    private static void WriteFacts(IAnsiConsole console, RunInfo run, RunSummary summary)
    {
        console.WriteLine();
        var grid = new Grid();
        grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 2, 0) });
        grid.AddColumn(new GridColumn { Padding = new Padding(0, 0, 0, 0) });
        foreach (var (name, value) in SummaryText.Facts(run, summary))
        {
            grid.AddRow(new Text(name, Faint), new Text(PrintableText.Of(value)));
        }

        console.Write(grid);
    }
}
