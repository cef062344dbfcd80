using System.Buffers;
using System.Globalization;
using System.Text;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Terminal;
using Spectre.Console;

namespace Fetcher.Compare;

/// <summary>
/// The comparison for people, the default: what it shows in words, wall and CPU time as bars, and what each mode cost. Fits 80 columns; a
/// narrower terminal has fewer of its own.
/// </summary>
internal sealed class CompareTable(TerminalStyle style)
{
    private static readonly Style Bad = new(Color.Red, decoration: Decoration.Bold);
    private static readonly Style Strong = new(decoration: Decoration.Bold);
    private static readonly Style Faint = new(decoration: Decoration.Dim);
    private static readonly Color[] Colors =
        [Color.Yellow, Color.Aqua, Color.Fuchsia, Color.Green, Color.Blue, Color.Olive, Color.Teal, Color.Purple, Color.Silver];

    private static readonly (string Label, Figure Figure)[] Cost =
    [
        ("user", Figure.CpuUser), ("system", Figure.CpuSystem), ("vol.", Figure.VoluntarySwitches), ("invol.", Figure.InvoluntarySwitches),
        ("memory", Figure.MaxRss), ("calls/URL", Figure.SyscallsPerUrl), ("bytes/read", Figure.BytesPerRead),
    ];

    /// <summary>Writes it in the style of standard output.</summary>
    public static void Write(IBufferWriter<byte> output, ComparisonResult result) =>
        new CompareTable(TerminalStyle.OfStandardOutput()).WriteTo(output, result);

    /// <summary>Writes it.</summary>
    public void WriteTo(IBufferWriter<byte> output, ComparisonResult result)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var console = style.CreateConsole(text);
        WriteWords(console, result);
        if (result.Points is [{ Value: null } only])
        {
            WriteBars(console, "wall", Figure.Wall, only);
            WriteBars(console, "CPU", Figure.Cpu, only);
            WriteCost(console, only);
            WriteStalls(console, only);
            WriteStreams(console, only);
            WriteSystemCalls(console, only);
        }
        else
        {
            WriteCurves(console, result, "wall", Figure.Wall);
            WriteCurves(console, result, "CPU a URL", Figure.CpuPerUrl);
        }

        foreach (var note in CompareText.Notes(result))
        {
            console.Write(new Paragraph(PrintableText.Of(note), Faint));
            console.WriteLine();
        }

        if (CompareText.Watching(result) is { } watching)
        {
            console.Write(new Paragraph(PrintableText.Of(watching), Faint));
            console.WriteLine();
        }

        console.Write(new Text(PrintableText.Of(CompareText.Machine(result)), Faint));
        foreach (var line in text.ToString().TrimEnd('\n').Split('\n'))
        {
            Encoding.UTF8.GetBytes(line.TrimEnd(' ') + "\n", output);
        }
    }

    /// <summary>Draws one figure: a bar for each mode, and for each value of the sweep.</summary>
    public void WriteFigure(IAnsiConsole console, ComparisonResult result, string title, Figure figure)
    {
        if (result.Sweep is null)
        {
            WriteBars(console, title, figure, result.Points[0]);
        }
        else
        {
            WriteCurves(console, result, title, figure);
        }
    }

    private static void WriteWords(IAnsiConsole console, ComparisonResult result)
    {
        WriteParagraph(console, CompareText.Headline(result), Style.Plain);
        foreach (var sentence in Conclusions.Of(result))
        {
            WriteParagraph(console, sentence, Strong);
        }

        foreach (var problem in CompareText.Problems(result))
        {
            WriteParagraph(console, problem, Bad);
        }

        console.WriteLine();
    }

    private static void WriteParagraph(IAnsiConsole console, string text, Style tone)
    {
        console.Write(new Paragraph(PrintableText.Of(text), tone));
        console.WriteLine();
    }

    /// <summary>Columns below which there is no room for bars, intervals and words beside the figures.</summary>
    private const int Narrow = 64;

    private bool IsNarrow => style.Width < Narrow;

    private void WriteBars(IAnsiConsole console, string title, Figure figure, ComparisonPoint point)
    {
        var grid = IsNarrow ? NewGrid(left: 1, right: 2) : NewGrid(left: 2, right: 2);
        Text[] head = [Faintly(title), Faintly(""), Faintly("median"), Faintly($"times {point.Modes[0].Mode}")];
        grid.AddRow(IsNarrow ? [head[0], head[2], Faintly("times")] : head);
        AddBars(grid, figure, point, label: null, most: Most(point, figure));
        console.Write(grid);
        console.WriteLine();
    }

    private void WriteCurves(IAnsiConsole console, ComparisonResult result, string title, Figure figure)
    {
        var grid = IsNarrow ? NewGrid(left: 2, right: 2) : NewGrid(left: 3, right: 2);
        Text[] head = [Faintly(result.Sweep!.Name), Faintly(title), Faintly(""), Faintly("median"), Faintly($"times {result.Modes[0]}")];
        if (IsNarrow)
        {
            console.Write(head[0]);
            console.WriteLine();
        }

        grid.AddRow(IsNarrow ? [Faintly(""), head[1], head[3], Faintly("times")] : head);
        foreach (var point in result.Points)
        {
            AddBars(grid, figure, point, result.Sweep!.ValueText(point.Value!.Value), result.Points.Max(each => Most(each, figure)));
        }

        console.Write(grid);
        console.WriteLine();
    }

    private void AddBars(Grid grid, Figure figure, ComparisonPoint point, string? label, double most)
    {
        var names = point.Modes.Max(mode => mode.Mode.Length);
        var width = Math.Max(8, style.Width - names - (label is null ? 37 : 50));
        foreach (var (place, mode) in point.Modes.Index())
        {
            var bar = Bar(mode.SpreadOf(figure)?.Median ?? 0, most, width);
            Text[] cells =
            [
                new(mode.Mode),
                new(bar, new Style(Colors[place % Colors.Length])),
                new(CompareText.Median(mode, figure), Strong),
                new(mode == point.Modes[0] ? "" : IsNarrow ? mode.RatioTo(figure) is { } ratio ? FigureText.Ratio(ratio.Value) : "-" : CompareText.Ratio(mode, figure)),
            ];
            cells = IsNarrow ? [cells[0], .. cells[2..]] : cells;
            grid.AddRow(label is null ? cells : [Faintly(place == 0 ? label : ""), .. cells]);
        }
    }

    private void WriteCost(IAnsiConsole console, ComparisonPoint point)
    {
        const int Column = 10;
        var cost = Cost.Take(Math.Max(1, (style.Width - point.Modes.Max(mode => mode.Mode.Length) + 8) / Column)).ToArray();
        var grid = new Grid { Expand = false };
        grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 0, 0) });
        foreach (var _ in cost)
        {
            grid.AddColumn(new GridColumn { Alignment = Justify.Right, NoWrap = true, Padding = new Padding(2, 0, 0, 0) });
        }

        grid.AddRow([Faintly("cost"), .. cost.Select(each => Faintly(each.Label))]);
        foreach (var mode in point.Modes)
        {
            grid.AddRow([new Text(mode.Mode), .. cost.Select(each => new Text(CompareText.Median(mode, each.Figure)))]);
        }

        console.Write(grid);
        console.WriteLine();
    }

    private void WriteStalls(IAnsiConsole console, ComparisonPoint point)
    {
        if (point.Modes.All(mode => mode.SpreadOf(Figure.ClientStall) is null))
        {
            return;
        }

        var grid = IsNarrow ? NewGrid(left: 1, right: 2) : NewGrid(left: 1, right: 3);
        grid.Columns[^1].NoWrap = IsNarrow;
        Text[] head = [Faintly("stalls"), Faintly("client stall"), Faintly(IsNarrow ? "lost" : "parallelism lost"), Faintly("worst blocker, and its cost")];
        grid.AddRow(IsNarrow ? head[..3] : head);
        foreach (var mode in point.Modes)
        {
            Text[] cells =
            [
                new(mode.Mode),
                new(CompareText.Median(mode, Figure.ClientStall)),
                new(CompareText.Median(mode, Figure.ParallelismLost)),
                new(CompareText.WorstBlocker(mode)),
            ];
            grid.AddRow(IsNarrow ? cells[..3] : cells);
        }

        console.Write(grid);
        console.WriteLine();
    }

    private void WriteStreams(IAnsiConsole console, ComparisonPoint point)
    {
        if (!CompareText.HasHttp2(point))
        {
            return;
        }

        var grid = IsNarrow ? NewGrid(left: 1, right: 4) : NewGrid(left: 1, right: 5);
        grid.Columns[^1].NoWrap = IsNarrow;
        Text[] head =
        [
            Faintly("HTTP/2"), Faintly("HTTP"), Faintly(IsNarrow ? "conns" : "connections"), Faintly("streams"),
            Faintly(IsNarrow ? "closed" : "windows closed"), Faintly("most by the body of"),
        ];
        grid.AddRow(IsNarrow ? head[..5] : head);
        foreach (var mode in point.Modes)
        {
            Text[] cells =
            [
                new(mode.Mode),
                new(CompareText.Versions(mode)),
                new(CompareText.Median(mode, Figure.Connections)),
                new(CompareText.Median(mode, Figure.Streams)),
                new(CompareText.Median(mode, Figure.WindowsClosed)),
                new(PrintableText.Of(CompareText.WorstUnread(mode))),
            ];
            grid.AddRow(IsNarrow ? cells[..5] : cells);
        }

        console.Write(grid);
        console.WriteLine();
    }

    private static void WriteSystemCalls(IAnsiConsole console, ComparisonPoint point)
    {
        var grid = NewGrid(left: 2, right: 0);
        grid.AddRow(Faintly("calls/URL"), Faintly(""));
        foreach (var mode in point.Modes)
        {
            grid.AddRow(new Text(mode.Mode), new Text(CompareText.SystemCallList(mode)));
        }

        console.Write(grid);
        console.WriteLine();
    }

    private static Grid NewGrid(int left, int right)
    {
        var grid = new Grid { Expand = false };
        for (var column = 0; column < left + right; column++)
        {
            grid.AddColumn(new GridColumn
            {
                NoWrap = right > 0 || column == 0,
                Alignment = column >= left && column < left + right - 1 ? Justify.Right : Justify.Left,
                Padding = new Padding(0, 0, 2, 0),
            });
        }

        return grid;
    }

    private static double Most(ComparisonPoint point, Figure figure) => point.Modes.Max(mode => mode.SpreadOf(figure)?.Median ?? 0);

    /// <summary>A bar to the eighth of a column; what is not nothing has at least one of them.</summary>
    private static string Bar(double value, double most, int width)
    {
        const string Eighths = "▏▎▍▌▋▊▉";
        var eighths = most > 0 && value > 0 ? Math.Max(1, (int)Math.Round(value / most * width * 8)) : 0;
        var rest = eighths % 8;
        return new string('█', eighths / 8) + (rest > 0 ? Eighths[rest - 1] : "");
    }

    private static Text Faintly(string text) => new(text, Faint);
}
