using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop.Watching;

/// <summary>Accounts for the time of a loop's thread: what it spent on which activity. Used on that thread alone; it times the thread's system calls as well.</summary>
/// <remarks>
/// The time is one row of stretches: whoever begins something says so, which ends what was before. So the parts add up to the whole. Since each change
/// reads the clock, only what matters is told apart (bench/NOTES.md has the cost).
/// </remarks>
internal sealed class LoopLedger : ISyscallTimer
{
    /// <summary>For shorter stretches, in nanoseconds, it is not looked up whether the thread was interrupted.</summary>
    public const long Notable = 1_000_000;

    /// <summary>Spans kept over all loops, and by the loop that keeps the fewest.</summary>
    private const int MostSpans = 64 * 1024, FewestSpans = 1024;

    /// <summary>A wait that ends sooner found everything ready, in nanoseconds: falling asleep and waking up takes longer.</summary>
    private const long LeastSleep = 20_000;

    private readonly TimeProvider _clock;
    private readonly ThreadInterruptions _interruptions = new();
    private readonly long[] _budget = new long[Activities.Count];
    private readonly LoopLag _lag = new();

    private Activity _activity = Activity.Other;
    private Activity _beforeCall;
    private bool _isInCall;
    private bool _leadsToCall;
    private bool _isBlocking;
    private bool _isWaiting;

    // For whom the thread works, and the index that it had when that began.
    private TransferWatch? _owner;
    private long _ownerIndex = LoopSpan.Nobody;

    // The last sleep, and the one before it if that may have been ended by a signal, whatever had come.
    private Sleep _sleep;
    private Sleep _interrupted;
    private long _pausedAsleep;

    /// <param name="loops">How many loops the run has.</param>
    /// <param name="clock">The loop's clock.</param>
    public LoopLedger(int loops, TimeProvider clock)
    {
        _clock = clock;
        Spans = new SpanRing(Math.Max(FewestSpans, MostSpans / loops));
        Began = Now = WaitBegan = MonotonicClock.Now(clock);
    }

    /// <summary>When the loop began, in nanoseconds of its clock, as are all times here.</summary>
    public long Began { get; }

    /// <summary>When the current activity began. Good enough as the current time.</summary>
    public long Now { get; private set; }

    /// <summary>The last spans of the loop's time.</summary>
    public SpanRing Spans { get; }

    /// <summary>The transfer whose continuation the loop is running, or null.</summary>
    public TransferWatch? Current { get; private set; }

    /// <summary>When the loop last began to wait for events.</summary>
    public long WaitBegan { get; private set; }

    /// <summary>The timeout of that wait as a moment; the largest number when it has none.</summary>
    public long TimerDue { get; private set; }

    /// <summary>Whether the thread slept in that wait.</summary>
    public bool HasSlept { get; private set; }

    /// <summary>When the last sleep ended.</summary>
    public long SleptTo => _sleep.To;

    /// <summary>Whether the last wait ended without an event.</summary>
    public bool FoundNothing { get; private set; }

    /// <summary>When the last call on a blocking descriptor began.</summary>
    public long BlockedFrom { get; private set; }

    /// <summary>Where the time went, as in <see cref="LoopRecord.Budget"/>.</summary>
    public IReadOnlyList<(string Name, long Nanoseconds)> Budget =>
    [
        .. _budget.Index().Where(part => part.Item > 0).OrderByDescending(part => part.Item)
            .Select(part => (Activities.NameOf((Activity)part.Index), part.Item)),
    ];

    /// <summary>How long timers would have waited, as in <see cref="LoopRecord.Delay"/>.</summary>
    public Histogram Delay => _lag.Delays;

    /// <summary>The part of the time, from 0 to 1, in which the loop was not waiting for events.</summary>
    public double Utilization => Now > Began ? 1 - ((double)_budget[(int)Activity.Idle] / (Now - Began)) : 0;

    /// <summary>Begins an activity, which ends the one before.</summary>
    /// <returns>What was under way, to be taken up again.</returns>
    public Activity Enter(Activity activity)
    {
        var before = _activity;
        Close(MonotonicClock.Now(_clock));
        _activity = activity;
        _leadsToCall = false;
        TakeOver();
        return before;
    }

    /// <summary>Reads the clock, in the middle of an activity.</summary>
    public long Read() => MonotonicClock.Now(_clock);

    /// <summary>Counts the activity that has just begun as part of the system call that follows it.</summary>
    public void LeadToCall() => _leadsToCall = true;

    /// <summary>What is under way is for <see cref="Current"/>, whose index may be another than when it began.</summary>
    public void TakeOver()
    {
        _owner = Current;
        _ownerIndex = Current is null ? LoopSpan.Nobody : Current.Index;
    }

    /// <summary>Begins to run a transfer's continuation, or (null) the loop's own work.</summary>
    public void Run(TransferWatch? transfer)
    {
        Current = transfer;
        Enter(Activity.Other);
    }

    /// <summary>Ends the continuation. The little that follows counts with it until another activity begins.</summary>
    public void Rest() => Current = null;

    public void Begin(Syscall call)
    {
        if (!_isBlocking && !_isInCall)
        {
            _isInCall = true;
            if (_leadsToCall)
            {
                (_beforeCall, _activity, _leadsToCall) = (_activity, Activities.Of(call), false);
                return;
            }

            _beforeCall = Enter(Activities.Of(call));
        }
    }

    public void End()
    {
        if (_isInCall)
        {
            _isInCall = false;
            var now = MonotonicClock.Now(_clock);
            if (_isWaiting && _activity != Activity.Idle && now - Now >= LeastSleep)
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

    /// <summary>Begins a call on a blocking descriptor.</summary>
    /// <returns>What was under way, for <see cref="EndBlocking"/>.</returns>
    public Activity BeginBlocking()
    {
        var before = Enter(Activity.Blocked);
        _isBlocking = true;
        BlockedFrom = Now;
        return before;
    }

    /// <summary>Ends a call on a blocking descriptor.</summary>
    public void EndBlocking(Activity before)
    {
        _isBlocking = false;
        Enter(before);
    }

    /// <summary>Begins to wait for events.</summary>
    /// <param name="timeoutMilliseconds">The longest wait; negative is without a limit.</param>
    public void BeginWait(int timeoutMilliseconds)
    {
        Run(null);
        LeadToCall();
        CountLag();
        WaitBegan = Now;
        TimerDue = timeoutMilliseconds > 0 ? Now + (timeoutMilliseconds * 1_000_000L) : long.MaxValue;
        _isWaiting = timeoutMilliseconds != 0;
        HasSlept = false;
    }

    /// <summary>Ends the wait for events.</summary>
    public void EndWait(bool foundNothing)
    {
        _isWaiting = false;
        FoundNothing = foundNothing;
        _interruptions.Refresh(Now);
    }

    /// <summary>Notes that something had arrived by a moment within the last sleep. What the thread slept on beyond it, it was ready to run and did not.</summary>
    public void NoteNews(long arrived)
    {
        if (arrived >= _interrupted.From && _interrupted.To - arrived >= Notable)
        {
            Cut(ref _interrupted, arrived);
            Cut(ref _sleep, _sleep.From);
        }
        else if (arrived >= _sleep.From && _sleep.To - arrived >= Notable)
        {
            Cut(ref _sleep, arrived);
        }
    }

    /// <summary>Counts the end of the last blocking call as not scheduled: what it waited for had come by then.</summary>
    public void NoteUnscheduled(long from)
    {
        _budget[(int)Activity.Blocked] -= Now - from;
        _budget[(int)Activity.NotScheduled] += Now - from;
        Spans.Extend(Spans.Reserve(Now, SpanKind.NotScheduled), from, SpanKind.NotScheduled);
    }

    /// <summary>Ends the account.</summary>
    public void Finish()
    {
        Run(null);
        CountLag();
    }

    /// <summary>Ends the current activity, and tells how much of it the thread did not run.</summary>
    private void Close(long now)
    {
        var length = now - Now;
        var doesWork = _activity is not (Activity.Idle or Activity.Blocked or Activity.Callback);
        if (doesWork)
        {
            _interruptions.Count(length);
        }

        var (paused, unscheduled) = length >= Notable ? WhyLong(length, doesWork) : default;
        Add(_activity, Now, now - paused - unscheduled);
        Add(Activity.GcPause, now - paused - unscheduled, now - unscheduled);
        Add(Activity.NotScheduled, now - unscheduled, now);
        Now = now;
        if (paused + unscheduled > 0 && _owner?.Index == _ownerIndex)
        {
            _owner.Interrupt(now - paused - unscheduled, now);
        }
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
            var owner = activity is Activity.Idle or Activity.GcPause or Activity.NotScheduled ? LoopSpan.Nobody : _ownerIndex;
            Spans.Add(from, to, owner, Activities.KindOf(activity));
        }
    }

    private void EndSleep(long now)
    {
        var from = Now;
        _activity = Activity.Idle;
        Close(now);

        // A signal ends a wait with nothing found, or a call of it that is then repeated. What comes now may have been there in the sleep before.
        var mayBeInterrupted = FoundNothing || HasSlept;
        HasSlept = true;
        if (mayBeInterrupted && now - from < Notable)
        {
            return;
        }

        _interrupted = mayBeInterrupted ? _sleep : default;
        _sleep = new Sleep(from, now, now, _pausedAsleep, now - from >= Notable ? Spans.Reserve(now, SpanKind.NotScheduled) : Sleep.NoPlace);
        if (now - TimerDue >= Notable)
        {
            Cut(ref _sleep, TimerDue);
        }
    }

    /// <summary>Counts the end of a sleep as not scheduled, or as a pause of the garbage collector: there was something to do from a moment on.</summary>
    private void Cut(ref Sleep sleep, long there)
    {
        if (there >= sleep.Well || sleep.Place == Sleep.NoPlace)
        {
            return;
        }

        var cut = sleep.Well - there;
        var why = 2 * sleep.Paused >= cut ? Activity.GcPause : Activity.NotScheduled;
        _budget[(int)Activity.Idle] -= cut;
        _budget[(int)why] += cut;
        Spans.Extend(sleep.Place, there, Activities.KindOf(why));
        sleep.Well = there;
    }

    /// <summary>Counts how long timers would have waited since the last wait began.</summary>
    private void CountLag()
    {
        // A wait is two sleeps where a signal ended the first: what has been cut of that was no sleep, nor is what followed.
        var slept = _interrupted.From >= WaitBegan && _interrupted.Well < _interrupted.To ? _interrupted.Well : _sleep.Well;
        var well = HasSlept ? Math.Max(WaitBegan, slept) : WaitBegan;
        _lag.AddIdle(WaitBegan, well);
        _lag.AddBusy(well, Now);
    }

    /// <summary>A sleep of the thread.</summary>
    /// <param name="From">When it began.</param>
    /// <param name="To">When it ended.</param>
    /// <param name="Well">When it should have ended.</param>
    /// <param name="Paused">How long the garbage collector stopped all threads meanwhile.</param>
    /// <param name="Place">Its place in the ring for what it slept on, or <see cref="NoPlace"/>.</param>
    private record struct Sleep(long From, long To, long Well, long Paused, long Place)
    {
        public const long NoPlace = -1;
    }
}
