using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>What a stretch of time in a waterfall means.</summary>
/// <param name="Name">The name of its look in the style sheet.</param>
/// <param name="Text">Its words in the legend.</param>
/// <param name="IsHatched">Whether it is hatched; else it is plain.</param>
internal sealed record WaterfallKey(string Name, string Text, bool IsHatched);

/// <summary>A stretch of time to be marked, in nanoseconds from the start of the run.</summary>
/// <param name="Key">What it means.</param>
/// <param name="Start">Its start.</param>
/// <param name="End">Its end.</param>
/// <param name="Text">A line about it for who points at it, or null.</param>
/// <param name="Behind">Index of the transfer that it waited for, to be led to by a line, or -1.</param>
/// <param name="BehindFrom">Where that line stands in time: at a moment in which the one waited and the other held the loop.</param>
internal readonly record struct WaterfallSpan(
    WaterfallKey Key, long Start, long End, string? Text = null, long Behind = -1, long BehindFrom = 0);

/// <summary>A transfer to be drawn, and what is marked in it.</summary>
internal sealed record WaterfallRow(TimelineRow Transfer, IReadOnlyList<WaterfallSpan> Marks);

/// <summary>A loop's own time line.</summary>
internal sealed record WaterfallLane(string Name, IReadOnlyList<WaterfallSpan> Spans);

/// <summary>One drawing: transfers on a time axis, a row each.</summary>
internal sealed record WaterfallPanel
{
    /// <summary>A name that no other drawing of the page has.</summary>
    public required string Id { get; init; }

    /// <summary>The class of the drawing.</summary>
    public required string Look { get; init; }

    /// <summary>What is drawn, in words for who cannot see it.</summary>
    public required string Label { get; init; }

    /// <summary>What stands above it, as HTML.</summary>
    public required string Caption { get; init; }

    /// <summary>Where the axis ends, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Where the run ended, in seconds.</summary>
    public required double Wall { get; init; }

    /// <summary>Whether each row begins at the left, whenever its transfer began: the axis is the time within a transfer.</summary>
    public bool IsAligned { get; init; }

    public required IReadOnlyList<WaterfallRow> Rows { get; init; }

    /// <summary>What stands above the rows.</summary>
    public IReadOnlyList<WaterfallLane> Lanes { get; init; } = [];

    /// <summary>Whether rows have their URL beside them, where there is room.</summary>
    public bool HasNames { get; init; }
}
