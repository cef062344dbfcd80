using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop.Watching;

/// <summary>
/// Watches one loop of a watched run: which transfers could have gone on while it did something else, what that was, and what the kernel knows of when
/// their bytes came. Used on the loop's thread alone. A loop that is not watched has none.
/// </summary>
internal sealed class LoopObserver : IDisposable
{
    /// <summary>A loop that has not asked for events for longer, in nanoseconds, asks the kernel when each event came.</summary>
    private const long Late = 4_000_000;

    private readonly int _number;
    private readonly KernelClock _kernel;
    private readonly LoopLedger _ledger;
    private readonly List<(TransferWatch Transfer, long Index, long Since)> _handedIn = [];
    private SocketFd? _anchor;
    private long _waitBegan;
    private long _waitEnded;

    // Since when what the last wait reported may have been ready: by a stamp, and where nobody knows. The last look that found something ended then.
    private long _stampsFrom;
    private long _readyFrom;
    private long _lookEnded;

    /// <param name="number">The loop's number, from 0.</param>
    /// <param name="loops">How many loops the run has.</param>
    /// <param name="clock">The loop's clock.</param>
    /// <param name="standsStill">Whether the loop's thread makes blocking calls while others wait: then another one looks out for them.</param>
    public LoopObserver(int number, int loops, TimeProvider clock, bool standsStill = false)
    {
        _number = number;
        _ledger = new LoopLedger(loops, clock);
        Stalls = new StallLog(_ledger.Spans);
        _kernel = new KernelClock(clock);
        Arrivals = standsStill && _kernel.IsUsable ? new ArrivalWatch() : null;
        _waitBegan = _waitEnded = Now;
        _kernel.Refresh(Now);
        SyscallCounters.Current.Timer = _ledger;
    }

    /// <summary>The transfer whose continuation the loop is running, or null.</summary>
    public TransferWatch? Current => _ledger.Current;

    /// <summary>When the current activity began. Good enough as the current time.</summary>
    public long Now => _ledger.Now;

    /// <summary>Notes on another thread when bytes arrive while the loop stands in a blocking call; null where no transfer waits behind such calls.</summary>
    public ArrivalWatch? Arrivals { get; }

    /// <summary>The stalls of all transfers.</summary>
    public StallLog Stalls { get; }

    /// <summary>How the loop's transfers overlapped.</summary>
    public LoopOverlap Overlap { get; } = new();

    /// <summary>Bytes received by blocking calls.</summary>
    public long BytesBlocking { get; private set; }

    /// <summary>Bytes received by blocking calls that had arrived before the call.</summary>
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

    /// <summary>Begins an activity, which ends the one before.</summary>
    /// <returns>What was under way, to be taken up again.</returns>
    public Activity Enter(Activity activity) => _ledger.Enter(activity);

    /// <summary>Begins to run a transfer's continuation, or (null) the loop's own work.</summary>
    public void Run(TransferWatch? transfer) => _ledger.Run(transfer);

    /// <summary>Ends the continuation. The little that follows counts with it until another activity begins.</summary>
    public void Rest() => _ledger.Rest();

    /// <summary>Begins a call on a blocking descriptor.</summary>
    /// <returns>What was under way, for <see cref="EndBlocking"/>.</returns>
    public Activity BeginBlocking()
    {
        Arrivals?.Start();
        return _ledger.BeginBlocking();
    }

    /// <summary>Ends a call on a blocking descriptor.</summary>
    public void EndBlocking(Activity before) => _ledger.EndBlocking(before);

    /// <summary>Begins to wait for events.</summary>
    /// <param name="timeoutMilliseconds">The longest wait; negative is without a limit.</param>
    public void BeginWait(int timeoutMilliseconds)
    {
        Arrivals?.Pause();
        _ledger.BeginWait(timeoutMilliseconds);
        foreach (var (transfer, index, since) in _handedIn)
        {
            if (transfer.Index == index)
            {
                transfer.Note(since, Now, StallCause.Writability, isBound: false);
            }
        }

        _handedIn.Clear();
    }

    /// <summary>Ends the wait for events.</summary>
    /// <param name="events">How many there are.</param>
    public void EndWait(int events)
    {
        if (!_ledger.FoundNothing)
        {
            // What is ready may have been so since the last look: that was within the wait, at whose end the thread may not have run.
            _stampsFrom = _waitBegan;
            _readyFrom = _lookEnded = _waitEnded;
        }

        // A sleep ends when something is ready. A signal ends one without news: these come with the next look, and may be as old as the sleep.
        _readyFrom = _ledger.HasSlept ? _ledger.SleptTo : _readyFrom;
        _ledger.EndWait(foundNothing: events == 0);
        (_waitBegan, _waitEnded) = (_ledger.WaitBegan, Now);
        _kernel.Refresh(Now);
    }

    /// <summary>Whether the loop has not asked for events for long, so that what it finds ready may have been so for long.</summary>
    public bool IsLate => _ledger.WaitBegan - _lookEnded >= (Arrivals is null ? Late : LoopLedger.Notable);

    /// <summary>Notes since when a socket has been ready whose transfer has not been served yet.</summary>
    /// <param name="stamp">When the first of what lies there came, by the kernel; 0 when nobody knows.</param>
    /// <param name="transfer">Who waits.</param>
    public void NoteReady(long stamp, TransferWatch transfer) =>
        transfer.NoteArrival(stamp != 0 && _kernel.ToLoop(stamp) is var moment and not 0 ? moment : _readyFrom);

    /// <summary>Resumes a transfer that waited for a socket. Whether there was anything to go on for, its next call tells.</summary>
    public void Resume(TransferWatch? transfer, StallCause cause)
    {
        Run(transfer);
        _ledger.LeadToCall();
        transfer?.Resume(Now, cause, _stampsFrom, _waitEnded, _readyFrom);
    }

    /// <summary>Resumes a transfer that waited for work on another thread.</summary>
    /// <param name="transfer">The transfer, or null for the loop's own affairs.</param>
    /// <param name="ready">When it could have gone on, on the loop's clock.</param>
    public void ResumePosted(TransferWatch? transfer, long ready)
    {
        Run(transfer);
        transfer?.ResumeFrom(ready, Now, StallCause.Elsewhere);
    }

    /// <summary>Resumes a transfer whose timer is due. Timeouts of a poller are whole milliseconds, so what that delays is no stall.</summary>
    public void ResumeTimer(TransferWatch? transfer, long due)
    {
        Run(transfer);
        var ready = _ledger.HasSlept && _ledger.WaitBegan < due ? Math.Clamp(_ledger.TimerDue, due, Math.Max(due, _waitEnded)) : due;
        transfer?.ResumeFrom(ready, Now, StallCause.Timer);
    }

    /// <summary>Notes that a non-blocking call has received bytes, or the end.</summary>
    /// <param name="stamp">When the last of it came, by the kernel; 0 when nobody knows.</param>
    public void Received(long stamp)
    {
        var arrived = stamp == 0 ? 0 : _kernel.ToLoop(stamp);
        _ledger.NoteNews(arrived);
        Current?.Take(arrived);
    }

    /// <summary>Notes that a blocking call has received bytes, or the end.</summary>
    /// <param name="stamp">When the last of it came, by the kernel; 0 when nobody knows.</param>
    /// <param name="length">How many bytes it received.</param>
    public void Received(long stamp, int length)
    {
        // By the account of the loop's time: the thread may not have run for a moment before the call.
        var called = _ledger.BlockedFrom;
        var arrived = stamp == 0 ? 0 : _kernel.ToLoop(stamp);
        BytesBlocking += length;
        BytesBuffered += arrived != 0 && arrived <= called ? length : 0;
        Current?.Take(arrived);
        if (arrived > called && Now - arrived >= LoopLedger.Notable)
        {
            // The call had what it waited for, and the thread did not run.
            _ledger.NoteUnscheduled(arrived);
            Current?.Note(arrived, Now, StallCause.Bytes, isBound: false);
        }
    }

    /// <summary>Notes that the current transfer has handed something in to be sent, which the kernel sees when the loop next waits.</summary>
    public void HandedIn()
    {
        if (Current is { } transfer)
        {
            _handedIn.Add((transfer, transfer.Index, _ledger.Read()));
        }
    }

    /// <summary>Notes that a connect or a send succeeded.</summary>
    public void Succeeded() => Current?.Take(0);

    /// <summary>Makes the watch of one slot, for its transfers one after the other.</summary>
    public TransferWatch NewTransfer() => new(this);

    /// <summary>Has the current activity count for <paramref name="transfer"/>.</summary>
    public void RunFor(TransferWatch transfer)
    {
        if (Current != transfer)
        {
            Run(transfer);
        }
        else
        {
            _ledger.TakeOver();
        }
    }

    /// <summary>Ends the watch, and gives what was seen.</summary>
    /// <param name="runStart">When the run began, on the loop's clock.</param>
    public LoopRecord Finish(long runStart)
    {
        SyscallCounters.Current.Timer = null;
        _ledger.Finish();
        return new LoopRecord
        {
            Number = _number,
            From = _ledger.Began - runStart,
            To = Now - runStart,
            Budget = _ledger.Budget,
            Delay = _ledger.Delay,
            Utilization = _ledger.Utilization,
            Spans = _ledger.Spans.CountedFrom(runStart),
            ForgottenSpans = _ledger.Spans.Forgotten,
            Stalls = Stalls.CountedFrom(runStart),
            ForgottenStalls = Stalls.Forgotten,
            Blockers = Stalls.Blockers.Ranking,
            BoundStall = Stalls.Bound,
            BytesBlocking = BytesBlocking,
            BytesBuffered = BytesBuffered,
            Overlap = Overlap,
        };
    }

    public void Dispose()
    {
        SyscallCounters.Current.Timer = null;
        _anchor?.Dispose();
        Arrivals?.Dispose();
    }
}
