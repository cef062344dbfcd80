using Fetcher.Core.Loop.Watching;

namespace Fetcher.Core.Reports;

/// <summary>
/// A loop's spans, made fit to be drawn. Most are far too short for the eye, so that a loop which is busy with small things would look idle: such spans
/// are added up, and a stretch of which they fill more than half is drawn as what filled most of it.
/// </summary>
internal static class LoopLane
{
    private const int Stretches = 400;

    private static readonly WaterfallKey[] Keys = [.. Enum.GetValues<SpanKind>().Select(KeyOf)];

    /// <summary>What to draw of a loop on an axis of so many seconds.</summary>
    public static IReadOnlyList<WaterfallSpan> SpansOf(LoopRecord loop, double seconds)
    {
        var stretch = Math.Max(1, (long)(seconds * 1e9 / Stretches));
        var drawn = new List<WaterfallSpan>();
        var filled = new long[SpanKinds.Count];
        var stretchStart = 0L;
        foreach (var span in loop.Spans)
        {
            if (span.From >= stretchStart + stretch)
            {
                Close(drawn, filled, stretchStart, stretch);
                stretchStart = span.From - (span.From % stretch);
            }

            if (span.Kind == SpanKind.Idle)
            {
                continue;
            }

            if (span.Length >= stretch)
            {
                Add(drawn, Keys[(int)span.Kind], span.From, span.To);
            }
            else
            {
                filled[(int)span.Kind] += span.Length;
            }
        }

        Close(drawn, filled, stretchStart, stretch);
        return drawn;
    }

    private static void Close(List<WaterfallSpan> drawn, long[] filled, long start, long length)
    {
        if (filled.Sum() * 2 > length)
        {
            Add(drawn, Keys[Array.IndexOf(filled, filled.Max())], start, start + length);
        }

        Array.Clear(filled);
    }

    private static void Add(List<WaterfallSpan> drawn, WaterfallKey key, long start, long end)
    {
        if (drawn.Count > 0 && drawn[^1] is var last && last.Key == key && last.End == start)
        {
            drawn[^1] = last with { End = end };
        }
        else
        {
            drawn.Add(new WaterfallSpan(key, start, end));
        }
    }

    private static WaterfallKey KeyOf(SpanKind kind)
    {
        var name = SpanKinds.NameOf(kind);
        return kind == SpanKind.BlockingRead
            ? WaterfallMarks.Read
            : new WaterfallKey(name.Replace(' ', '-'), $"the loop: {name}", IsHatched: false);
    }
}
