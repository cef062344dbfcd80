using System.Globalization;
using System.Text;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Lesson;

/// <summary>The lesson as one page: a chapter is a claim, the lines that matter, the command, the figure, and what it says.</summary>
internal static class LessonHtml
{
    /// <summary>The page.</summary>
    public static string Of(IReadOnlyList<Taught> lesson)
    {
        var html = new StringBuilder();
        HtmlPage.Begin(html, "Waiting - fetcher lesson");
        html.Append("<header>\n<p class=\"kicker\">fetcher lesson</p>\n<h1>Waiting for many at once, measured on this machine</h1>\n")
            .Append("<p class=\"lead\">Every figure below was measured when this page was made, against an origin on loopback whose paths are as slow as real ")
            .Append("ones. Every sentence below a figure was made from it, and says so where it does not support the claim.</p>\n<ol class=\"chapters\">");
        foreach (var (chapter, _, _) in lesson)
        {
            html.Append(CultureInfo.InvariantCulture, $"<li value=\"{chapter.Number}\"><a href=\"#c{chapter.Number}\">{HtmlText.Escape(chapter.Title)}</a></li>");
        }

        html.Append("</ol>\n</header>\n");
        foreach (var taught in lesson)
        {
            WriteChapter(html, taught);
        }

        WriteNotes(html, lesson);
        HtmlPage.End(html);
        return html.ToString();
    }

    private static void WriteChapter(StringBuilder html, Taught taught)
    {
        var chapter = taught.Chapter;
        html.Append(CultureInfo.InvariantCulture, $"<section id=\"c{chapter.Number}\">\n<h2>{chapter.Number}. {HtmlText.Escape(chapter.Title)}</h2>\n")
            .Append($"<p class=\"lead\">{HtmlText.Escape(chapter.Claim)}</p>\n");
        foreach (var snippet in chapter.Code)
        {
            html.Append($"<pre tabindex=\"0\"><small>{HtmlText.Escape(snippet.Place)}</small><code>{Lines(snippet.Text)}</code></pre>\n");
        }

        if (taught.Measured is { } measured)
        {
            WriteFigure(html, chapter, measured);
        }

        html.Append($"<p class=\"lead finding{(taught.Finding.IsShown ? "" : " not")}\">{HtmlText.Escape(taught.Finding.Text)}</p>\n")
            .Append($"<pre class=\"wrap\"><small>To repeat it:</small><code>{Lines(chapter.Command)}</code></pre>\n</section>\n");
    }

    /// <summary>Text with its lines: what is between them is escaped.</summary>
    private static string Lines(string text) => string.Join('\n', text.Split('\n').Select(HtmlText.Escape));

    private static void WriteFigure(StringBuilder html, Chapter chapter, Measured measured)
    {
        var point = measured.First;
        switch (chapter.Drawing)
        {
            case Drawing.Curves:
                CompareHtmlCurves.WriteLegend(html, measured.Result);
                html.Append("<div class=\"cards\">\n");
                CompareHtmlCurves.WriteWall(html, measured.Result);
                CompareHtmlCurves.WriteCpuPerUrl(html, measured.Result);
                html.Append("</div>\n");
                return;
            case Drawing.Order:
                WriteOrder(html, measured);
                break;
            default:
                html.Append("<div class=\"cards\">\n");
                CompareHtmlBars.WriteWall(html, point);
                CompareHtmlBars.WriteCpu(html, point);
                html.Append("</div>\n");
                break;
        }

        var drawn = point.Modes.Select(mode => (mode.Mode, Round: mode.Typical())).Where(each => each.Round is { Timeline.Count: > 0 }).ToArray();
        if (chapter.Drawing != Drawing.Bars && drawn.Length > 0)
        {
            CompareHtmlWaterfall.WritePanels(
                html, [.. drawn.Select(each => (each.Mode, each.Round!))], string.Create(CultureInfo.InvariantCulture, $"c{chapter.Number}-"));
        }
    }

    private static void WriteOrder(StringBuilder html, Measured measured)
    {
        html.Append("<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr><th>a result can be used after</th>")
            .AppendJoin("", Enumerable.Range(1, measured.First.Modes[0].Typical()!.Timeline.Count).Select(place => $"<th>{place}</th>"))
            .Append("</tr></thead>\n<tbody>\n");
        foreach (var (name, times) in new[]
        {
            ("in the order of completion", ResultOrders.Completion(measured)),
            ("in the order of the list", ResultOrders.Input(measured)),
            ("when all are there", ResultOrders.All(measured)),
        })
        {
            html.Append($"<tr><th>{name}</th>").AppendJoin("", times.Select(time => $"<td>{FigureText.Duration(time)}</td>")).Append("</tr>\n");
        }

        html.Append("</tbody>\n</table></div>\n");
    }

    private static void WriteNotes(StringBuilder html, IReadOnlyList<Taught> lesson)
    {
        html.Append("<footer>\n<p>Each round ran in a process of its own, the modes in turn. Bars and lines are medians, dots are single rounds, ")
            .Append("the waterfalls are of the round nearest to the median. The lines of code are those of this program.</p>\n");
        if (lesson.Select(taught => taught.Measured?.Result).OfType<ComparisonResult>().FirstOrDefault() is { } result)
        {
            var started = result.Run.Started.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
            html.Append($"<p>{HtmlText.Escape($"{CompareText.Machine(result)}; {started}")}</p>\n");
        }

        html.Append("</footer>\n");
    }
}
