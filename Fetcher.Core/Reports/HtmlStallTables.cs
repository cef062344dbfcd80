using System.Text;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Core.Timing.Stalls;

namespace Fetcher.Core.Reports;

/// <summary>The tables of the pages that say who held the loops, and where their time went.</summary>
internal static class HtmlStallTables
{
    /// <summary>Rows of the table of blockers: more would push what follows off the screen.</summary>
    private const int MostBlockers = 10;

    /// <summary>With more loops than this the table has one column, their sum.</summary>
    private const int MostLoops = 4;

    /// <summary>What has a smaller share of the time in every column gets no row.</summary>
    private const double LeastShare = 0.001;

    /// <summary>Writes the sections of a run's page.</summary>
    public static void Write(StringBuilder html, RunSummary summary, RunRecord record)
    {
        html.Append("<section>\n<h2>What transfers waited for</h2>\n<div class=\"scroll\" tabindex=\"0\"><table>\n<tbody>\n");
        foreach (var (name, value) in StallText.Sums(summary, record))
        {
            html.Append($"<tr><th>{HtmlText.Escape(name)}</th><td class=\"text\">{HtmlText.Escape(value)}</td></tr>\n");
        }

        html.Append("</tbody>\n</table></div>\n</section>\n");
        if (record.Blockers.Count > 0)
        {
            html.Append("<section>\n<h2>Top blockers <small>and what they cost the transfers behind them</small></h2>\n");
            WriteBlockers(html, [.. record.Blockers.Take(MostBlockers)]);
            html.Append("</section>\n");
        }

        var isOne = record.Loops.Count is 1 or > MostLoops;
        html.Append(record.Loops.Count == 1 ? "<section>\n<h2>The loop's time</h2>\n" : "<section>\n<h2>The loops' time</h2>\n");
        WriteBudgets(html, isOne ? [("", record.Budget)] : [.. record.Loops.Select(loop => ($"loop {loop.Number}", loop.Budget))]);
        html.Append("</section>\n");
    }

    /// <summary>Writes a table of blockers, a row each: how long each held its loop, how many transfers waited behind it, and for how long together.</summary>
    public static void WriteBlockers(StringBuilder html, IReadOnlyList<Blocker> blockers)
    {
        html.Append("<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr><td></td><th>held</th><th>transfers</th><th>cost</th></tr></thead>\n<tbody>\n");
        foreach (var blocker in blockers)
        {
            html.Append($"<tr><th>{HtmlText.Escape(StallText.Name(blocker))}</th><td>{Time(blocker.Held)}</td>")
                .Append($"<td>{FigureText.Count(blocker.Stalled)}</td><td>{Time(blocker.Cost)}</td></tr>\n");
        }

        html.Append("</tbody>\n</table></div>\n");
    }

    /// <summary>Writes a table of what loops spent their time on, a column each with its time and its part of the whole.</summary>
    public static void WriteBudgets(StringBuilder html, IReadOnlyList<(string Name, IReadOnlyList<(string Name, long Nanoseconds)> Parts)> budgets)
    {
        html.Append("<div class=\"scroll\" tabindex=\"0\"><table>\n");
        if (budgets.Any(budget => budget.Name.Length > 0))
        {
            html.Append("<thead><tr><td></td>").AppendJoin("", budgets.Select(budget => $"<th colspan=\"2\">{HtmlText.Escape(budget.Name)}</th>")).Append("</tr></thead>\n");
        }

        html.Append("<tbody>\n");
        var columns = budgets.Select(budget => (Time: budget.Parts.ToDictionary(), Whole: Math.Max(1, budget.Parts.Sum(part => part.Nanoseconds)))).ToArray();
        foreach (var name in columns.SelectMany(column => column.Time.Keys).Distinct().OrderByDescending(Most).TakeWhile(name => Most(name) >= LeastShare))
        {
            html.Append($"<tr><th>{HtmlText.Escape(name)}</th>");
            foreach (var (time, whole) in columns)
            {
                var spent = time.GetValueOrDefault(name);
                html.Append($"<td>{Time(spent)}</td><td>{FigureText.Percent((double)spent / whole)}</td>");
            }

            html.Append("</tr>\n");
        }

        html.Append("</tbody>\n</table></div>\n");

        double Most(string name) => columns.Max(column => (double)column.Time.GetValueOrDefault(name) / column.Whole);
    }

    private static string Time(long nanoseconds) => nanoseconds == 0 ? "-" : FigureText.Duration(nanoseconds / 1e9);
}
