using System.Globalization;
using System.Text;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>
/// A picture by itself, for slides and READMEs: text, bars and waterfalls from top to bottom. It loads nothing, and follows the reader's choice of light or
/// dark.
/// </summary>
internal sealed class SvgPicture
{
    private const int Width = 1200, Margin = 36, Inner = Width - (2 * Margin);

    /// <summary>How wide a character is, as a part of the size of the font: near enough to break lines.</summary>
    private const double CharacterWidth = 0.54;

    private const string Style = """
        .paper { fill: var(--paper); }
        text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--ink); }
        .soft { fill: var(--soft); } .bold { font-weight: 600; }
        .tick { fill: var(--soft); font-size: 14px; }

        """;

    private readonly StringBuilder _body = new();
    private double _y = Margin;

    /// <summary>Writes text, in as many lines as it takes.</summary>
    /// <param name="text">The text.</param>
    /// <param name="size">Pixels of the font.</param>
    /// <param name="look">Its classes.</param>
    public void Text(string text, int size, string look = "")
    {
        foreach (var line in Lines(text, (int)(Inner / (size * CharacterWidth))))
        {
            _y += size * 1.3;
            WriteText(Margin, _y, size, look, line);
        }

        _y += size * 0.4;
    }

    /// <summary>Leaves room.</summary>
    public void Skip(int pixels) => _y += pixels;

    /// <summary>Draws a bar for each mode.</summary>
    public void Bars(ComparisonPoint point, Figure figure)
    {
        const int Size = 18, Names = 170, Values = 210;
        var most = point.Modes.Max(mode => mode.SpreadOf(figure)?.Max ?? 0);
        foreach (var mode in point.Modes)
        {
            var ratio = mode.RatioTo(figure) is { } found ? $", {FigureText.Ratio(found.Value)} times" : "";
            WriteText(Margin, _y + Size, Size, "bold", mode.Mode);
            WriteText(Width - Margin - Values, _y + Size, Size, "", CompareText.Median(mode, figure) + ratio);
            _body.Append(CultureInfo.InvariantCulture, $"<svg class=\"{HtmlPage.ColorOf(mode.Mode)}\" x=\"{Margin + Names}\" y=\"{_y:0.#}\" ")
                .Append(CultureInfo.InvariantCulture, $"width=\"{Inner - Names - Values - 20}\" height=\"{CompareHtmlBars.HeightOfBar}\">");
            CompareHtmlBars.WriteBar(_body, mode, figure, figure, most);
            _body.Append("</svg>\n");
            _y += CompareHtmlBars.HeightOfBar + 8;
        }

        _y += 8;
    }

    /// <summary>Draws waterfalls side by side, rows in the order in which they ended, with what stands above each, and what the colours mean.</summary>
    public void Waterfalls(params IReadOnlyList<(WaterfallPanel Panel, string Title)> drawings)
    {
        const int Gap = 32, Size = 17;
        Legend([.. drawings.Select(drawing => drawing.Panel)]);
        var width = (Inner - (Gap * (drawings.Count - 1))) / drawings.Count;
        foreach (var (place, (drawn, title)) in drawings.Index())
        {
            var panel = drawn with { Rows = [.. drawn.Rows.OrderBy(row => row.Transfer.End)] };
            var x = Margin + (place * (width + Gap));
            WriteText(x, _y + Size, Size, "bold", title);
            HtmlWaterfall.WriteDrawing(_body, panel, string.Create(
                CultureInfo.InvariantCulture, $"class=\"{panel.Look}\" x=\"{x}\" y=\"{_y + 30:0.#}\" width=\"{width}\" "));
        }

        _y += 30 + drawings.Max(drawing => HtmlWaterfall.HeightOf(drawing.Panel)) + 12;
    }

    /// <summary>The whole picture.</summary>
    public string End()
    {
        var height = string.Create(CultureInfo.InvariantCulture, $"{_y + Margin:0.#}");
        return $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{height}\" viewBox=\"0 0 {Width} {height}\" overflow=\"hidden\">\n"
            + $"<style>\n{HtmlStyle.Colors}{HtmlStyle.Marks}{Style}</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n{_body}</svg>\n";
    }

    private void Legend(IReadOnlyList<WaterfallPanel> panels)
    {
        const int Size = 15, Swatch = 14, Gap = 22;
        var entries = HtmlWaterfall.PhasesOf(panels).Select(PhaseDurations.NameOf).Select(name => ($"class=\"p-{name}\"", name))
            .Concat(HtmlWaterfall.KeysOf(panels).Select(key => (LookOf(key), key.Text)));
        var x = (double)Margin;
        _y += Size + 4;
        foreach (var (look, text) in entries)
        {
            var width = Swatch + 7 + (text.Length * Size * CharacterWidth);
            if (x + width > Width - Margin)
            {
                x = Margin;
                _y += Size * 1.5;
            }

            _body.Rect(look, HtmlText.Number(x), HtmlText.Number(_y - Swatch + 1), HtmlText.Number(Swatch), HtmlText.Number(Swatch));
            WriteText(x + Swatch + 7, _y, Size, "soft", text);
            x += width + Gap;
        }

        _y += 16;

        string LookOf(WaterfallKey key) => key.IsHatched
            ? $"fill=\"url(#{key.Name}-{panels.First(panel => HtmlWaterfall.KeysOf([panel]).Contains(key)).Id})\""
            : $"class=\"k-{key.Name}\"";
    }

    private void WriteText(double x, double y, int size, string look, string text) => _body
        .Append(CultureInfo.InvariantCulture, $"<text class=\"{look}\" x=\"{x:0.#}\" y=\"{y:0.#}\" font-size=\"{size}\">")
        .Append(HtmlText.Escape(text)).Append("</text>\n");

    private static IEnumerable<string> Lines(string text, int most)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > most)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        yield return line.ToString();
    }
}
