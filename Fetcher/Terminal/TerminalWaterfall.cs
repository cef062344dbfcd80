using System.Globalization;
using System.Text;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;
using Spectre.Console;

namespace Fetcher.Terminal;

/// <summary>
/// Draws a waterfall with letters: a transfer a line, each phase with a sign and a colour of its own, so that it can be read without colours too.
/// </summary>
internal sealed class TerminalWaterfall
{
    /// <summary>Most transfers drawn: as many as fit a screen.</summary>
    public const int MostRows = 32;

    private const int Gap = 2;
    private const int LongestTime = 8;

    private static readonly Style Faint = new(decoration: Decoration.Dim);

    /// <summary>The signs of the phases, in their order.</summary>
    private static readonly Sign[] Signs =
    [
        new('·', Color.Grey, "queue"), new(':', Color.Grey, "robots"), new('-', Color.Silver, "earlier"), new('~', Color.Teal, "dns"), new('=', Color.Olive, "connect"),
        new('#', Color.Purple, "tls"), new('░', Color.Blue, "wait"), new('█', Color.Blue, "receive"),
    ];

    private readonly IAnsiConsole _console;
    private readonly WaterfallPanel _panel;
    private readonly SortedDictionary<string, Sign> _used = new(StringComparer.Ordinal);
    private readonly int _indexWidth;
    private readonly int _nameWidth;
    private readonly int _behindWidth;
    private readonly int _cells;

    public TerminalWaterfall(IAnsiConsole console, WaterfallPanel panel)
    {
        _console = console;
        _panel = panel;
        var width = console.Profile.Width;
        _indexWidth = panel.Rows.Max(row => row.Transfer.Index).ToString(CultureInfo.InvariantCulture).Length;
        _nameWidth = Math.Min(Math.Max(panel.Rows.Max(row => NameOf(row).GetCellWidth()), 6), width / 3);
        _behindWidth = panel.Rows.Select(BehindOf).Max(text => text.Length) is var longest && longest > 0 ? longest + 1 : 0;
        _cells = Math.Max(8, width - _nameWidth - (2 * Gap) - LongestTime - _behindWidth);
    }

    /// <summary>Writes it, with a line that says what is drawn.</summary>
    public void Write(string caption)
    {
        _console.WriteLine();
        _console.Write(new Paragraph(caption + "."));
        _console.WriteLine();
        WriteAxis();
        foreach (var lane in _panel.Lanes.Where(lane => lane.Spans.Count > 0))
        {
            var cells = new Sign?[_cells];
            Paint(cells, lane.Spans);
            WriteLine(lane.Name, cells, "", "");
        }

        foreach (var row in _panel.Rows)
        {
            WriteRow(row);
        }

        WriteLegend();
    }

    private void WriteRow(WaterfallRow row)
    {
        var transfer = row.Transfer;
        var cells = new Sign?[_cells];
        var start = transfer.Start;
        for (var phase = Phase.Queue; phase <= Phase.Receive; phase++)
        {
            var end = start + transfer.Phases[phase];
            Fill(cells, start, end, Signs[(int)phase]);
            start = end;
        }

        if (Array.TrueForAll(cells, cell => cell is null))
        {
            // However short it was, it was there.
            cells[CellOf(transfer.Start)] = Use(Signs[(int)Enum.GetValues<Phase>().MaxBy(phase => transfer.Phases[phase])]);
        }

        Paint(cells, row.Marks);
        var time = transfer.Ok ? FigureText.Duration(transfer.Phases.Total / 1e9) : "failed";
        WriteLine(NameOf(row), cells, time, BehindOf(row));
    }

    private void Paint(Sign?[] cells, IReadOnlyList<WaterfallSpan> spans)
    {
        foreach (var span in spans)
        {
            var sign = span.Key.Name switch
            {
                "stall" => new Sign('╱', Color.Red, span.Key.Text),
                "hatch" => new Sign('▚', Color.Maroon, "the loop stands in a blocking read"),
                _ => new Sign('▪', Color.Grey, "the loop is busy"),
            };
            Fill(cells, span.Start, span.End, sign);
        }
    }

    /// <summary>Gives the cells whose middle lies within the stretch the sign.</summary>
    private void Fill(Sign?[] cells, long start, long end, Sign sign)
    {
        var from = (int)Math.Clamp(Math.Ceiling(PlaceOf(start) - 0.5), 0, _cells);
        var to = (int)Math.Clamp(Math.Ceiling(PlaceOf(end) - 0.5), 0, _cells);
        for (var cell = from; cell < to; cell++)
        {
            cells[cell] = Use(sign);
        }
    }

    private double PlaceOf(long time) => time / 1e9 / _panel.Seconds * _cells;

    private int CellOf(long time) => (int)Math.Clamp(PlaceOf(time), 0, _cells - 1);

    private Sign Use(Sign sign)
    {
        _used.TryAdd(sign.Text, sign);
        return sign;
    }

    private void WriteAxis()
    {
        var axis = new char[_cells + Gap + LongestTime];
        Array.Fill(axis, ' ');
        foreach (var tick in ChartAxis.OfTime(_panel.Seconds).Ticks)
        {
            var label = ChartAxis.Duration(tick);
            var place = (int)(tick / _panel.Seconds * _cells);
            if (place + label.Length < axis.Length && (place == 0 || axis[place - 1] == ' '))
            {
                label.CopyTo(0, axis, place, label.Length);
            }
        }

        Line([(new string(' ', _nameWidth + Gap) + new string(axis).TrimEnd(), Faint)]);
    }

    private void WriteLine(string name, Sign?[] cells, string time, string behind)
    {
        var parts = new List<(string, Style)> { (Fit(name, _nameWidth) + new string(' ', Gap), Style.Plain) };
        for (var cell = 0; cell < cells.Length;)
        {
            var sign = cells[cell];
            var end = cell + 1;
            while (end < cells.Length && cells[end] == sign)
            {
                end++;
            }

            parts.Add((new string(sign?.Letter ?? ' ', end - cell), sign is null ? Style.Plain : new Style(sign.Color)));
            cell = end;
        }

        parts.Add((time.PadLeft(LongestTime + Gap), Style.Plain));
        parts.Add((behind.Length > 0 ? " " + behind : "", new Style(Color.Red)));
        Line(parts);
    }

    /// <summary>One line as it is: a paragraph would break it at its spaces.</summary>
    private void Line(IEnumerable<(string Text, Style Style)> parts)
    {
        foreach (var (text, style) in parts)
        {
            _console.Write(text, style);
        }

        _console.WriteLine();
    }

    private void WriteLegend()
    {
        var legend = new Paragraph();
        foreach (var sign in Signs.Where(sign => _used.ContainsKey(sign.Text)).Concat(_used.Values.Where(sign => !Signs.Contains(sign))))
        {
            legend.Append($"{sign.Letter}", new Style(sign.Color)).Append($" {sign.Text}  ", Faint);
        }

        if (_behindWidth > 0)
        {
            legend.Append("<", new Style(Color.Red)).Append(" the transfer it waited behind for longest", Faint);
        }

        _console.Write(legend);
        _console.WriteLine();
    }

    /// <summary>Text of so many columns; letters of other scripts may take two.</summary>
    private static string Fit(string text, int width)
    {
        if (text.GetCellWidth() is var whole && whole <= width)
        {
            return text + new string(' ', width - whole);
        }

        var kept = new StringBuilder();
        var used = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var next = rune.ToString().GetCellWidth();
            if (used + next > width - 1)
            {
                break;
            }

            kept.Append(rune);
            used += next;
        }

        return kept.Append('…').Append(' ', width - 1 - used).ToString();
    }

    /// <summary>Its number in the work, and the URL without its scheme.</summary>
    private string NameOf(WaterfallRow row)
    {
        var url = row.Transfer.Url;
        var name = url.IndexOf("://", StringComparison.Ordinal) is var colon and >= 0 ? url[(colon + 3)..] : url;
        var index = row.Transfer.Index.ToString(CultureInfo.InvariantCulture).PadLeft(_indexWidth);
        return PrintableText.Of($"{index} {name}");
    }

    private static string BehindOf(WaterfallRow row)
    {
        var longest = row.Marks.Where(mark => mark.Behind >= 0).OrderByDescending(mark => mark.End - mark.Start).FirstOrDefault();
        return longest.Key is null ? "" : $"< {longest.Behind}";
    }

    /// <summary>How something is drawn.</summary>
    private sealed record Sign(char Letter, Color Color, string Text);
}
