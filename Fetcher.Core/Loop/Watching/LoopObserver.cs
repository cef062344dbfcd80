using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop.Watching;

/// <summary>
/// Watches one loop of a watched run: which transfers could have gone on while it did something else, what that was, and what the kernel knows of when
/// their bytes came. Used on the loop's thread alone. A loop that is not watched has none.
/// </summary>
internal sealed class LoopObserver : IDisposable
{
    /// <summary>From here on it is worth a system call to know more, in nanoseconds.</summary>
    private const long Late = 4_000_000;

    private readonly int _number;
    private readonly KernelClock _kernel;
    private readonly LoopLedger _ledger;
    private SocketFd? _anchor;
    private long _waitEnded;

    // Where what the last wait reported may lie: a stamp, and a moment that nobody knows.
    private long _stampsFrom;
    private long _readyFrom;

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
        _waitEnded = Now;
        _kernel.Refresh(Now);
        SyscallCounters.Current.Timer = _ledger;
    }

    /// <summary>Whose continuation the loop runs, or null.</summary>
    public TransferWatch? Current => _ledger.Current;

    /// <summary>When something was last begun: now, as far as it matters.</summary>
    public long Now => _ledger.Now;

    /// <summary>Looks out for the loop while it stands in a blocking call, or null where it never does so at others' cost.</summary>
    public ArrivalWatch? Arrivals { get; }

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
    public Activity Enter(Activity activity) => _ledger.Enter(activity);

    /// <summary>The loop begins to run a transfer's continuation, or its own affairs.</summary>
    public void Run(TransferWatch? transfer) => _ledger.Run(transfer);

    /// <summary>The loop has come back from a continuation. What follows until something begins is little, and counts with that.</summary>
    public void Rest() => _ledger.Rest();

    /// <summary>A call begins on a descriptor that lets it wait.</summary>
    /// <returns>What was under way, for <see cref="EndBlocking"/>.</returns>
    public Activity BeginBlocking()
    {
        Arrivals?.Start();
        return _ledger.BeginBlocking();
    }

    /// <summary>It has ended.</summary>
    public void EndBlocking(Activity before) => _ledger.EndBlocking(before);

    /// <summary>The loop asks for news, and waits for so many milliseconds at most.</summary>
    public void BeginWait(int timeoutMilliseconds)
    {
        Arrivals?.Pause();
        _ledger.BeginWait(timeoutMilliseconds);
    }

    /// <summary>It has so many.</summary>
    public void EndWait(int events)
    {
        if (!_ledger.FoundNothing)
        {
            // What is ready may have been so since the last look.
            _stampsFrom = _readyFrom = _waitEnded;
        }

        // A sleep ends when something is ready. A signal ends one without news: these come with the next look, and may be as old as the sleep.
        _readyFrom = _ledger.HasSlept ? _ledger.SleptTo : _readyFrom;
        _ledger.EndWait(foundNothing: events == 0);
        _waitEnded = Now;
        _kernel.Refresh(Now);
    }

    /// <summary>The loop comes back late: what it finds ready may have been so for long.</summary>
    public bool IsLate => _ledger.WaitBegan - _stampsFrom >= (Arrivals is null ? Late : LoopLedger.Notable);

    /// <summary>A socket is ready, and its transfer is not served yet: notes since when.</summary>
    /// <param name="stamp">When the first of what lies there came, by the kernel; 0 when nobody knows.</param>
    /// <param name="transfer">Who waits.</param>
    public void NoteReady(long stamp, TransferWatch transfer) =>
        transfer.NoteArrival(stamp != 0 && _kernel.ToLoop(stamp) is var moment and not 0 ? moment : _readyFrom);

    /// <summary>A transfer that waited for a socket goes on; whether in vain, its next call tells.</summary>
    public void Resume(TransferWatch? transfer, StallCause cause)
    {
        Run(transfer);
        _ledger.LeadToCall();
        transfer?.Resume(Now, cause, _stampsFrom, _waitEnded, _readyFrom);
    }

    /// <summary>A transfer goes on that waited for another thread.</summary>
    /// <param name="transfer">The transfer, or null for the loop's own affairs.</param>
    /// <param name="ready">When it could have gone on, on the loop's clock.</param>
    public void ResumePosted(TransferWatch? transfer, long ready)
    {
        Run(transfer);
        transfer?.ResumeFrom(ready, Now, StallCause.Elsewhere);
    }

    /// <summary>A transfer goes on whose timer is due. A loop that sleeps cannot wake up between two milliseconds, so that is no stall.</summary>
    public void ResumeTimer(TransferWatch? transfer, long due)
    {
        Run(transfer);
        var ready = _ledger.HasSlept && _ledger.WaitBegan < due ? Math.Clamp(_ledger.TimerDue, due, Math.Max(due, _waitEnded)) : due;
        transfer?.ResumeFrom(ready, Now, StallCause.Timer);
    }

    /// <summary>A call that does not wait has received something, or the end.</summary>
    /// <param name="stamp">When the last of it came, by the kernel; 0 when nobody knows.</param>
    public void Received(long stamp)
    {
        var arrived = stamp == 0 ? 0 : _kernel.ToLoop(stamp);
        _ledger.NoteNews(arrived);
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
        if (arrived > called && Now - arrived >= LoopLedger.Notable)
        {
            // The call had what it waited for, and the thread did not run.
            _ledger.NoteUnscheduled(arrived);
            Current?.Note(arrived, Now, StallCause.Bytes, isBound: false);
        }
    }

    /// <summary>What a socket was waited for has been done: it is connected, or took bytes.</summary>
    public void Succeeded() => Current?.Take(0);

    /// <summary>A transfer of this loop, one after the other.</summary>
    public TransferWatch NewTransfer() => new(this);

    /// <summary>The loop works for <paramref name="transfer"/> from now on.</summary>
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

    /// <summary>What was seen, once the loop has ended.</summary>
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
