using System.Runtime.InteropServices;

namespace Fetcher.Core;

/// <summary>
/// When one transfer waited for its loop, in fixed memory: stretches that are close together become one, which knows how much of it was waiting. One a slot,
/// used again for the next transfer.
/// </summary>
internal sealed class StallSpans
{
    private const int Most = 64;

    /// <summary>Stretches that are closer together become one. Nanoseconds.</summary>
    private const long UsualGap = 20_000;

    private readonly List<Span> _spans = new(Most);
    private long _gap = UsualGap;

    /// <summary>When the transfer was due, on the clock of the stretches.</summary>
    public long Due { get; set; }

    /// <summary>Forgets the transfer before.</summary>
    public void Clear()
    {
        _spans.Clear();
        _gap = UsualGap;
    }

    /// <summary>Adds a stretch. They come in the order in which they ended, more or less.</summary>
    public void Add(long from, long to)
    {
        if (!TryJoin(new Span(from, to, to - from)))
        {
            MakeRoom();
            _spans.Add(new Span(from, to, to - from));
        }
    }

    /// <summary>How much waiting there was between two moments, counted from when the transfer was due. Nanoseconds.</summary>
    public long Within(long from, long to)
    {
        var sum = 0.0;
        foreach (var span in _spans)
        {
            var overlap = Math.Min(to + Due, span.To) - Math.Max(from + Due, span.From);
            sum += overlap > 0 ? (double)overlap / (span.To - span.From) * span.Waited : 0;
        }

        return Math.Min((long)Math.Round(sum), to - from);
    }

    private bool TryJoin(Span next)
    {
        if (_spans is not [.., var last] || next.From - last.To > _gap)
        {
            return false;
        }

        _spans[^1] = new Span(Math.Min(last.From, next.From), Math.Max(last.To, next.To), last.Waited + next.Waited);
        return true;
    }

    private void MakeRoom()
    {
        while (_spans.Count >= Most)
        {
            _gap *= 2;
            var all = CollectionsMarshal.AsSpan(_spans).ToArray();
            _spans.Clear();
            foreach (var span in all)
            {
                if (!TryJoin(span))
                {
                    _spans.Add(span);
                }
            }
        }
    }

    /// <param name="From">Its start.</param>
    /// <param name="To">Its end.</param>
    /// <param name="Waited">How much of it was waiting.</param>
    private readonly record struct Span(long From, long To, long Waited);
}
