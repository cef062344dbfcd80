using Fetcher.Core.Timing;

namespace Fetcher.Lesson;

/// <summary>When each result of the round that is drawn could be used, in seconds from the start of the run, in three ways of taking them.</summary>
internal static class ResultOrders
{
    /// <summary>As they complete.</summary>
    public static double[] Completion(Measured measured) => [.. Rows(measured).Select(End).Order()];

    /// <summary>In the order of the list: each with those before it.</summary>
    public static double[] Input(Measured measured)
    {
        var latest = 0.0;
        return [.. Rows(measured).OrderBy(row => row.Index).Select(row => latest = Math.Max(latest, End(row)))];
    }

    /// <summary>All of them once all are there.</summary>
    public static double[] All(Measured measured)
    {
        var rows = Rows(measured);
        var last = rows.Max(End);
        return [.. rows.Select(_ => last)];
    }

    private static IReadOnlyList<TimelineRow> Rows(Measured measured) => measured.First.Find("async")!.Typical()!.Timeline;

    private static double End(TimelineRow row) => row.End / 1e9;
}
