using System.Globalization;
using Fetcher.Compare;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Terminal;
using Spectre.Console;

namespace Fetcher.Lesson;

/// <summary>The short form of the lesson, for the terminal: a chapter is its claim, a figure as bars, and what the figures say.</summary>
internal sealed class LessonTable(TerminalStyle style)
{
    private static readonly Style Strong = new(decoration: Decoration.Bold);
    private static readonly Style Shown = new(Color.Green), NotShown = new(Color.Yellow);

    /// <summary>A chapter.</summary>
    public string Of(Taught taught)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var console = style.CreateConsole(text);
        var chapter = taught.Chapter;
        Write(console, string.Create(CultureInfo.InvariantCulture, $"{chapter.Number}. {chapter.Title}"), Strong);
        Write(console, chapter.Claim, Style.Plain);
        console.WriteLine();
        if (taught.Measured is { Result: var result })
        {
            var table = new CompareTable(style);
            switch (chapter.Drawing)
            {
                case Drawing.Curves when result.Sweep!.Name == SweepText.Idle:
                    table.WriteFigure(console, result, "CPU a URL", Figure.CpuPerUrl);
                    break;
                case Drawing.Order:
                    WriteOrder(console, taught.Measured);
                    break;
                default:
                    table.WriteFigure(console, result, "wall", Figure.Wall);
                    break;
            }
        }

        Write(console, taught.Finding.Text, taught.Finding.IsShown ? Shown : NotShown);
        // The command is for copying: the terminal may break its line, we do not.
        return string.Concat(text.ToString().Split('\n').SkipLast(1).Select(line => line.TrimEnd(' ') + "\n")) + $"  {chapter.Command}\n\n";
    }

    private static void WriteOrder(IAnsiConsole console, Measured measured)
    {
        foreach (var (name, times) in new[]
        {
            ("completion", ResultOrders.Completion(measured)), ("input", ResultOrders.Input(measured)), ("all", ResultOrders.All(measured)),
        })
        {
            Write(console, $"{name,-12}" + string.Concat(times.Select(time => FigureText.Duration(time).PadLeft(8))), Style.Plain);
        }

        console.WriteLine();
    }

    private static void Write(IAnsiConsole console, string text, Style tone)
    {
        console.Write(new Paragraph(PrintableText.Of(text), tone));
        console.WriteLine();
    }
}
