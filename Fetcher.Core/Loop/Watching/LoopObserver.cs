using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop.Watching;

/// <summary>
/// Watches one loop of a watched run: what its thread spends its time on, and which transfers could have gone on meanwhile. Used on the loop's thread alone.
/// A loop that is not watched has none.
/// </summary>
/// <remarks>
/// The thread's time is one row of stretches: whoever begins something says so, which ends what was before. So the parts add up to the whole. Since
/// each change reads the clock, only what matters is told apart (bench/NOTES.md has the cost).
/// </remarks>
internal sealed class LoopObserver : ISyscallTimer, IDisposable
{
    /// <summary>Spans kept over all loops, and by the loop that keeps the fewest.</summary>
    private const int MostSpans = 64 * 1024, FewestSpans = 1024;

    /// <summary>A wait that ends sooner found everything ready, in nanoseconds: falling asleep and waking up takes longer.</summary>
    private const long LeastSleep = 20_000;

    /// <summary>Shorter is not worth a question why, in nanoseconds.</summary>
    private const long Notable = 1_000_000;

    /// <summary>From here on it is worth a system call to know more, in nanoseconds.</summary>
    private const long Late = 4_000_000;

    private readonly TimeProvider _clock;
    private readonly int _number;
    private readonly KernelClock _kernel;
    private readonly ThreadInterruptions _interruptions = new();
    private readonly long[] _budget = new long[Activities.Count];
    private readonly SpanRing _spans;
    private readonly LoopLag _lag = new();
    private readonly long _began;
    private SocketFd? _anchor;

    private Activity _activity = Activity.Other;
    private Activity _beforeCall;
    private long _owner = LoopSpan.Nobody;
    private long _since;
    private bool _isInCall;
    private bool _isBlocking;

    private bool _isWaiting;
    private bool _hasSlept;
    private bool _foundNothing;
    private long _waitBegan;
    private long _waitEnded;
    private long _timerDue;

    // The last sleep, the place behind it in the ring, and where it should have ended.
    private long _sleptFrom;
    private long _sleptTo;
    private long _sleptWell;
    private long _pausedAsleep;
    private long _behindSleep = -1;

    // Where what the last wait reported may lie: a stamp, and a moment that nobody knows.
    private long _stampsFrom;
    private long _readyFrom;
    private long _lookedBefore;
    private long _lookedAt;

    /// <param name="number">The loop's number, from 0.</param>
    /// <param name="loops">How many loops the run has.</param>
    /// <param name="clock">The loop's clock.</param>
    public LoopObserver(int number, int loops, TimeProvider clock)
    {
        _clock = clock;
        _number = number;
        _spans = new SpanRing(Math.Max(FewestSpans, MostSpans / loops));
        Stalls = new StallLog(_spans);
        _kernel = new KernelClock(clock);
        _began = _since = _waitBegan = _waitEnded = Nanoseconds.Now(clock);
        _kernel.Refresh(_began);
        SyscallCounters.Current.Timer = this;
    }

    /// <summary>Whose continuation the loop runs, or null.</summary>
    public TransferWatch? Current { get; private set; }

    /// <summary>When something was last begun: now, as far as it matters.</summary>
    public long Now => _since;

    /// <summary>The stalls of all transfers.</summary>
    public StallLog Stalls { get; }

    /// <summary>How the transfers overlapped.</summary>
    public LoopOverlap Overlap { get; } = new();

    /// <summary>Bytes that were read with blocking calls.</summary>
    public long BytesBlocking { get; private set; }

    /// <summary>Of them, those that had come before the call.</summary>
    public long BytesBuffered { get; private set; }

    /// <summary>
    /// Has the kernel stamp what a socket receives. It begins to when the first socket asks and ends with the last, both of which cost much, so that one is
    /// kept for as long as the loop runs.
    /// </summary>
    /// <returns>Whether it does.</returns>
    public bool Stamp(int fd)
    {
        if (!_kernel.IsUsable)
        {
            return false;
        }

        if (_anchor is null && Libc.StreamSocket(System.Net.Sockets.AddressFamily.InterNetwork) is { IsError: false } opened)
        {
            _anchor = new SocketFd(opened.Value);
            Libc.StampReceived(opened.Value);
        }

        return !Libc.StampReceived(fd).IsError;
    }

    /// <summary>Something else begins.</summary>
    /// <returns>What was under way, to be taken up again.</returns>
    public Activity Enter(Activity activity)
    {
        var before = _activity;
        Close(Nanoseconds.Now(_clock));
        _activity = activity;
        _owner = Current is null ? LoopSpan.Nobody : Current.Index;
        return before;
    }

    /// <summary>The loop begins to run a transfer's continuation, or its own affairs.</summary>
    public void Run(TransferWatch? transfer)
    {
        Current = transfer;
        Enter(Activity.Other);
    }

    /// <summary>The loop has come back from a continuation. What follows until something begins is little, and counts with that.</summary>
    public void Rest() => Current = null;

    public void Begin(Syscall call)
    {
        if (!_isBlocking && !_isInCall)
        {
            _isInCall = true;
            _beforeCall = Enter(Activities.Of(call));
        }
    }

    public void End()
    {
        if (_isInCall)
        {
            _isInCall = false;
            var now = Nanoseconds.Now(_clock);
            if (_isWaiting && now - _since >= LeastSleep)
            {
                EndSleep(now);
            }
            else
            {
                Close(now);
            }

            _activity = _beforeCall;
        }
    }

    /// <summary>A call begins on a descriptor that lets it wait.</summary>
    /// <returns>What was under way, for <see cref="EndBlocking"/>.</returns>
    public Activity BeginBlocking()
    {
        var before = Enter(Activity.Blocked);
        _isBlocking = true;
        return before;
    }

    /// <summary>It has ended.</summary>
    public void EndBlocking(Activity before)
    {
        _isBlocking = false;
        Enter(before);
    }

    /// <summary>The loop asks for news, and waits for so many milliseconds at most.</summary>
    public void BeginWait(int timeoutMilliseconds)
    {
        Run(null);
        CountLag();
        _waitBegan = _since;
        _timerDue = timeoutMilliseconds > 0 ? _since + (timeoutMilliseconds * 1_000_000L) : long.MaxValue;
        _isWaiting = timeoutMilliseconds != 0;
        _hasSlept = false;
    }

    /// <summary>It has so many.</summary>
    public void EndWait(int events)
    {
        _isWaiting = false;
        if (!_foundNothing)
        {
            // What is ready may have been so since the last look.
            _stampsFrom = _readyFrom = _waitEnded;
        }

        // A sleep ends when something is ready. A signal ends one without news: these come with the next look, and may be as old as the sleep.
        _readyFrom = _hasSlept ? _sleptTo : _readyFrom;
        _foundNothing = events == 0;
        _waitEnded = _since;
        (_lookedBefore, _lookedAt) = (_readyFrom, _since);
        _kernel.Refresh(_since);
        _interruptions.Refresh(_since);
    }

    /// <summary>The loop comes back late: what it finds ready may have been so for long.</summary>
    public bool IsLate => _waitBegan - _stampsFrom >= Late;

    /// <summary>Whether it is time to look, between two blocking calls, what has come for others.</summary>
    public bool TryLook()
    {
        if (_since - _lookedAt < Notable)
        {
            return false;
        }

        (_lookedBefore, _lookedAt) = (_lookedAt, _since);
        return true;
    }

    /// <summary>A socket is ready, and its transfer is not served yet: notes since when.</summary>
    /// <param name="stamp">When the first of what lies there came, by the kernel; 0 when nobody knows.</param>
    /// <param name="transfer">Who waits.</param>
    public void NoteReady(long stamp, TransferWatch transfer) =>
        transfer.NoteArrival(stamp != 0 && _kernel.ToLoop(stamp) is var moment and not 0 ? moment : _lookedBefore);

    /// <summary>A transfer that waited for a socket goes on; whether in vain, its next call tells.</summary>
    public void Resume(TransferWatch? transfer, StallCause cause)
    {
        Run(transfer);
        transfer?.Resume(_since, cause, _stampsFrom, _waitEnded, _readyFrom);
    }

    /// <summary>A transfer goes on that waited for another thread.</summary>
    /// <param name="transfer">The transfer, or null for the loop's own affairs.</param>
    /// <param name="ready">When it could have gone on, on the loop's clock.</param>
    public void ResumePosted(TransferWatch? transfer, long ready)
    {
        Run(transfer);
        transfer?.ResumeFrom(ready, _since, StallCause.Elsewhere);
    }

    /// <summary>A transfer goes on whose timer is due. A loop that sleeps cannot wake up between two milliseconds, so that is no stall.</summary>
    public void ResumeTimer(TransferWatch? transfer, long due)
    {
        Run(transfer);
        transfer?.ResumeFrom(_hasSlept && _waitBegan < due ? Math.Clamp(_timerDue, due, Math.Max(due, _waitEnded)) : due, _since, StallCause.Timer);
    }

    /// <summary>A call that does not wait has received something, or the end.</summary>
    /// <param name="stamp">When the last of it came, by the kernel; 0 when nobody knows.</param>
    public void Received(long stamp)
    {
        var arrived = stamp == 0 ? 0 : _kernel.ToLoop(stamp);
        if (arrived >= _sleptFrom && _sleptTo - arrived >= Notable)
        {
            CutSleep(arrived);
        }

        Current?.Take(arrived);
    }

    /// <summary>A call that may wait has received something, or the end.</summary>
    /// <param name="stamp">When the last of it came, by the kernel; 0 when nobody knows.</param>
    /// <param name="called">When the call began.</param>
    /// <param name="length">How many bytes it received.</param>
    public void Received(long stamp, long called, int length)
    {
        var arrived = stamp == 0 ? 0 : _kernel.ToLoop(stamp);
        BytesBlocking += length;
        BytesBuffered += arrived != 0 && arrived <= called ? length : 0;
        Current?.Take(arrived);
        if (arrived > called && _since - arrived >= Notable)
        {
            // The call had what it waited for, and the thread did not run.
            _budget[(int)Activity.Blocked] -= _since - arrived;
            _budget[(int)Activity.NotScheduled] += _since - arrived;
            _spans.Extend(_spans.Reserve(_since, SpanKind.NotScheduled), arrived, SpanKind.NotScheduled);
            Current?.Note(arrived, _since, StallCause.Bytes, isBound: false);
        }
    }

    /// <summary>What a socket was waited for has been done: it is connected, or took bytes.</summary>
    public void Succeeded() => Current?.Take(0);

    /// <summary>A transfer of this loop, one after the other.</summary>
    public TransferWatch NewTransfer() => new(this);

    /// <summary>Makes a stream around another, such as a decoder, and watches what it does beside reading that.</summary>
    /// <param name="activity">What it does.</param>
    /// <param name="source">The other.</param>
    /// <param name="make">Makes it.</param>
    public Stream Around(Activity activity, Stream source, Func<Stream, Stream> make) =>
        new WatchedStream(make(new WatchedStream(source, this, Activity.Other, after: activity)), this, activity, after: Activity.Other);

    /// <summary>The loop works for <paramref name="transfer"/> from now on.</summary>
    public void RunFor(TransferWatch transfer)
    {
        if (Current != transfer || _owner != transfer.Index)
        {
            Run(transfer);
        }
    }

    /// <summary>What was seen, once the loop has ended.</summary>
    /// <param name="runStart">When the run began, on the loop's clock.</param>
    public LoopRecord Finish(long runStart)
    {
        Run(null);
        SyscallCounters.Current.Timer = null;
        CountLag();
        return new LoopRecord
        {
            Number = _number,
            From = _began - runStart,
            To = _since - runStart,
            Budget = [.. _budget.Index().Where(part => part.Item > 0).OrderByDescending(part => part.Item)
                .Select(part => (Activities.NameOf((Activity)part.Index), part.Item))],
            Delay = _lag.Delays,
            Utilization = _since > _began ? 1 - ((double)_budget[(int)Activity.Idle] / (_since - _began)) : 0,
            Spans = _spans.CountedFrom(runStart),
            ForgottenSpans = _spans.Forgotten,
            Stalls = Stalls.CountedFrom(runStart),
            ForgottenStalls = Stalls.Forgotten,
            Blockers = Stalls.Blockers.Ranking,
            BoundStall = Stalls.Bound,
            BytesBlocking = BytesBlocking,
            BytesBuffered = BytesBuffered,
            Overlap = Overlap,
        };
    }

    /// <summary>Ends what was under way.</summary>
    private void Close(long now)
    {
        var length = now - _since;
        var doesWork = _activity is not (Activity.Idle or Activity.Blocked or Activity.Callback);
        if (doesWork)
        {
            _interruptions.Count(length);
        }

        var (paused, unscheduled) = length >= Notable ? WhyLong(length, doesWork) : default;
        Add(_activity, _since, now - paused - unscheduled);
        Add(Activity.GcPause, now - paused - unscheduled, now - unscheduled);
        Add(Activity.NotScheduled, now - unscheduled, now);
        _since = now;
    }

    private (long Paused, long Unscheduled) WhyLong(long length, bool doesWork)
    {
        var paused = Math.Min(length, _interruptions.TakePauses());
        if (_activity is Activity.Idle or Activity.Blocked)
        {
            // Nobody was kept from anything, unless news came meanwhile.
            _pausedAsleep = paused;
            return default;
        }

        var unscheduled = doesWork ? Math.Clamp(_interruptions.TakeUnscheduled() - paused, 0, length - paused) : 0;
        return (paused, unscheduled >= Notable / 2 ? unscheduled : 0);
    }

    private void Add(Activity activity, long from, long to)
    {
        if (to > from)
        {
            _budget[(int)activity] += to - from;
            var owner = activity is Activity.Idle or Activity.GcPause or Activity.NotScheduled ? LoopSpan.Nobody : _owner;
            _spans.Add(from, to, owner, Activities.KindOf(activity));
        }
    }

    private void EndSleep(long now)
    {
        var from = _since;
        _activity = Activity.Idle;
        Close(now);
        _hasSlept = true;
        if (_foundNothing && now - from < Notable)
        {
            // What comes now may have been there in the sleep before, which a signal ended.
            return;
        }

        (_sleptFrom, _sleptTo, _sleptWell) = (from, now, now);
        _behindSleep = now - from >= Notable ? _spans.Reserve(now, SpanKind.NotScheduled) : -1;
        if (now - _timerDue >= Notable)
        {
            CutSleep(_timerDue);
        }
    }

    /// <summary>There was something to do while the loop slept, and it did not wake up.</summary>
    private void CutSleep(long there)
    {
        if (there >= _sleptWell || _behindSleep < 0)
        {
            return;
        }

        var cut = _sleptWell - there;
        var why = 2 * _pausedAsleep >= cut ? Activity.GcPause : Activity.NotScheduled;
        _budget[(int)Activity.Idle] -= cut;
        _budget[(int)why] += cut;
        _spans.Extend(_behindSleep, there, Activities.KindOf(why));
        _sleptWell = there;
    }

    /// <summary>Counts what timers would have waited for since the last wait began.</summary>
    private void CountLag()
    {
        var well = _hasSlept ? Math.Max(_waitBegan, _sleptWell) : _waitBegan;
        _lag.AddIdle(_waitBegan, well);
        _lag.AddBusy(well, _since);
    }

    public void Dispose()
    {
        SyscallCounters.Current.Timer = null;
        _anchor?.Dispose();
    }
}
