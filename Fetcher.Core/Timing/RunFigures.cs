using System.Globalization;

namespace Fetcher.Core.Timing;

/// <summary>The figures of a run by the names that conditions have for them.</summary>
internal static class RunFigures
{
    private const double NanosecondsPerSecond = 1e9;

    private static readonly Condition.Figure[] Plain =
    [
        new("failed", run => run.Failed, Share: run => Part(run.Failed, run.Urls)),
        new("ok", run => run.Ok, Share: run => Part(run.Ok, run.Urls)),
        new("urls", run => run.Urls),
        new("rps", run => run.RequestsPerSecond),
        new("wall", run => run.Cost.Wall.TotalSeconds, IsTime: true),
        new("bytes", run => run.BytesDownloaded),
        new("retries", run => run.Retries, Share: run => Part(run.Retries, run.Urls)),
        new("stall", run => run.ClientStall / NanosecondsPerSecond, IsTime: true, Share: run => run.StallShare),
    ];

    private static readonly Dictionary<string, TimeField> Fields = new(StringComparer.Ordinal)
    {
        ["total"] = TimeField.Total,
        ["ttfb"] = TimeField.StartTransfer,
        ["connect"] = TimeField.Connect,
        ["tls"] = TimeField.AppConnect,
        ["dns"] = TimeField.NameLookup,
        ["queue"] = TimeField.Queue,
    };

    /// <summary>The figure called <paramref name="name"/>: <c>failed</c>, or a statistic of a time, such as <c>p99.9</c> or <c>p50.ttfb</c>; null without one.</summary>
    public static Condition.Figure? Find(string name)
    {
        if (Array.Find(Plain, figure => figure.Name == name) is { } plain)
        {
            return plain;
        }

        var dot = name.LastIndexOf('.');
        var field = TimeField.Total;
        var hasField = dot > 0 && Fields.TryGetValue(name[(dot + 1)..], out field);
        return StatisticOf(hasField ? name[..dot] : name) is { } statistic
            ? new Condition.Figure(name, run => ValueOf(run.TimeOf(hasField ? field : TimeField.Total), statistic), IsTime: true)
            : null;
    }

    private static double? ValueOf(Histogram times, Func<Histogram, double> statistic) =>
        times.Count == 0 ? null : statistic(times) / NanosecondsPerSecond;

    private static Func<Histogram, double>? StatisticOf(string name) => name switch
    {
        "min" => times => times.Min,
        "mean" => times => times.Mean,
        "max" => times => times.Max,
        ['p', .. var digits] when digits.Length > 0 && char.IsAsciiDigit(digits[0])
            && double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent <= 100 =>
            times => times.Percentile(percent),
        _ => null,
    };

    private static double? Part(long count, long all) => all == 0 ? null : (double)count / all;
}
