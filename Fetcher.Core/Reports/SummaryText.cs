using System.Globalization;
using System.Text;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>How a part of a line is to be shown: a colour on the terminal, nothing in Markdown.</summary>
internal enum Tone
{
    Plain, Strong, Good, Bad,
}

/// <summary>The words and numbers that the summaries for people share: the table on the terminal and the Markdown report.</summary>
internal static class SummaryText
{
    /// <summary>The smallest share of the time of a phase that is named.</summary>
    private const double NotableShare = 0.01;

    /// <summary>The columns of the table of times.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["min", "mean", "p50", "p90", "p95", "p99", "p99.9", "p99.99", "max"];

    /// <summary>What came of the URLs, and in what time.</summary>
    public static string Outcome(RunSummary summary)
    {
        var urls = summary.Urls == 1 ? "1 URL" : $"{Number(summary.Urls)} URLs";
        var time = Seconds(summary.Cost.Wall);
        var outcome = summary.Failed == 0
            ? $"{urls} fetched in {time}"
            : $"{Number(summary.Ok)} of {urls} fetched in {time}, {Number(summary.Failed)} failed";
        return outcome + (NotStarted(summary) is { } rest ? $", {rest}" : "");
    }

    /// <summary>The result of the run in one line.</summary>
    public static IEnumerable<(string Text, Tone Tone)> Headline(RunInfo run, RunSummary summary)
    {
        yield return ($"{Seconds(summary.Cost.Wall)}: ", Tone.Strong);
        yield return ($"{Number(summary.Ok)} ok", summary.Ok > 0 ? Tone.Good : Tone.Plain);
        yield return (summary.Skipped > 0 ? $" ({Number(summary.Skipped)} skipped), " : ", ", Tone.Plain);
        yield return ($"{Number(summary.Failed)} failed", summary.Failed > 0 ? Tone.Bad : Tone.Plain);
        if (NotStarted(summary) is { } rest)
        {
            yield return (", ", Tone.Plain);
            yield return (rest, Tone.Bad);
        }

        yield return ($", {Rate(summary.RequestsPerSecond)} requests/s, ", Tone.Plain);
        yield return ($"{Bytes(summary.BytesDownloaded)}, {Bytes(summary.BytesPerSecond)}/s, ", Tone.Plain);
        yield return (run.How, Tone.Strong);
    }

    /// <summary>What the run says of itself first: whether the client held it up, and where the transfers' time went. Null when none took any.</summary>
    public static string? Lead(RunInfo run, RunSummary summary) =>
        string.Join(' ', new[] { Verdict.Of(run, summary), Dominance(summary) }.OfType<string>()) is { Length: > 0 } lead ? lead : null;

    /// <summary>Which phase took most of the transfers' time, and the others of note, in words; null when none took any.</summary>
    public static string? Dominance(RunSummary summary)
    {
        if (summary.DominantPhase is not { } dominant)
        {
            return null;
        }

        var queue = QueueWait.Of(summary);
        var text = new StringBuilder($"{Share(summary, dominant)} of the transfers' time went to {Words(dominant, queue)}");
        var others = Enum.GetValues<Phase>().Where(phase => phase != dominant && summary.ShareOf(phase) >= NotableShare);
        foreach (var phase in others.OrderByDescending(summary.ShareOf))
        {
            text.Append(CultureInfo.InvariantCulture, $", {Share(summary, phase)} to {Words(phase, queue)}");
        }

        return text.Append('.').ToString();
    }

    /// <summary>The values of <see cref="Columns"/>, in nanoseconds.</summary>
    public static IReadOnlyList<double> Distribution(Histogram histogram) =>

    [
        histogram.Min, histogram.Mean, histogram.Percentile(50), histogram.Percentile(90), histogram.Percentile(95), histogram.Percentile(99),
        histogram.Percentile(99.9), histogram.Percentile(99.99), histogram.Max,
    ];

    /// <summary>What the run cost and did, a line each.</summary>
    /// <param name="run">The run.</param>
    /// <param name="summary">What came of it.</param>
    /// <param name="hasStalls">Whether to say what transfers waited for, if that is known.</param>
    public static IEnumerable<(string Name, string Value)> Facts(RunInfo run, RunSummary summary, bool hasStalls = true)
    {
        if (run.Options.Insecure)
        {
            yield return ("certificates", "not verified (--insecure): any server may have passed for another");
        }

        var cost = summary.Cost;
        yield return ("CPU", $"{Seconds(cost.CpuUser)} user, {Seconds(cost.CpuSystem)} system");
        if (cost.BlockedShare >= NotableShare)
        {
            var share = (cost.BlockedShare * 100).ToString("F0", CultureInfo.InvariantCulture);
            yield return ("blocked", $"{share} % of the run in read()" + run.Mode switch
            {
                "sequential" => ", one transfer at a time",
                "threads" => ", each thread for its own transfer",
                _ => ", serving nobody else meanwhile",
            });
        }

        var (total, queue) = (summary.TimeOf(TimeField.Total), summary.TimeOf(TimeField.Queue));
        if (queue.Sum >= NotableShare * total.Sum && total.Count > 0)
        {
            yield return ("latency", $"from when it was due: {Latency(total)}; from its start: {Latency(summary.FromStart)}");
        }

        if (RateText.Missed(run, summary) is { } missed)
        {
            yield return ("rate", missed);
        }

        if (cost.MaxRssBytes is { } memory)
        {
            yield return ("memory", $"{Bytes(memory)} at most");
        }

        yield return ("switches",
            $"{Number(cost.VoluntaryContextSwitches)} voluntary, {Number(cost.InvoluntaryContextSwitches)} involuntary");
        yield return ("requests",
            $"{Number(summary.Connects)} connections opened, {Number(summary.Redirects)} redirects, {Number(summary.Retries)} retries");
        if (summary.Statuses.Any())
        {
            yield return ("statuses", string.Join(", ", summary.Statuses.Select(entry => $"{entry.Status}: {Number(entry.Count)}")));
        }

        if (summary.SlowestHosts.Ranking is [var slowest, ..])
        {
            yield return ("slowest host", $"{slowest.Host}, {Seconds(TimeSpan.FromTicks(slowest.TimeTotal / 100))}");
        }

        foreach (var fact in hasStalls && summary.RunRecord is { } record ? StallText.Facts(summary, record) : [])
        {
            yield return fact;
        }

        yield return ("machine",
            string.Create(CultureInfo.InvariantCulture, $"Linux {run.Kernel}, {run.Cpus} x {run.Architecture}; fetcher {run.Version}"));
    }

    /// <summary>A number with thousands separators.</summary>
    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Seconds with three decimals, or one from 100 s on.</summary>
    public static string Seconds(TimeSpan time) =>
        time.TotalSeconds.ToString(time.TotalSeconds < 100 ? "F3" : "N1", CultureInfo.InvariantCulture) + " s";

    /// <summary>A rate: whole from 100 on, with one decimal below.</summary>
    public static string Rate(double perSecond) => perSecond.ToString(perSecond < 100 ? "F1" : "N0", CultureInfo.InvariantCulture);

    /// <summary>Bytes in the largest binary unit of which there is at least one.</summary>
    public static string Bytes(double bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var unit = 0;
        while (bytes >= 1024 && unit < units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        return bytes.ToString(unit == 0 ? "F0" : "F1", CultureInfo.InvariantCulture) + " " + units[unit];
    }

    /// <summary>What of the list was not begun, in words; null when all was.</summary>
    private static string? NotStarted(RunSummary summary) => summary.NotStarted switch
    {
        0 => null,
        { } count => $"{Number(count)} not started",
        null => "the rest of the list not started",
    };

    private static string Latency(Histogram times) =>
        $"p50 {Seconds(TimeSpan.FromTicks(times.Percentile(50) / 100))}, p99 {Seconds(TimeSpan.FromTicks(times.Percentile(99) / 100))}";

    private static string Share(RunSummary summary, Phase phase) =>
        (summary.ShareOf(phase) * 100).ToString("F0", CultureInfo.InvariantCulture) + " %";

    /// <summary>What transfers do in a phase.</summary>
    /// <param name="phase">The phase.</param>
    /// <param name="queue">What they waited for in <see cref="Phase.Queue"/>.</param>
    public static string Words(Phase phase, QueueWait queue) => phase switch
    {
        Phase.Queue => queue.Words,
        Phase.Earlier => "redirects and failed attempts",
        Phase.Robots => "robots.txt",
        Phase.Dns => "name look-ups",
        Phase.Connect => "connecting",
        Phase.Tls => "TLS handshakes",
        Phase.Wait => "waiting for the first byte",
        Phase.Receive => "receiving bodies",
        Phase.Stall => "waiting for this program's own loop",
        _ => throw new ArgumentOutOfRangeException(nameof(phase)),
    };
}
