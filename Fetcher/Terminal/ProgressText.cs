using System.Globalization;
using Fetcher.Core;
using Fetcher.Core.Reports;

namespace Fetcher.Terminal;

/// <summary>Progress in words and as a bar.</summary>
internal static class ProgressText
{
    /// <summary>Columns of the shortest bar.</summary>
    public const int MinBarWidth = 10;

    private const int MaxBarWidth = 30;

    /// <summary>
    /// How far, what failed, how fast, how long yet: the most important first, and no more of it than fits into <paramref name="room"/>
    /// columns.
    /// </summary>
    public static string Of(ProgressSnapshot snapshot, ProgressRates rates, string separator, int room)
    {
        var parts = new List<string>();
        if (snapshot.Total is { } total)
        {
            parts.Add($"{SummaryText.Number(snapshot.Done)}/{SummaryText.Number(total)}");
            parts.Add((Share(snapshot) * 100).ToString("F0", CultureInfo.InvariantCulture) + " %");
        }
        else
        {
            parts.Add($"{SummaryText.Number(snapshot.Done)} so far");
        }

        var failed = parts.Count;
        if (snapshot.Failures.Count > 0)
        {
            parts.Add(Failed(snapshot, withKinds: true));
        }

        parts.Add($"{SummaryText.Rate(rates.Urls)}/s");
        if (Remaining(snapshot, rates.Urls) is { } remaining)
        {
            parts.Add("ETA " + Duration(remaining));
        }

        parts.Add(SummaryText.Bytes(snapshot.Bytes));
        var needed = parts.Count;
        parts.Add(SummaryText.Bytes(rates.Bytes) + "/s");
        parts.Add($"{SummaryText.Number(snapshot.InFlight)} in flight");
        if (snapshot.Slowest is { } slowest)
        {
            parts.Add($"slowest {PrintableText.Of(slowest.Host)} {SummaryText.Seconds(Nanoseconds.ToTimeSpan(slowest.TimeTotal))}");
        }

        while (parts.Count > needed && !Fits())
        {
            parts.RemoveAt(parts.Count - 1);
        }

        if (snapshot.Failures.Count > 0 && !Fits())
        {
            parts[failed] = Failed(snapshot, withKinds: false);
        }

        while (parts.Count > 1 && !Fits())
        {
            parts.RemoveAt(parts.Count - 1);
        }

        return string.Join(separator, parts);

        bool Fits() => parts.Sum(part => part.Length + separator.Length) - separator.Length <= room;
    }

    /// <summary>
    /// Widths of the done and of the remaining part of a bar that fits into <paramref name="room"/> columns; both 0 where none does.
    /// </summary>
    public static (int Done, int Left) Bar(ProgressSnapshot snapshot, int room)
    {
        var width = Math.Min(room, MaxBarWidth);
        if (snapshot.Total is null || width < MinBarWidth)
        {
            return (0, 0);
        }

        var done = (int)(width * Share(snapshot));
        return (done, width - done);
    }

    private static string Failed(ProgressSnapshot snapshot, bool withKinds)
    {
        var kinds = string.Join(", ", snapshot.Failures.Select(failure => $"{SummaryText.Number(failure.Count)} {FetchError.NameOf(failure.Kind)}"));
        return $"{SummaryText.Number(snapshot.Failures.Sum(failure => failure.Count))} failed{(withKinds ? $" ({kinds})" : "")}";
    }

    private static double Share(ProgressSnapshot snapshot) =>
        snapshot.Total is > 0 ? Math.Clamp((double)snapshot.Done / snapshot.Total.Value, 0, 1) : 1;

    /// <summary>Time yet to go, or null when it cannot be told or is beyond 100 hours.</summary>
    private static TimeSpan? Remaining(ProgressSnapshot snapshot, double perSecond)
    {
        var seconds = (snapshot.Total - snapshot.Done) / perSecond;
        return seconds is >= 0 and < 100 * 3600 ? TimeSpan.FromSeconds(Math.Ceiling(seconds.Value)) : null;
    }

    private static string Duration(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:D2}:{time.Seconds:D2}")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:D2}");
}
