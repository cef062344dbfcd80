using System.Buffers;
using System.Globalization;
using System.Text;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>
/// A run as one HTML page: where the time went, the transfers as a waterfall, the times, the failures, the cost. Of a long run it draws the slowest
/// transfers and an even sample of the others, and says so.
/// </summary>
internal sealed class HtmlReport : IReportWriter
{
    private const int Slowest = 100;
    private const int Others = 150;

    private readonly TransferSample _sample = new(Slowest, Others);
    private readonly RunCourse _course = new();
    private readonly WorkerCourse _workers = new();
    private readonly RunSeries _series = new();

    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output, RunInfo run)
    {
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, FetchResult result)
    {
        _sample.Add(result);
        _series.Add(result);
        if (result.IsTransfer)
        {
            _course.Add(result.Start + result.TimeTotal, result.Ok);
            _workers.Add(result);
        }
    }

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary)
    {
        var html = new StringBuilder();
        var outcome = SummaryText.Outcome(summary);
        HtmlPage.Begin(html, $"{outcome} - fetcher");
        WriteHead(html, run, summary, outcome);
        WriteShares(html, summary);
        HtmlRunTables.WriteFailures(html, summary.Failures);
        var seconds = _series.ToList();
        var isDrawnInPart = _sample.Count > _sample.SlowestKept + _sample.OthersKept;
        if (isDrawnInPart)
        {
            HtmlCourse.Write(html, summary, _course, seconds);
        }

        HtmlWorkers.Write(html, run, _workers);
        WriteWaterfall(html, run, summary);
        if (!isDrawnInPart && seconds.Count >= HtmlCourse.LeastSeconds)
        {
            // Every transfer has its row, which says more.
            HtmlCourse.Write(html, summary, _course, seconds);
        }

        if (summary.RunRecord is { } record)
        {
            HtmlStallTables.Write(html, summary, record);
        }

        HtmlRunTables.Write(html, run, summary);
        WriteNotes(html, run);
        HtmlPage.End(html);
        Encoding.UTF8.GetBytes(html.ToString(), output);
    }

    private static void WriteHead(StringBuilder html, RunInfo run, RunSummary summary, string outcome)
    {
        html.Append($"<header>\n<p class=\"kicker\">fetcher, {HtmlText.Escape(run.How)}</p>\n")
            .Append($"<h1>{HtmlText.Escape(outcome)}</h1>\n");
        if (SummaryText.Lead(run, summary) is { } lead)
        {
            html.Append($"<p class=\"lead\">{HtmlText.Escape(lead)}</p>\n");
        }

        var rate = $"{SummaryText.Rate(summary.RequestsPerSecond)} requests/s, {SummaryText.Bytes(summary.BytesDownloaded)}, "
            + $"{SummaryText.Bytes(summary.BytesPerSecond)}/s{(run.IsShared ? "" : $", {FigureText.Count(run.Options.Concurrency)} at once")}";
        html.Append($"<p class=\"facts\">{HtmlText.Escape(rate)}</p>\n</header>\n");
    }

    private static void WriteShares(StringBuilder html, RunSummary summary)
    {
        if (summary.DominantPhase is null)
        {
            return;
        }

        var phases = Enum.GetValues<Phase>().Where(phase => summary.ShareOf(phase) >= FigureText.LeastPercent).ToArray();
        html.Append("<section>\n<h2>Where the transfers' time went</h2>\n<div class=\"shares\">");
        foreach (var phase in phases)
        {
            var share = summary.ShareOf(phase);
            var name = PhaseDurations.NameOf(phase);
            html.Append($"<span class=\"p-{name}\" style=\"width:{HtmlText.Percent(share)}\" title=\"{name} {FigureText.Percent(share)}\"></span>");
        }

        html.Append("</div>\n<p class=\"legend\">");
        foreach (var phase in phases)
        {
            var name = PhaseDurations.NameOf(phase);
            html.Append($"<span><i class=\"p-{name}\"></i>{name} {FigureText.Percent(summary.ShareOf(phase))}</span>");
        }

        html.Append("</p>\n</section>\n");
    }

    private void WriteWaterfall(StringBuilder html, RunInfo run, RunSummary summary)
    {
        if (_sample.Count == 0)
        {
            return;
        }

        var (panel, _) = RunWaterfall.Drawing(run, summary, _sample);
        html.Append("<section>\n<h2>Transfers</h2>\n");
        HtmlWaterfall.WriteLegend(html, panel);
        HtmlWaterfall.Write(html, panel);
        html.Append("</section>\n");
    }

    private static void WriteNotes(StringBuilder html, RunInfo run)
    {
        var started = run.Started.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        var times = run.Count > 1 ? $", {FigureText.Count(run.Count)} times over" : "";
        html.Append("<footer>\n<p>Times are seconds or their parts, cumulative from the start of a transfer, as in curl's --write-out. ")
            .Append("Percentiles are within 0.8 %.</p>\n")
            .Append($"<p>{HtmlText.Escape($"{started}; {string.Join(", ", run.Sources)}{times}")}</p>\n</footer>\n");
    }
}
