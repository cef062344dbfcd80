using System.Net.Sockets;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop.Watching;

namespace Fetcher.Core.Loop;

/// <summary>
/// A stream socket and what its loop remembers of it: what is known to be ready, who waits for which direction, and until when. It belongs to
/// the loop's thread. The system calls on it give values, never exceptions.
/// </summary>
internal sealed class LoopSocket : IDisposable
{
    // A peer that sends faster than we read would never say EAGAIN: after so many bytes in full buffers the others have their turn.
    private const int BytesPerTurn = 512 * 1024;

    private readonly EventLoop _loop;
    private readonly SocketFd _fd;
    private readonly LoopTimer _deadline;
    private bool _blocking;
    private int _localPort;
    private long _receiveTimeout;
    private long _sendTimeout;
    private Interest _ready;
    private bool _peerClosed;
    private bool _disposed;
    private int _readInTurn;
    private bool _isStamped;
    private bool _isExpected;
    private TransferWatch? _waits;

    private LoopSocket(EventLoop loop, int fd)
    {
        _loop = loop;
        _fd = new SocketFd(fd);
        _deadline = loop.RentTimer(OnDeadline);
        Reader = new Waiter();
        Writer = new Waiter();
    }

    /// <summary>
    /// The loop's number for this socket, with the generation that tells it from an earlier one in the same place; 0 before it is watched.
    /// </summary>
    public ulong Token { get; set; }

    public Waiter Reader { get; }

    public Waiter Writer { get; }

    public int Number => _fd.Number;

    /// <summary>The local port, asked for once. The socket must be connected.</summary>
    public int LocalPort => _localPort != 0 ? _localPort : _localPort = Libc.GetLocalPort(_fd.Number);

    /// <summary>It is readable, but the others have their turn first.</summary>
    public bool WaitsForTurn { get; set; }

    /// <summary>The socket is put by: what comes now was not asked for.</summary>
    public bool IsIdle { get; set; }

    /// <summary>The kernel receives for this socket before anybody asks: what makes it ready has left it already.</summary>
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

    /// <summary>
    /// Begins to connect, or says how the attempt goes: EINPROGRESS or EALREADY while it is under way, then how it ended (connect(2)).
    /// </summary>
    public SysResult TryConnect(in SockAddr address)
    {
        var observer = _loop.Observer;
        var before = _blocking ? observer?.BeginBlocking() : null;
        var result = Libc.Connect(_fd.Number, address);
        NoteSent(observer, before, result);
        return result;
    }

    /// <summary>Says where the connection begins, before it is made.</summary>
    public SysResult TryBind(in SockAddr address) => Libc.Bind(_fd.Number, address);

    /// <summary>Says by which network device it goes, before it is made.</summary>
    public SysResult TryBindToDevice(string device) => Libc.BindToDevice(_fd.Number, device);

    /// <summary>Receives what is there.</summary>
    /// <param name="buffer">Where to, and how much at most.</param>
    /// <param name="drop">Whether nobody will look at the buffer.</param>
    public SysResult TryReceive(Span<byte> buffer, bool drop = false)
    {
        var result = _blocking ? ReceiveBlocking(buffer)
            : _loop.Observer is { } observer ? ReceiveWatched(buffer, observer)
            : Libc.Receive(_fd.Number, buffer, drop);

        // A short read has drained the socket: the next read can go straight to waiting, one system call saved. Not so once the peer has
        // closed: then the end is still to be read, and no further edge will tell.
        if (result.WouldBlock || (result.Value >= 0 && result.Value < buffer.Length && !_peerClosed))
        {
            _ready &= ~Interest.Read;
            _readInTurn = 0;
        }
        else if (result.Value == buffer.Length && (_readInTurn += result.Value) >= BytesPerTurn && !_blocking)
        {
            _ready &= ~Interest.Read;
            _readInTurn = 0;
            WaitsForTurn = true;
            _loop.ReadyNextTurn(this);
        }

        return result;
    }

    public SysResult TrySend(ReadOnlySpan<byte> data)
    {
        var observer = _loop.Observer;
        var before = _blocking ? observer?.BeginBlocking() : null;
        var result = Libc.Send(_fd.Number, data);
        NoteSent(observer, before, result);
        if (result.WouldBlock)
        {
            _ready &= ~Interest.Write;
        }

        return result;
    }

    /// <summary>Whether a call in this direction is worth trying without waiting first.</summary>
    public bool IsReady(Interest interest) => _blocking || (_ready & interest) != 0;

    /// <summary>What was ready has been used up.</summary>
    public void ForgetReady(Interest interest) => _ready &= ~interest;

    /// <summary>Something may come that nobody is told of: <see cref="HasNews"/> is to look for itself.</summary>
    public void SuspectNews() => _ready |= Interest.Read;

    /// <summary>
    /// Whether something to read, or the end, has come to an idle socket. What the loop believes is checked, and goes on to be believed: a busy poller
    /// reports nothing anew, so what comes between this look and the next would be missed.
    /// </summary>
    public bool HasNews() => (_ready & Interest.Read) != 0 && (IsReceivedAhead || !Libc.Peek(_fd.Number).WouldBlock);

    /// <summary>Makes calls wait in the kernel, or say EAGAIN.</summary>
    public void SetBlocking(bool blocking)
    {
        if (_blocking != blocking)
        {
            Libc.SetBlocking(_fd.Number, blocking).OrThrow("fcntl");
            _blocking = blocking;
        }
    }

    /// <summary>
    /// Limits how long a blocking call waits, in nanoseconds; 0 is no limit. A limit that stands and is shorter by up to a tenth is left,
    /// which saves a system call for each receive: the caller finds that there is time left and calls again.
    /// </summary>
    public void SetBlockingTimeout(Interest interest, long nanoseconds)
    {
        // Whole milliseconds, or the time between two looks at the clock would make every limit a new one.
        nanoseconds = (nanoseconds + 999_999) / 1_000_000 * 1_000_000;
        ref var current = ref interest == Interest.Read ? ref _receiveTimeout : ref _sendTimeout;
        if (current <= nanoseconds && current >= nanoseconds - (nanoseconds / 10) && current > 0 == nanoseconds > 0)
        {
            return;
        }

        current = nanoseconds;
        _ = interest == Interest.Read
            ? Libc.SetReceiveTimeout(_fd.Number, nanoseconds).OrThrow("setsockopt SO_RCVTIMEO")
            : Libc.SetSendTimeout(_fd.Number, nanoseconds).OrThrow("setsockopt SO_SNDTIMEO");
    }

    /// <summary>Parks the caller until the loop learns that the direction is ready.</summary>
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

    /// <summary>What is waited for.</summary>
    public Interest Wanted =>
        (Reader.IsWaiting || IsIdle ? Interest.Read : Interest.None) | (Writer.IsWaiting ? Interest.Write : Interest.None);

    /// <summary>The loop has news of this socket.</summary>
    public void OnEvent(Interest ready, bool peerClosed)
    {
        if (_disposed)
        {
            return;
        }

        if (WaitsForTurn)
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

    /// <summary>It is ready, but whoever waits cannot be served at once: tells the observer since when.</summary>
    public void NoteReady(LoopObserver observer, Interest ready)
    {
        if (_waits is null || (ready & Wanted) == 0 || IsIdle)
        {
            return;
        }

        var isStamped = _isStamped && Reader.IsWaiting;
        var stamp = observer.Arrivals?.FirstOf(_fd.Number) ?? 0;
        stamp = stamp == 0 && isStamped ? Libc.PeekStamp(_fd.Number) : stamp;
        if (stamp != 0 || !isStamped)
        {
            observer.NoteReady(stamp, _waits);
        }
    }

    /// <summary>
    /// Ends a blocking call on this socket by shutting the connection down. The one member that may be used from any thread.
    /// </summary>
    public void Interrupt()
    {
        var held = false;
        try
        {
            _fd.DangerousAddRef(ref held);
            Libc.Shutdown(_fd.Number);
        }
        catch (ObjectDisposedException)
        {
            // It has been closed, so nobody stands in a call on it.
        }
        finally
        {
            if (held)
            {
                _fd.DangerousRelease();
            }
        }
    }

    /// <summary>Has the connection end, when it is closed, by a reset: nothing is said or waited for, and its port is free at once.</summary>
    public void CloseByReset() => Libc.LingerNotAtAll(_fd.Number);

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

    private SysResult ReceiveBlocking(Span<byte> buffer)
    {
        var start = _loop.GetTimestamp();
        var observer = _loop.Observer;
        var before = observer?.BeginBlocking();
        var stamp = 0L;
        var result = _isStamped ? Libc.ReceiveStamped(_fd.Number, buffer, out stamp) : Libc.Receive(_fd.Number, buffer);
        if (observer is not null)
        {
            observer.EndBlocking(before!.Value);
            if (!result.IsError)
            {
                observer.Received(stamp, start, result.Value);
            }
        }

        BlockedReads.Current.Add(new BlockedSpan(start, _loop.GetTimestamp(), LocalPort));
        return result;
    }

    private SysResult ReceiveWatched(Span<byte> buffer, LoopObserver observer)
    {
        var stamp = 0L;
        var result = _isStamped ? Libc.ReceiveStamped(_fd.Number, buffer, out stamp) : Libc.Receive(_fd.Number, buffer);
        if (!result.IsError)
        {
            observer.Received(stamp);
        }

        return result;
    }

    private static void NoteSent(LoopObserver? observer, Activity? before, SysResult result)
    {
        if (observer is not null)
        {
            if (before is { } activity)
            {
                observer.EndBlocking(activity);
            }

            if (!result.IsError)
            {
                observer.Succeeded();
            }
        }
    }

    private void Release(Waiter waiter)
    {
        _deadline.Stop();
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
