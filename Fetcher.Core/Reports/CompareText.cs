using System.Globalization;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>The words that the reports of a comparison for people share.</summary>
internal static class CompareText
{
    /// <summary>What was compared, in one line.</summary>
    public static string Headline(ComparisonResult result)
    {
        var warmup = result.Warmup > 0 ? $" after {FigureText.Count(result.Warmup)} of warm-up" : "";
        return $"{string.Join(", ", result.Modes)}: {Work(result)}, {Number(result.Runs, "round")} each{warmup}";
    }

    /// <summary>The work of one round, and what was varied.</summary>
    public static string Work(ComparisonResult result)
    {
        var rounds = result.Points.SelectMany(point => point.Modes).SelectMany(mode => mode.Measured);
        var urls = rounds.Select(round => round.Urls).Distinct().Order().ToArray();
        var options = result.Run.Options;
        var parts = new List<string>
        {
            urls switch
            {
                [] => "nothing measured",
                [1] => "1 URL",
                [var same] => $"{FigureText.Count(same)} URLs",
                _ => $"{FigureText.Count(urls[0])} to {FigureText.Count(urls[^1])} URLs",
            },
        };
        if (result.Sweep?.Name != "concurrency")
        {
            parts.Add($"{FigureText.Count(options.Concurrency)} at once");
        }

        if (result.Sweep is { } sweep)
        {
            parts.Add($"{sweep.Name} {string.Join(", ", sweep.Values.Select(sweep.ValueText))}");
        }

        return string.Join(", ", parts) + (result.Run.Network is null ? "" : $" ({result.Run.Network})");
    }

    /// <summary>The machine and the program.</summary>
    public static string Machine(ComparisonResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"Linux {result.Run.Kernel}, {result.Run.Cpus} x {result.Run.Architecture}; fetcher {result.Run.Version}");

    /// <summary>The sweep's name and value, or nothing without a sweep.</summary>
    public static string At(ComparisonResult result, ComparisonPoint point) =>
        point.Value is { } value ? $"{result.Sweep!.Name} {result.Sweep.ValueText(value)}" : "";

    /// <summary>A figure's median with its unit, or a dash.</summary>
    public static string Median(ModeSample mode, Figure figure) =>
        mode.SpreadOf(figure) is { } spread ? FigureText.Of(figure.Unit, spread.Median) : "-";

    /// <summary>A figure's smallest and largest value, or a dash.</summary>
    public static string Range(ModeSample mode, Figure figure) => mode.SpreadOf(figure) is { } spread
        ? $"{FigureText.Of(figure.Unit, spread.Min)} .. {FigureText.Of(figure.Unit, spread.Max)}"
        : "-";

    /// <summary>A figure as a multiple of the first mode's with its interval, or a dash.</summary>
    public static string Ratio(ModeSample mode, Figure figure) => mode.RatioTo(figure) is { } ratio ? FigureText.WithInterval(ratio) : "-";

    /// <summary>The system calls a URL by name. Those made less often are the same few at the start of every run.</summary>
    public static IEnumerable<(string Name, double PerUrl)> SystemCalls(ModeSample mode)
    {
        const double SeldomPerUrl = 0.05;
        return mode.SystemCalls().Where(call => call.PerUrl >= SeldomPerUrl);
    }

    /// <summary>The same in one line, or a dash where the program makes none itself.</summary>
    public static string SystemCallList(ModeSample mode)
    {
        var list = string.Join(", ", SystemCalls(mode).Select(call => $"{call.Name} {FigureText.Count(call.PerUrl)}"));
        return list.Length > 0 ? list : "-";
    }

    /// <summary>Whether any mode's answers came by HTTP/2, so that it pays to tell its connections and windows.</summary>
    public static bool HasHttp2(ComparisonPoint point) => point.Modes.Any(mode => mode.HttpVersions.Contains("2"));

    /// <summary>The versions of HTTP that a mode's answers came by, or a dash.</summary>
    public static string Versions(ModeSample mode) => mode.HttpVersions.Count == 0 ? "-" : string.Join(", ", mode.HttpVersions);

    /// <summary>The body that kept a window closed for longest in the round that is drawn; a dash where none did.</summary>
    public static string WorstUnread(ModeSample mode) => mode.Typical()?.Streams is { WorstUrl: { } url } streams
        ? $"{url}, {FigureText.Duration(streams.WorstClosed / 1e9)}"
        : "-";

    /// <summary>Says which modes could not be watched for stalls, since watching costs the others CPU time; null when all or none were watched.</summary>
    public static string? Watching(ComparisonResult result)
    {
        var modes = result.Points.SelectMany(point => point.Modes).Where(mode => mode.Measured.Any()).ToArray();
        var unwatched = modes.Where(mode => mode.Measured.All(round => round.Stalls is null)).Select(mode => mode.Mode).Distinct().ToArray();
        return unwatched.Length == 0 || modes.All(mode => unwatched.Contains(mode.Mode))
            ? null
            : $"{string.Join(" and ", unwatched)} waits in .NET's own ways and cannot be watched for stalls; "
                + "watching costs the other modes some CPU on small requests (--no-stalls saves it)";
    }

    /// <summary>What has to be known of a comparison besides its figures, a sentence each.</summary>
    public static IEnumerable<string> Notes(ComparisonResult result) => [.. Earlier(result), .. Protocols(result)];

    /// <summary>Says when what stands in the first mode's place was measured, and what was not the same then.</summary>
    private static IEnumerable<string> Earlier(ComparisonResult result)
    {
        if (result.Against is not { } against)
        {
            yield break;
        }

        var rounds = Number(against.Sample.Measured.Count(), "round");
        var time = against.Started.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        yield return $"{EarlierRun.Name} is {PrintableText.Of(against.Path)}: {rounds} of {time}, not interleaved with the others";
        foreach (var difference in against.Differences)
        {
            yield return PrintableText.Of(difference);
        }
    }

    /// <summary>Says what versions of HTTP and how many connections the modes had where that differs, since it is no difference in how they wait.</summary>
    private static IEnumerable<string> Protocols(ComparisonResult result)
    {
        foreach (var point in result.Points)
        {
            var modes = point.Modes.Where(mode => mode.HttpVersions.Count > 0).ToArray();
            var isSame = modes.Select(mode => string.Join(',', mode.HttpVersions)).Distinct().Count() <= 1;
            var isHttp2 = modes.Any(mode => mode.HttpVersions.Contains("2"));
            if (isSame && (!isHttp2 || modes.Select(mode => mode.SpreadOf(Figure.Connections)!.Median).Distinct().Count() <= 1))
            {
                continue;
            }

            var at = point.Value is null ? "" : $"at {At(result, point)} ";
            yield return at + string.Join(", ", modes.Select((mode, place) => Spoke(mode, place == 0 ? " spoke" : "")))
                + ": that is no difference in how they wait";
        }

        static string Spoke(ModeSample mode, string verb) =>
            $"{mode.Mode}{verb} {string.Join(" and ", mode.HttpVersions.Select(version => "HTTP/" + version))} over "
                + Number((long)mode.SpreadOf(Figure.Connections)!.Median, "connection");
    }

    /// <summary>The worst blocker of the round that is drawn, in a few words; a dash where nobody was kept waiting.</summary>
    public static string WorstBlocker(ModeSample mode) => mode.Typical()?.Stalls?.Blockers is [var worst, ..]
        ? $"{StallText.Name(worst)}, {FigureText.Duration(worst.Cost / 1e9)}"
        : "-";

    /// <summary>Whatever went wrong or was left out, a sentence each.</summary>
    public static IEnumerable<string> Problems(ComparisonResult result)
    {
        foreach (var (mode, reason) in result.LeftOut)
        {
            yield return $"{mode} was left out: {reason}";
        }

        foreach (var point in result.Points)
        {
            var at = point.Value is null ? "" : $" at {CompareText.At(result, point)}";
            foreach (var mode in point.Modes)
            {
                if (!mode.IsEarlier && mode.Rounds.Count < result.Runs)
                {
                    yield return $"{mode.Mode}{at} was stopped after {FigureText.Count(mode.Rounds.Count)} of {Number(result.Runs, "round")}";
                }

                var lost = mode.Lost.ToArray();
                if (lost.Length > 0)
                {
                    yield return $"{mode.Mode}{at} lost {Number(lost.Length, "round")} of {mode.Rounds.Count}: {lost[0].Problem}";
                }

                if (mode.FewestOk is { } ok && point.Modes[0].FewestOk is { } first && ok != first)
                {
                    yield return $"{mode.Mode}{at} did not fetch as many URLs as {point.Modes[0].Mode}, so their figures do not compare";
                }

                if (mode.Failed > 0)
                {
                    var example = mode.Measured.SelectMany(round => round.Failures).FirstOrDefault();
                    var measured = Number(mode.Measured.Count(), "round");
                    yield return $"{mode.Mode}{at} failed {Number(mode.Failed, "URL")} in {measured}, such as {example}";
                }
            }
        }

        var rounds = result.Points.SelectMany(point => point.Modes).SelectMany(mode => mode.Measured).ToArray();
        if (rounds.Length > 0 && rounds.All(round => round.Ok == 0))
        {
            yield return "nothing was fetched, so nothing is concluded";
        }
        else if (result.Points.SelectMany(point => point.Modes).Any(mode => mode.RatioTo(Figure.Wall) is { Low: null }))
        {
            yield return $"fewer than {PairedBootstrap.MinRounds} rounds give no confidence interval, so nothing is concluded";
        }
    }

    private static string Number(long count, string noun) => $"{FigureText.Count(count)} {noun}{(count == 1 ? "" : "s")}";
}
