using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>What is marked in the rows of a waterfall.</summary>
internal static class WaterfallMarks
{
    /// <summary>How a blocking read is drawn, in the row of its transfer and in the lane of its loop.</summary>
    public static readonly WaterfallKey Read = new("hatch", "the loop stands in a blocking read", IsHatched: true);

    private static readonly WaterfallKey Stalled = new("stall", "could go on, and waits for its loop", IsHatched: true);

    /// <summary>The mark of a blocking read.</summary>
    public static WaterfallSpan OfRead(long from, long to) => new(Read, from, to);

    /// <summary>The mark of a stall, with a line to whom it was behind.</summary>
    public static WaterfallSpan Of(Stall stall) =>
        new(Stalled, stall.From, stall.To, Words(stall), stall.Behind.Transfer, Math.Max(stall.From, stall.Behind.From));

    /// <summary>A stall in words: how long, and behind what.</summary>
    public static string Words(Stall stall)
    {
        var atMost = stall.IsBound ? "at most " : "";
        var what = StallText.Name(stall.Behind.Transfer, stall.Behind.Kind);
        return $"waited {atMost}{FigureText.Duration(stall.Length / 1e9)} for its loop, behind: {what}";
    }
}
