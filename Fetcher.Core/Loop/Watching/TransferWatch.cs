using System.Runtime.InteropServices;

namespace Fetcher.Core.Loop.Watching;

/// <summary>
/// What is known of one transfer's waits, in a watched run: since when it waits, since when it could go on, and when the loop came to it. One a slot, used
/// again for the next transfer.
/// </summary>
/// <remarks>
/// A transfer could go on from the first byte on, but the kernel's stamp is that of the last byte in a piece of the stream, and pieces grow while nobody
/// reads. So it is kept within bounds: what came was not there when the wait began, and was there when the poller said so; and when the loop comes back late,
/// or between two blocking calls, all stamps are looked at before anybody is served.
/// </remarks>
internal sealed class TransferWatch(LoopObserver observer)
{
    /// <summary>After a pause between two transfers of a slot that is longer, in nanoseconds, no delay of the earlier one counts for the later one.</summary>
    private const long CaughtUp = 1_000_000;

    private const int MostBlockers = 16;

    private readonly List<(long Transfer, SpanKind Kind, long Cost)> _behind = [];
    private readonly StallSpans _spans = new();
    private long _stall;
    private bool _isUnderWay;
    private long _parkedAt;

    // It goes on, and its next call tells whether there was anything to go on for.
    private bool _isBack;
    private long _backAt;
    private long _stampsFrom;
    private long _stampsTo;
    private long _readyFrom;
    private long _seen;
    private long _closedSince;
    private StallCause _cause;

    private long _lastEnd = long.MinValue / 2;
    private long _perfectEnd;

    /// <summary>Index of the transfer, or <see cref="LoopSpan.Nobody"/> before there is one.</summary>
    public long Index { get; private set; } = LoopSpan.Nobody;

    /// <summary>Begins the next transfer of the slot.</summary>
    public void Begin(long index)
    {
        Index = index;
        _isUnderWay = true;
        _stall = 0;
        _spans.Clear();
        _behind.Clear();
        _isBack = false;
        observer.RunFor(this);
    }

    /// <summary>Resumes the transfer after a wait that is not watched.</summary>
    public void GoOn() => observer.RunFor(this);

    /// <summary>Begins an activity of the transfer that others may have to wait behind.</summary>
    /// <returns>What was under way, for <see cref="LoopObserver.Enter"/>.</returns>
    public Activity Enter(Activity activity) => observer.Enter(activity);

    /// <summary>Begins a wait of the transfer.</summary>
    public void Park()
    {
        _isBack = false;
        _seen = _closedSince = 0;
        _parkedAt = observer.Now;
    }

    /// <summary>Notes since when the transfer could go on; it has not been served yet.</summary>
    /// <param name="since">Since when, or since when at the earliest. What is there already stays.</param>
    public void NoteArrival(long since) => _seen = _seen == 0 ? since : _seen;

    /// <summary>Notes that what has come has filled the window of its HTTP/2 stream: from then on its server had to wait, too.</summary>
    public void NoteClosedSince(long moment) => _closedSince = moment;

    /// <summary>
    /// Notes that the server could not send, since the window of the HTTP/2 connection was closed.
    /// </summary>
    /// <param name="from">Since when.</param>
    /// <param name="to">Until when.</param>
    /// <param name="blocker">The transfer whose unread body filled most of the window.</param>
    /// <param name="url">Its URL.</param>
    public void NoteClosedWindow(long from, long to, long blocker, string url)
    {
        var since = Math.Max(from, _parkedAt);
        if (to > since && blocker != Index)
        {
            _stall += to - since;
            _spans.Add(since, to);
            observer.Stalls.AddBehindBody(this, since, to, new LoopSpan(from, to, blocker, SpanKind.UnreadBody), url);
            _parkedAt = to;
        }
    }

    /// <summary>Resumes the transfer, which may find that there is nothing to go on for.</summary>
    /// <param name="now">Now.</param>
    /// <param name="cause">What it waited for.</param>
    /// <param name="stampsFrom">What it waited for is not from before.</param>
    /// <param name="stampsTo">And was there by then.</param>
    /// <param name="readyFrom">Without a stamp: the earliest moment at which it could have gone on.</param>
    internal void Resume(long now, StallCause cause, long stampsFrom, long stampsTo, long readyFrom)
    {
        _isBack = true;
        (_backAt, _cause) = (now, cause);
        (_stampsFrom, _stampsTo, _readyFrom) = (Math.Max(_parkedAt, stampsFrom), stampsTo, Math.Max(_parkedAt, readyFrom));
    }

    /// <summary>Resumes the transfer, which could have gone on from <paramref name="ready"/> on.</summary>
    internal void ResumeFrom(long ready, long now, StallCause cause) => Note(Math.Max(ready, _parkedAt), now, cause, isBound: false);

    /// <summary>Notes that there was something to go on for, so that the time since then was a stall.</summary>
    /// <param name="arrived">Since when, if the kernel says so; else 0.</param>
    internal void Take(long arrived)
    {
        if (_isBack)
        {
            _isBack = false;
            var isBound = arrived == 0;
            var first = _seen != 0 ? _seen : isBound ? _readyFrom : Math.Min(arrived, _stampsTo);
            first = Math.Max(first, _stampsFrom);
            if (_closedSince != 0)
            {
                var closed = Math.Max(first, _closedSince);
                Note(first, Math.Min(closed, _backAt), _cause, isBound);
                (first, _cause) = (closed, StallCause.Window);
            }

            Note(first, _backAt, _cause, isBound);
        }
    }

    /// <summary>Notes that the loop's thread did not run while it was working for this transfer.</summary>
    internal void Interrupt(long from, long to)
    {
        if (_isUnderWay)
        {
            Note(from, to, StallCause.Processor, isBound: false);
        }
    }

    /// <summary>Counts a stall.</summary>
    internal void Note(long from, long to, StallCause cause, bool isBound)
    {
        if (to > from)
        {
            _stall += to - from;
            _spans.Add(from, to);
            observer.Stalls.Add(this, from, to, cause, isBound);
        }
    }

    /// <summary>Notes that the transfer waited behind a span, for part of a stall.</summary>
    internal void WaitBehind(in LoopSpan span, long overlap)
    {
        // Asked for each span of each stall: with many in flight, a transfer waits behind all of them.
        var (least, leastCost) = (0, long.MaxValue);
        var behind = CollectionsMarshal.AsSpan(_behind);
        for (var i = 0; i < behind.Length; i++)
        {
            ref var known = ref behind[i];
            if (known.Transfer == span.Transfer && known.Kind == span.Kind)
            {
                known.Cost += overlap;
                return;
            }

            if (known.Cost < leastCost)
            {
                (least, leastCost) = (i, known.Cost);
            }
        }

        if (behind.Length == MostBlockers)
        {
            observer.Stalls.Blockers.NoteCost(behind[least].Transfer, behind[least].Kind, leastCost);
            _behind.RemoveAt(least);
        }

        _behind.Add((span.Transfer, span.Kind, overlap));
    }

    /// <summary>Ends the transfer, and writes its stall and who it waited for to its result.</summary>
    /// <param name="result">Its result.</param>
    /// <param name="due">When it was due, on the loop's clock.</param>
    public void End(FetchResult result, long due)
    {
        _isUnderWay = false;
        _spans.Due = due;
        result.StallSpans = _spans;

        // An address race waits for two sockets at once.
        result.ClientStall = Math.Min(_stall, result.TimeTotal);
        Span<long> costs = stackalloc long[SpanKinds.Count];
        foreach (var (transfer, kind, cost) in _behind)
        {
            observer.Stalls.Blockers.NoteCost(transfer, kind, cost);
            costs[(int)kind] += cost;
        }

        if (_behind.Count > 0)
        {
            var worst = SpanKinds.Worst(costs);
            var (transfer, kind, cost) = _behind.MaxBy(known => known.Kind == worst ? known.Cost : 0);
            result.StallBlocker = new StallBlocker(transfer, SpanKinds.NameOf(kind), cost);
        }

        var (from, to) = (result.Start + result.TimeQueue, result.Start + result.TimeTotal);
        var perfectStart = from - _lastEnd > CaughtUp ? from : _perfectEnd;
        _lastEnd = to;
        _perfectEnd = perfectStart + Math.Max(0, to - from - result.ClientStall);
        observer.Overlap.Add(from, to, _perfectEnd);
    }
}
