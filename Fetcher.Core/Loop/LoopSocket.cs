using System.Net.Sockets;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop.Watching;

namespace Fetcher.Core.Loop;

/// <summary>
/// A stream socket and what its loop remembers of it: what is known to be ready, who waits for which direction, and until when. It belongs to
/// the loop's thread. The system calls on it give values, never exceptions.
/// </summary>
internal sealed partial class LoopSocket : IDisposable
{
    private readonly EventLoop _loop;
    private readonly SocketFd _fd;
    private readonly LoopTimer _deadline;
    private Interest _ready;
    private bool _peerClosed;
    private bool _disposed;
    private bool _isStamped;
    private bool _isExpected;

    // Still readable after its read budget: served again in the loop's next turn.
    private bool _waitsForTurn;
    private TransferWatch? _waits;

    private LoopSocket(EventLoop loop, int fd)
    {
        _loop = loop;
        _fd = new SocketFd(fd);
        _deadline = loop.RentTimer(OnDeadline);
        Reader = new Waiter(isOfLoop: true);
        Writer = new Waiter(isOfLoop: true);
    }

    /// <summary>
    /// The loop's number for this socket, with the generation that tells it from an earlier one in the same place; 0 before it is watched.
    /// </summary>
    public ulong Token { get; set; }

    /// <summary>The wait for something to read.</summary>
    public Waiter Reader { get; }

    /// <summary>The wait for room to write, or for the connection to be made.</summary>
    public Waiter Writer { get; }

    /// <summary>The descriptor.</summary>
    public int Number => _fd.Number;

    /// <summary>Whether the connection is idle: what comes now was not asked for.</summary>
    public bool IsIdle { get; set; }

    /// <summary>Whether io_uring receives for this socket: the bytes that make it readable lie in its inbox then, and not in the socket.</summary>
    public bool IsReceivedAhead { get; set; }

    /// <summary>Called when something comes while the socket is idle, such as the peer's end.</summary>
    public Action? OnUnexpected { get; set; }

    /// <summary>
    /// Opens a socket for addresses of a family. A number too high for the loop's poller counts as one too many (EMFILE).
    /// </summary>
    public static SysResult TryOpen(EventLoop loop, AddressFamily family, out LoopSocket? socket)
    {
        socket = null;
        var opened = Libc.StreamSocket(family);
        if (opened.IsError)
        {
            return opened;
        }

        if (!loop.CanWatch(opened.Value))
        {
            Libc.Close(opened.Value);
            return new SysResult(-(int)Errno.EMFILE);
        }

        socket = new LoopSocket(loop, opened.Value);
        if (family != AddressFamily.Unix)
        {
            Libc.SetNoDelay(opened.Value);
            socket._isStamped = loop.Observer?.Stamp(opened.Value) ?? false;
        }

        return opened;
    }

    /// <summary>Whether a call in this direction is worth trying without waiting first.</summary>
    public bool IsReady(Interest interest) => _blocking || (_ready & interest) != 0;

    /// <summary>Notes that a call in this direction would have to wait.</summary>
    public void ForgetReady(Interest interest) => _ready &= ~interest;

    /// <summary>Notes that no poller watches the socket from here on: <see cref="HasNews"/> asks the kernel.</summary>
    public void SuspectNews() => _ready |= Interest.Read;

    /// <summary>Waits until the poller reports that the direction is ready; false at the deadline.</summary>
    public LoopTask<bool> WaitAsync(Interest interest, long deadline)
    {
        IsIdle = false;
        _deadline.Set(deadline);
        if (_loop.Observer is { } observer)
        {
            _waits = observer.Current;
            _waits?.Park();
            observer.Arrivals?.Expect(_fd.Number, toRead: interest == Interest.Read, isNew: !_isExpected);
            _isExpected = true;
        }

        return (interest == Interest.Read ? Reader : Writer).Start();
    }

    /// <summary>Gives the wait for something to read, if there is one, until <paramref name="deadline"/>.</summary>
    public void ProlongRead(long deadline)
    {
        if (Reader.IsWaiting)
        {
            _deadline.Set(deadline);
        }
    }

    /// <summary>Whether something to read, or the end, lies in the socket.</summary>
    public bool HasArrived() => !Libc.Peek(_fd.Number).WouldBlock;

    /// <summary>
    /// Whether something to read, or the end, has come to an idle socket. What the loop believes is checked, and goes on to be believed: a busy poller
    /// reports nothing anew, so what comes between this look and the next would be missed.
    /// </summary>
    public bool HasNews() => (_ready & Interest.Read) != 0 && (IsReceivedAhead || !Libc.Peek(_fd.Number).WouldBlock);

    /// <summary>What the poller is to report of this socket.</summary>
    public Interest Wanted =>
        (Reader.IsWaiting || IsIdle ? Interest.Read : Interest.None) | (Writer.IsWaiting ? Interest.Write : Interest.None);

    /// <summary>Takes an event of the poller: whoever waits for it goes on within this call.</summary>
    public void OnEvent(Interest ready, bool peerClosed)
    {
        if (_disposed)
        {
            return;
        }

        if (_waitsForTurn)
        {
            // It has been served in this turn, and will be in the next, whatever the poller says meanwhile.
            ready &= ~Interest.Read;
        }

        _ready |= ready;
        _peerClosed |= peerClosed;
        if ((ready & Interest.Write) != 0 && Writer.IsWaiting)
        {
            Release(Writer);
        }

        if ((ready & Interest.Read) != 0 && !_disposed)
        {
            if (Reader.IsWaiting)
            {
                Release(Reader);
            }
            else if (IsIdle && HasNews())
            {
                OnUnexpected?.Invoke();
            }
        }
    }

    /// <summary>What was left of it after its read budget is served now.</summary>
    public void OnTurn()
    {
        _waitsForTurn = false;
        OnEvent(Interest.Read, peerClosed: false);
    }

    /// <summary>In a watched run, tells the observer since when the socket has been ready, before anybody is served.</summary>
    public void NoteReady(LoopObserver observer, Interest ready)
    {
        if (_waits is null || (ready & Wanted) == 0 || IsIdle)
        {
            return;
        }

        var isStamped = _isStamped && Reader.IsWaiting;
        var stamp = observer.Arrivals?.FirstOf(_fd.Number) ?? 0;
        if (stamp == 0 && isStamped)
        {
            Libc.PeekStamped(_fd.Number, out stamp);
        }

        if (stamp != 0 || !isStamped)
        {
            observer.NoteReady(stamp, _waits);
        }
    }

    /// <summary>Ends every wait because the run is being stopped.</summary>
    public void Cancel()
    {
        foreach (var waiter in (ReadOnlySpan<Waiter>)[Writer, Reader])
        {
            if (waiter.IsWaiting)
            {
                waiter.Fail(new OperationCanceledException());
            }
        }
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _loop.Return(_deadline);
            _loop.Forget(this);
            _fd.Dispose();
        }
    }

    private void Release(Waiter waiter)
    {
        // The deadline of one is that of the other: a request may be sent and its response waited for at once.
        if (!(waiter == Reader ? Writer : Reader).IsWaiting)
        {
            _deadline.Stop();
        }

        _loop.Observer?.Resume(_waits, waiter == Reader ? StallCause.Bytes : StallCause.Writability);
        waiter.Complete(ready: true);
        _loop.Observer?.Rest();
    }

    private void OnDeadline()
    {
        _loop.Observer?.ResumeTimer(_waits, _loop.RecentTimestamp);
        if (Writer.IsWaiting)
        {
            Writer.Complete(ready: false);
        }

        if (Reader.IsWaiting)
        {
            Reader.Complete(ready: false);
        }
    }
}
