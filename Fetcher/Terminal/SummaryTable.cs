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
    /// <summary>Characters that the longest name of a time takes.</summary>
    private const int NameWidth = 18;

    /// <summary>Columns between the name of a fact and the fact.</summary>
    private const int FactGap = 2;

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
        var headline = new WrappedLine();
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
        if (SummaryText.Lead(run, summary) is { } lead)
        {
            console.Write(new WrappedLine().Append(lead));
        }

        console.WriteLine();
    }

    private void WriteTimes(IAnsiConsole console, RunSummary summary)
    {
        var shown = ShownColumns();
        var unit = TimeUnit.For(summary.TimeOf(TimeField.Total).Max);
        console.Write(new WrappedLine().Append(Line(unit.Symbol, column => SummaryText.Columns[column]), Faint));
        for (var field = TimeField.Queue; field <= TimeField.Total; field++)
        {
            var histogram = summary.TimeOf(field);
            var tone = histogram.Max == 0 ? Faint : field == TimeField.Total ? Strong : Style.Plain;
            var times = SummaryText.Distribution(histogram);
            var line = Line(TimeFields.NameOf(field), column => histogram.Count == 0 ? "-" : unit.Format(times[column]));
            console.Write(new WrappedLine().Append(line, tone));
        }

        string Line(string name, Func<int, string> cell) =>
            name.PadRight(NameWidth) + string.Concat(shown.Select(column => cell(column).PadLeft(TimeUnit.Width + 1)));
    }

    /// <summary>The columns for which the terminal is wide enough, the most telling ones first.</summary>
    private int[] ShownColumns()
    {
        string[] tell = ["p50", "p99", "max", "mean", "p90", "p95", "min", "p99.9", "p99.99"];
        var room = Math.Max(1, (style.Width - NameWidth) / (TimeUnit.Width + 1));
        return [.. tell.Select(name => SummaryText.Columns.Index().First(column => column.Item == name).Index).Take(room).Order()];
    }

    private static void WriteFailures(IAnsiConsole console, FailureLog failures)
    {
        foreach (var (kind, count) in failures.ByKind)
        {
            console.WriteLine();
            console.Write(new WrappedLine().Append(FetchError.NameOf(kind), Bad).Append($": {SummaryText.Number(count)} failed"));
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

    private void WriteFacts(IAnsiConsole console, RunInfo run, RunSummary summary)
    {
        console.WriteLine();
        var facts = SummaryText.Facts(run, summary).Select(fact => (fact.Name, Value: PrintableText.Of(fact.Value))).ToList();
        var column = facts.Max(fact => fact.Name.Length) + FactGap;
        if (facts.TrueForAll(fact => WrappedLine.IsAscii(fact.Value) && column + fact.Value.Length <= style.Width))
        {
            // As the grid has them, whose layout would be a tenth of a run of one URL.
            foreach (var (name, value) in facts)
            {
                console.Write(new WrappedLine().Append(name, Faint).Append(new string(' ', column - name.Length) + value));
            }

            return;
        }

        var grid = new Grid();
        grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, FactGap, 0) });
        grid.AddColumn(new GridColumn { Padding = new Padding(0, 0, 0, 0) });
        foreach (var (name, value) in facts)
        {
            grid.AddRow(new Text(name, Faint), new Text(value));
        }

        console.Write(grid);
    }
}
