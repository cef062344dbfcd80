using Fetcher.Core.Http.Http2;

namespace Fetcher.Core.Timing.Comparison;

/// <summary>
/// Says in a sentence or two what the figures show: one on wall time, one on CPU. A ratio is stated only when its interval excludes 1, so
/// that where the figures show nothing, nothing is said; and only between modes that fetched the same number of URLs.
/// </summary>
internal static class Conclusions
{
    /// <summary>A mode that stood in blocking reads for this part of the run, or more, was slow because of it.</summary>
    private const double MuchBlocked = 0.5;

    /// <summary>A mode that stood in blocking reads for less than this part of the run was not slowed by it.</summary>
    private const double HardlyBlocked = 0.1;

    /// <summary>A mode that took no more times as long as another was hardly slower.</summary>
    private const double HardlySlower = 1.3;

    /// <summary>The window of an HTTP/2 stream on our loops, unless another was asked for.</summary>
    private static readonly int UsualWindow = new Http2Limits().StreamWindow;

    /// <summary>A smaller difference than this is not worth a sentence, however sure it is.</summary>
    private const double LeastTold = 1.02;

    /// <summary>So many times the system calls are worth telling.</summary>
    private const double ManyMoreCalls = 1.5;

    /// <summary>The sentences; none when nothing is shown.</summary>
    public static IReadOnlyList<string> Of(ComparisonResult result)
    {
        var sentences = new List<string>();
        var wall = FittedWindow(result) ?? FromEndToEnd(result, Figure.Wall) ?? Trend(result, Figure.Wall) ?? Difference(result, Figure.Wall);
        Add(wall ?? NotBlocked(result));
        Add(FromEndToEnd(result, Figure.Cpu) ?? Trend(result, Figure.Cpu) ?? Difference(result, Figure.Cpu));
        return sentences;

        void Add(string? sentence)
        {
            if (sentence is not null)
            {
                sentences.Add(sentence);
            }
        }
    }

    /// <summary>Whether the mode fetched as many URLs as the first, and any at all; else their figures do not compare.</summary>
    public static bool DidSameWork(ComparisonPoint point, ModeSample mode) =>
        mode.FewestOk is > 0 and var ok && point.Modes[0].FewestOk == ok;

    /// <summary>The largest difference that is shown, at any value of the sweep.</summary>
    private static string? Difference(ComparisonResult result, Figure figure)
    {
        var pairs =
            from point in result.Points
            from mode in point.Modes.Skip(1)
            let ratio = RatioAt(point, mode, figure)
            where ratio is { ExcludesOne: true }
            let isMore = ratio.Value > 1
            select (Mode: mode, IsMore: isMore, Ratio: isMore ? ratio : ratio.Inverse, At: point);
        var (other, otherIsMore, largest, at) = pairs.OrderByDescending(pair => pair.Ratio.Value).FirstOrDefault();
        if (largest is null || largest.Value < LeastTold)
        {
            return null;
        }

        var (more, less) = otherIsMore ? (other, at.Modes[0]) : (at.Modes[0], other);
        var start = at.Value is null ? more.Mode : $"At {At(result, at)} {more.Mode}";
        var size = $"{FigureText.Ratio(largest.Value)} times";
        return figure == Figure.Wall
            ? $"{start} took {size} as long as {less.Mode} ({FigureText.Interval(largest)}){Blame(result, more)}."
            : $"{start} used {size} the CPU time of {less.Mode} ({FigureText.Interval(largest)}){Calls(more, less)}.";
    }

    /// <summary>How the difference that changes most does so from one end of the sweep to the other, where any does.</summary>
    private static string? Trend(ComparisonResult result, Figure figure)
    {
        if (result.Points is not [var first, .., var last])
        {
            return null;
        }

        var changes = last.Modes.Skip(1).Select(mode => Change.Of(first, last, mode, figure)).OfType<Change>();
        if (changes.MaxBy(change => change.Size) is not { } largest)
        {
            return null;
        }

        var span = $"From {At(result, first)} to {result.Sweep!.ValueText(last.Value!.Value)}";
        var (from, to) = (FigureText.WithInterval(largest.From), FigureText.WithInterval(largest.To));
        var change = $"went from {from} to {to} times that of {largest.Less.Mode}";
        return figure == Figure.Wall
            ? $"{span}, the wall time of {largest.More.Mode} {change}{Blame(result, largest.More)}."
            : $"{span}, the CPU time of {largest.More.Mode} {change}.";
    }

    /// <summary>What more loops, or another version of HTTP, did to the mode that it changed most, or null where that is not shown.</summary>
    private static string? FromEndToEnd(ComparisonResult result, Figure figure)
    {
        var isTold = result.Sweep?.Name == "http" || (result.Sweep?.Name == "loops" && figure == Figure.Wall);
        if (!isTold || result.Points is not [var first, .., var last])
        {
            return null;
        }

        var changes =
            from mode in last.Modes
            let before = first.Find(mode.Mode)
            where mode.FewestOk is > 0 && mode.FewestOk == before.FewestOk
            let ratio = mode.RatioTo(before, figure)
            where ratio.ExcludesOne && Math.Max(ratio.Value, 1 / ratio.Value) >= LeastTold
            select (mode.Mode, Ratio: ratio);
        var (name, largest) = changes.OrderByDescending(change => Math.Abs(Math.Log(change.Ratio.Value))).FirstOrDefault();
        if (name is null)
        {
            return null;
        }

        var (did, than) = figure == Figure.Wall ? ("took", "as long as") : ("used", "the CPU time of");
        return $"At {At(result, last)} {name} {did} {FigureText.Ratio(largest.Value)} times {than} {(figure == Figure.Wall ? "at " : "")}{At(result, first)} ({FigureText.Interval(largest)}).";
    }

    /// <summary>The mode's ratio to the first where it has an interval and both did the same work, else null.</summary>
    private static Ratio? RatioAt(ComparisonPoint point, ModeSample? mode, Figure figure) =>
        mode is not null && DidSameWork(point, mode) && mode.RatioTo(figure) is { Low: > 0 } ratio ? ratio : null;

    /// <summary>That a mode which reads in blocking calls did not stand in them, and so had no reason to be slow.</summary>
    private static string? NotBlocked(ComparisonResult result)
    {
        var mode = result.Points is [var only] ? only.Find("blocking-read") : null;
        if (mode?.FewestOk is not > 0 || mode.SpreadOf(Figure.BlockedShare) is not { } share || share.Max >= HardlyBlocked)
        {
            return null;
        }

        var part = share.Median < FigureText.LeastPercent ? "hardly any" : $"only {FigureText.Percent(share.Median)}";
        return $"blocking-read's loop stood in read() for {part} of the run: the bodies were there when it read them.";
    }

    /// <summary>
    /// That blocking reads cost hardly anything in HTTP/2, since every body fitted the window of its stream: what comes for others while one is read is kept.
    /// </summary>
    private static string? FittedWindow(ComparisonResult result)
    {
        if (result.Points is not [var point] || point.Find("blocking-read") is not { } blocking || point.Find("async") is not { } async
            || blocking.FewestOk is not > 0 || blocking.FewestOk != async.FewestOk
            || blocking.SpreadOf(Figure.BlockedShare) is not { Median: >= HardlyBlocked } share
            || !((ModeSample[])[blocking, async]).All(mode => mode.HttpVersions is ["2"])
            || blocking.Measured.Max(round => round.LargestBody) > (result.Run.Options.Http2Window ?? UsualWindow)
            || blocking.Measured.Any(round => round.Streams is not { Closed: 0 })
            || blocking.RatioTo(async, Figure.Wall) is not { Low: > 0, Value: <= HardlySlower } ratio)
        {
            return null;
        }

        var cost = ratio.ExcludesOne && ratio.Value > 1 ? "cost hardly anything" : "cost nothing";
        return $"blocking-read's loop stood in read() for {FigureText.Percent(share.Median)} of the run and took {FigureText.Ratio(ratio.Value)} times as long as "
            + $"async ({FigureText.Interval(ratio)}): every body fitted the window of its HTTP/2 stream, so the blocking read {cost}.";
    }

    /// <summary>Why a slow mode was slow, where that was measured.</summary>
    private static string Blame(ComparisonResult result, ModeSample slow)
    {
        var share = slow.SpreadOf(Figure.BlockedShare)?.Median ?? 0;
        var threads = slow.Measured.Max(round => round.BlockedThreads);

        // A thread for each transfer may stand in a read all the time and lose nothing by it.
        if (share < MuchBlocked || threads > result.Run.Options.Loops)
        {
            return "";
        }

        var who = threads == 1 ? $"{slow.Mode}'s loop" : $"{slow.Mode}'s {threads} loops";
        return $": {who} stood in read() for {FigureText.Percent(share)} of the run{Windows(slow)}";
    }

    /// <summary>That servers could not send meanwhile, since what they had sent lay unread, where that came to more than the run.</summary>
    private static string Windows(ModeSample slow)
    {
        var closed = slow.SpreadOf(Figure.WindowsClosed)?.Median ?? 0;
        return closed > slow.SpreadOf(Figure.Wall)?.Median
            ? $", and the windows of its HTTP/2 streams were closed for {FigureText.Duration(closed)}, summed up"
            : "";
    }

    /// <summary>How many system calls the difference in CPU time goes with, where it does.</summary>
    private static string Calls(ModeSample more, ModeSample less) =>
        more.SpreadOf(Figure.SyscallsPerUrl) is { } many && less.SpreadOf(Figure.SyscallsPerUrl) is { } few
            && many.Median > ManyMoreCalls * few.Median
            ? $", with {FigureText.Count(many.Median)} system calls a URL instead of {FigureText.Count(few.Median)}"
            : "";

    private static string At(ComparisonResult result, ComparisonPoint point) =>
        $"{result.Sweep!.Name}={result.Sweep.ValueText(point.Value!.Value)}";

    /// <summary>The ratio of two modes at both ends of a sweep, told so that the end further from 1 is larger than 1.</summary>
    private sealed record Change(ModeSample More, ModeSample Less, Ratio From, Ratio To)
    {
        public double Size => Math.Abs(Math.Log(To.Value / From.Value));

        /// <summary>The change of a mode's ratio to the first, or null when the intervals at both ends overlap.</summary>
        public static Change? Of(ComparisonPoint first, ComparisonPoint last, ModeSample mode, Figure figure)
        {
            var (from, to) = (RatioAt(first, first.Find(mode.Mode), figure), RatioAt(last, mode, figure));
            if (from is null || to is null || (from.Low <= to.High && to.Low <= from.High))
            {
                return null;
            }

            var further = Math.Abs(Math.Log(to.Value)) > Math.Abs(Math.Log(from.Value)) ? to : from;
            return further.Value >= 1
                ? new Change(mode, last.Modes[0], from, to)
                : new Change(last.Modes[0], mode, from.Inverse, to.Inverse);
        }
    }
}
