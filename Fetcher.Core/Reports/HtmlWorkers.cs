using System.Globalization;
using System.Text;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>The workers of a shared job as lanes on one time line: how many transfers each had in flight, and where its URLs failed.</summary>
internal static class HtmlWorkers
{
    private const int Height = 30, MostLanes = 64;

    /// <summary>Writes the section, when there were workers.</summary>
    public static void Write(StringBuilder html, RunInfo run, WorkerCourse course)
    {
        var lanes = course.Lanes;
        if (lanes.Count == 0)
        {
            return;
        }

        var steps = Math.Max(1, (int)((course.End + course.Step - 1) / course.Step));
        var most = Math.Max(1, lanes.Max(lane => lane.Busy.Max()));
        var left = lanes.Count - MostLanes;
        html.Append("<section>\n<h2>Workers</h2>\n")
            .Append($"<figure class=\"{HtmlPage.ColorOf(run.Mode)} lanes\">\n<figcaption>Transfers in flight at each worker, at most ")
            .Append(SummaryText.Rate((double)most / course.Step)).Append(" at once, on the time line of the job")
            .Append(left > 0 ? $"; {FigureText.Count(left)} more workers are not drawn" : "").Append("</figcaption>\n");
        foreach (var lane in lanes.Take(MostLanes))
        {
            WriteLane(html, lane, steps, most);
        }

        html.Append("<div class=\"xs ends\">");
        foreach (var place in (double[])[0, 0.5, 1])
        {
            html.Append($"<span style=\"left:{HtmlText.Percent(place)}\">{ChartAxis.Duration(Math.Round(place * steps * course.Step / 1e9, 3))}</span>");
        }

        html.Append("</div>\n</figure>\n</section>\n");
    }

    private static void WriteLane(StringBuilder html, WorkerCourse.Lane lane, int steps, long most)
    {
        var facts = $"{FigureText.Count(lane.Count)} URL{(lane.Count == 1 ? "" : "s")}{(lane.Failed == 0 ? "" : $", {FigureText.Count(lane.Failed)} failed")}, "
            + $"from {FigureText.Duration(lane.From / 1e9)} to {FigureText.Duration(lane.To / 1e9)}";
        html.Append($"<p><b>{HtmlText.Escape(lane.Name)}</b> {HtmlText.Escape(facts)}</p>\n")
            .Append(CultureInfo.InvariantCulture, $"<svg height=\"{Height}\" viewBox=\"0 0 {steps} {Height}\" preserveAspectRatio=\"none\" role=\"img\" ")
            .Append($"aria-label=\"{HtmlText.Escape($"Transfers in flight at {lane.Name}")}\">");
        html.Rect("class=\"track\"", "0", "0", $"{steps}", $"{Height}");

        // One outline for all: a rectangle a step would be most of the page.
        html.Append("<path class=\"solid\" d=\"M0 ").Append(Height);
        for (var step = 0; step < steps; step++)
        {
            var busy = lane.Busy[step];
            html.Append(" V").Append(HtmlText.Number(busy == 0 ? Height : Math.Min(Height - 1, Height * (1 - ((double)busy / most))))).Append(" H").Append(step + 1);
        }

        html.Append(" V").Append(Height).Append(" Z\"/>");
        foreach (var (step, failed) in lane.FailedIn.Take(steps).Index().Where(step => step.Item > 0))
        {
            html.Append($"<g><title>{FigureText.Count(failed)} failed</title>");
            html.Rect("class=\"failed\"", $"{step}", "0", "1", "6");
            html.Append("</g>");
        }

        html.Append("</svg>\n");
    }
}
