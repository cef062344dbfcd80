using Fetcher.Core.Interop;
using Fetcher.Core.Loop.Watching;

namespace Fetcher.Core.Loop;

/// <summary>The system calls on a socket, and whether they may block.</summary>
internal sealed partial class LoopSocket
{
    // A peer that sends faster than we read would never say EAGAIN: after so many bytes in full buffers the others have their turn.
    private const int BytesPerTurn = 512 * 1024;

    private bool _blocking;
    private int _localPort;
    private long _receiveTimeout;
    private long _sendTimeout;
    private int _readInTurn;

    /// <summary>The local port, asked for once. The socket must be connected.</summary>
    public int LocalPort => _localPort != 0 ? _localPort : _localPort = Libc.GetLocalPort(_fd.Number);

    /// <summary>
    /// Begins to connect, or says how the attempt goes: EINPROGRESS or EALREADY while it is under way, then how it ended (connect(2)).
    /// </summary>
    public SysResult TryConnect(in SockAddr address)
    {
        var observer = _loop.Observer;
        var before = _blocking ? observer?.BeginBlocking() : null;
        var result = IsKnownToBeConnected ? default : Libc.Connect(_fd.Number, address);
        NoteSent(observer, before, result);
        return result;
    }

    /// <summary>Sets the local address of the connection, before connecting (bind(2)).</summary>
    public SysResult TryBind(in SockAddr address) => Libc.Bind(_fd.Number, address);

    /// <summary>Sets the network device of the connection, before connecting (socket(7), SO_BINDTODEVICE).</summary>
    public SysResult TryBindToDevice(string device) => Libc.BindToDevice(_fd.Number, device);

    /// <summary>Receives bytes that have come (recv(2)). Unless the socket is blocking, it says EAGAIN when there are none.</summary>
    /// <param name="buffer">Receives them.</param>
    /// <param name="drop">Whether the bytes are not wanted, so that the kernel need not copy them.</param>
    public SysResult TryReceive(Span<byte> buffer, bool drop = false)
    {
        var result = _blocking ? ReceiveBlocking(buffer)
            : _loop.Observer is { } observer ? ReceiveWatched(buffer, observer)
            : Libc.ReceiveAtOnce(_fd.Number, buffer, drop);

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
            _waitsForTurn = true;
            _loop.ReadyNextTurn(this);
        }

        return result;
    }

    /// <summary>Whether there is something to receive, or the end. Asks the kernel.</summary>
    public bool HasSomething => !Libc.Peek(_fd.Number).WouldBlock;

    /// <summary>Stands still until there is something to receive, or the end, or the time of a blocking call is over; it is left to be received.</summary>
    public void WaitInPlace()
    {
        var start = _loop.GetTimestamp();
        var before = _loop.Observer?.BeginBlocking();
        Libc.PeekInPlace(_fd.Number);
        if (before is { } activity)
        {
            _loop.Observer!.EndBlocking(activity);
        }

        _loop.BlockedReads.Add(new BlockedSpan(start, _loop.GetTimestamp(), LocalPort));
    }

    /// <summary>Sends as much as the socket has room for (send(2)). Unless the socket is blocking, it says EAGAIN when there is none.</summary>
    public SysResult TrySend(ReadOnlySpan<byte> data)
    {
        var observer = _loop.Observer;
        var before = _blocking ? observer?.BeginBlocking() : null;
        var result = _blocking ? Libc.Send(_fd.Number, data) : Libc.SendAtOnce(_fd.Number, data);
        NoteSent(observer, before, result);
        if (result.WouldBlock)
        {
            _ready &= ~Interest.Write;
        }

        return result;
    }

    /// <summary>Sets whether calls wait in the kernel or say EAGAIN (fcntl(2), O_NONBLOCK). Costs a system call only when it changes.</summary>
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

    /// <summary>Has the close reset the connection (RST instead of FIN): unsent bytes are dropped, and the local port does not stay in TIME_WAIT.</summary>
    public void CloseByReset() => Libc.LingerNotAtAll(_fd.Number);

    /// <summary>Whether the poller has told that the connection is made, so that the kernel need not be asked.</summary>
    private bool IsKnownToBeConnected => _loop.TellsFailure && !_peerClosed && (_ready & Interest.Write) != 0;

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
                observer.Received(stamp, result.Value);
            }
        }

        _loop.BlockedReads.Add(new BlockedSpan(start, _loop.GetTimestamp(), LocalPort));
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
}
