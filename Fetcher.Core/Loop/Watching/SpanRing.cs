using System.Numerics;

namespace Fetcher.Core.Loop.Watching;

/// <summary>
/// The last spans of a loop, in fixed memory. Pieces too short for anybody to mind become one span: those of one transfer join the long span before them,
/// those of several become work of nobody.
/// </summary>
/// <param name="capacity">How many spans are kept at least; it is rounded up to a power of two, whose remainder is a mask.</param>
internal sealed class SpanRing(int capacity)
{
    /// <summary>Shorter is a piece, in nanoseconds.</summary>
    private const long Short = 100_000;

    private LoopSpan[] _spans = new LoopSpan[Math.Min((int)BitOperations.RoundUpToPowerOf2((uint)capacity), 256)];
    private long _added;

    /// <summary>How many spans are gone.</summary>
    public long Forgotten => Math.Max(0, _added - _spans.Length);

    /// <summary>Adds what followed the last span.</summary>
    public void Add(long from, long to, long transfer, SpanKind kind)
    {
        if (to <= from)
        {
            return;
        }

        if (_added > 0)
        {
            ref var last = ref At(_added - 1);
            if (last.Kind == kind && last.Transfer == transfer)
            {
                last = last with { To = to };
                return;
            }

            if (to - from < Short && IsWork(kind) && IsWork(last.Kind) && (last.Transfer == transfer || IsMixed(last) || last.Length < Short))
            {
                last = last.Length >= Short ? last with { To = to } : new LoopSpan(
                    last.From, to, last.Transfer == transfer ? transfer : LoopSpan.Nobody, last.Kind == kind ? kind : SpanKind.Work);
                return;
            }
        }

        Append(new LoopSpan(from, to, transfer, kind));
    }

    /// <summary>Leaves a place behind the last span that <see cref="Extend"/> can fill later.</summary>
    /// <returns>The place, to be given to <see cref="Extend"/>.</returns>
    public long Reserve(long at, SpanKind kind)
    {
        Append(new LoopSpan(at, at, LoopSpan.Nobody, kind));
        return _added - 1;
    }

    /// <summary>The span in a reserved place began earlier, and the one before it ended then. For nothing once they are gone.</summary>
    public void Extend(long place, long from, SpanKind kind)
    {
        if (place > Forgotten)
        {
            ref var span = ref At(place);
            span = span with { From = from, Kind = kind };
            ref var before = ref At(place - 1);
            before = before with { To = from };
        }
    }

    /// <summary>The spans that overlap a stretch of time and are still there, in order.</summary>
    public Overlapping Between(long from, long to)
    {
        var (first, oldest) = (_added, Forgotten);
        while (first > oldest && At(first - 1).To > from)
        {
            first--;
        }

        return new Overlapping(this, first, to);
    }

    /// <summary>All that are still there, with their times counted from <paramref name="start"/>.</summary>
    public IReadOnlyList<LoopSpan> CountedFrom(long start)
    {
        var spans = new List<LoopSpan>();
        for (var i = Forgotten; i < _added; i++)
        {
            var span = At(i);
            if (span.Length > 0)
            {
                spans.Add(span with { From = span.From - start, To = span.To - start });
            }
        }

        return spans;
    }

    private static bool IsWork(SpanKind kind) => kind is not (SpanKind.Idle or SpanKind.GcPause or SpanKind.NotScheduled);

    private static bool IsMixed(in LoopSpan span) => span is { Transfer: LoopSpan.Nobody, Kind: SpanKind.Work };

    private ref LoopSpan At(long number) => ref _spans[(int)number & (_spans.Length - 1)];

    /// <summary>Spans one after the other, for a foreach that allocates nothing: a transfer may wait behind all others.</summary>
    public struct Overlapping(SpanRing ring, long first, long to)
    {
        private long _next = first;

        public LoopSpan Current { get; private set; }

        public readonly Overlapping GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_next >= ring._added || ring.At(_next).From >= to)
            {
                return false;
            }

            Current = ring.At(_next++);
            return true;
        }
    }

    private void Append(in LoopSpan span)
    {
        if (_added == _spans.Length && _spans.Length < capacity)
        {
            Array.Resize(ref _spans, 2 * _spans.Length);
        }

        At(_added++) = span;
    }
}
