using System.Globalization;
using Fetcher.Core;
using Fetcher.Core.Reports;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Fetcher.Terminal;

/// <summary>Draws a run as it is at a moment.</summary>
internal static class LiveView
{
    private const int MostHosts = 5, MostStatuses = 8, NameWidth = 10, NarrowestChart = 20, WidestChart = 60;

    private static readonly Style Strong = new(decoration: Decoration.Bold);
    private static readonly Style Faint = new(decoration: Decoration.Dim);
    private static readonly Style Good = new(Color.Green);
    private static readonly Style Bad = new(Color.Red, decoration: Decoration.Bold);

    private static readonly (string Name, double Percent)[] Percentiles = [("p50", 50), ("p90", 90), ("p99", 99), ("p99.9", 99.9), ("max", 100)];

    /// <summary>The view.</summary>
    /// <param name="snapshot">What is shown.</param>
    /// <param name="rates">How fast it goes on.</param>
    /// <param name="times">How long transfers took.</param>
    /// <param name="history">URLs that ended in each second, the last one last.</param>
    /// <param name="elapsed">Since the start of the run.</param>
    /// <param name="duration">When nothing new begins any more, or null.</param>
    /// <param name="width">Columns.</param>
    public static IRenderable Of(
        LiveSnapshot snapshot, ProgressRates rates, RecentTimes times, IReadOnlyList<double> history, TimeSpan elapsed, TimeSpan? duration, int width) =>
        new Rows(
            Headline(snapshot, elapsed, duration),
            Facts(snapshot, rates),
            Chart(history, width),
            Text.Empty,
            Times(times),
            Text.Empty,
            Outcomes(snapshot),
            Hosts(snapshot));

    private static Paragraph Headline(LiveSnapshot snapshot, TimeSpan elapsed, TimeSpan? duration)
    {
        var time = Clock(elapsed) + (duration is { } end ? $" of {Clock(end)}" : "");
        var done = SummaryText.Number(snapshot.Done) + (snapshot.Total is { } total ? $" of {SummaryText.Number(total)}" : "") + " URLs";
        return new Paragraph("fetcher ", Faint).Append(time, Strong).Append("  ").Append(done, Strong);
    }

    private static Paragraph Facts(LiveSnapshot snapshot, ProgressRates rates) => new Paragraph()
        .Append($"{SummaryText.Rate(rates.Urls)} URLs/s", Strong)
        .Append($"  {SummaryText.Bytes(rates.Bytes)}/s  {SummaryText.Number(snapshot.InFlight)} in flight  {SummaryText.Bytes(snapshot.Bytes)}");

    /// <summary>URLs that ended in each of the last seconds, as columns of eighths.</summary>
    private static Paragraph Chart(IReadOnlyList<double> history, int width)
    {
        const string Eighths = " \u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";
        var shown = history.TakeLast(Math.Clamp(width - NameWidth - 20, NarrowestChart, WidestChart)).ToArray();
        var most = shown.Length == 0 ? 0 : shown.Max();
        var columns = string.Concat(shown.Select(rate => Eighths[most > 0 && rate > 0 ? (int)Math.Ceiling(rate / most * (Eighths.Length - 1)) : 0]));
        return shown.Length == 0 ? new Paragraph() : new Paragraph(columns, Good).Append($"  at most {SummaryText.Rate(most)}/s", Faint);
    }

    private static Grid Times(RecentTimes times)
    {
        var unit = TimeUnit.For(times.All.Max);
        var grid = new Grid();
        grid.AddColumn(new GridColumn { Width = NameWidth, Padding = new Padding(0) });
        foreach (var _ in Percentiles)
        {
            grid.AddColumn(new GridColumn { Width = TimeUnit.Width + 1, Padding = new Padding(0), Alignment = Justify.Right, NoWrap = true });
        }

        grid.AddRow([new Text(unit.Symbol, Faint), .. Percentiles.Select(percentile => new Text(percentile.Name, Faint))]);
        AddRow($"last {RecentTimes.Seconds} s", times.Recent, Strong);
        AddRow("all", times.All, Style.Plain);
        return grid;

        void AddRow(string name, Histogram histogram, Style style) => grid.AddRow(
        [
            new Text(name, style),
            .. Percentiles.Select(percentile => new Text(histogram.Count == 0 ? "-" : unit.Format(histogram.Percentile(percentile.Percent)), style)),
        ]);
    }

    private static Paragraph Outcomes(LiveSnapshot snapshot)
    {
        var statuses = snapshot.Statuses.OrderByDescending(status => status.Count).Take(MostStatuses);
        var line = new Paragraph(string.Join("  ", statuses.Select(status => $"{status.Status}: {SummaryText.Number(status.Count)}")), Good);
        foreach (var (kind, count) in snapshot.Failures)
        {
            line.Append($"  {FetchError.NameOf(kind)}: {SummaryText.Number(count)}", Bad);
        }

        return line;
    }

    private static Rows Hosts(LiveSnapshot snapshot) => new(snapshot.SlowestHosts.Take(MostHosts).Select(host => new Paragraph(
        $"{SummaryText.Seconds(Nanoseconds.ToTimeSpan(host.TimeTotal)),NameWidth}  ").Append(PrintableText.Of(host.Host))));

    private static string Clock(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:D2}:{time.Seconds:D2}")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:D2}");
}
