using System.Buffers;
using Fetcher.Core.Http.Http2;
using Fetcher.Core.Loop;
using Fetcher.Core.Net;

namespace Fetcher.Core.Exchange;

/// <summary>
/// A connection that speaks HTTP/2, with the exchanges on it. On a loop a pump receives for all of them, and each goes on within its frames; where a mode
/// stands still, whoever waits receives for all until there is something for itself, and nobody else goes on meanwhile.
/// </summary>
internal sealed partial class Http2Connection : IDisposable
{
    private const int BufferSize = 64 * 1024;

    private readonly Http2Transport _transport;
    private readonly Http2Origin _origin;
    private readonly Connection _connection;
    private readonly EventLoop _loop;
    private readonly string _host;
    private readonly bool _hasPump;
    private ReadOnlyMemory<byte> _input;
    private int _read;
    private bool _isDispatching;
    private bool _isParked;
    private bool _isSending;
    private Http2Exchange? _untold;
    private bool _isRetired;
    private int _taken;

    /// <param name="transport">Whose it is.</param>
    /// <param name="origin">Where it leads.</param>
    /// <param name="connection">What it speaks over.</param>
    /// <param name="host">The host's name, for messages.</param>
    public Http2Connection(Http2Transport transport, Http2Origin origin, Connection connection, string host)
    {
        (_transport, _origin, _connection, _host, _loop) = (transport, origin, connection, host, transport.Loop);
        _hasPump = transport.Waits.Request == _loop;
        HeardAt = _loop.GetTimestamp();
        Session = new Http2Session(transport.Limits, HeardAt);
        AmongIdle = new LinkedListNode<Http2Connection>(this);
        Windows = new Http2Windows(Session, _loop, transport.Counters);
        connection.WaitWith(transport.Waits.Request, LoopTimer.Never, LoopTimer.Never);
    }

    public Http2Session Session { get; }

    public Connection Connection => _connection;

    /// <summary>Watches its window.</summary>
    public Http2Windows Windows { get; }

    /// <summary>The transport's own: its place among the connections without a stream.</summary>
    public LinkedListNode<Http2Connection> AmongIdle { get; }

    /// <summary>When something was last received, in nanoseconds of the loop's clock.</summary>
    public long HeardAt { get; private set; }

    /// <summary>Whether it has been closed.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Sends what comes first, and begins to receive.</summary>
    public void Start()
    {
        if (_hasPump)
        {
            // Whoever opened it goes on after this, and is still the one for whom the loop works.
            var opener = _loop.Observer?.Current;
            _ = PumpAsync();
            _loop.Observer?.Run(opener);
        }
    }

    /// <summary>Takes a place for a stream, if there is one free; the stream is to be opened with <see cref="Open"/>.</summary>
    public bool TryTakePlace()
    {
        if (!_hasPump && Session.IsSettled)
        {
            CatchUp();
        }

        if (_isRetired || IsClosed)
        {
            return false;
        }

        if (Session.FreeStreams <= _taken && Session.AbandonedStreams > 0)
        {
            Session.ResetAbandoned();
        }

        if (Session.FreeStreams <= _taken)
        {
            return false;
        }

        _taken++;
        _transport.Wake(this);
        return true;
    }

    /// <summary>Opens a stream in a place that was taken. False when that has become impossible.</summary>
    public bool Open(Http2Exchange exchange, Http2Stream stream, in RequestHead request)
    {
        _taken--;
        if (IsClosed || Session.FreeStreams == 0)
        {
            return false;
        }

        stream.Owner = exchange;
        Session.Open(stream, request.Writer, request.Url, request.IsFirstOrigin, request.Fields, request.IsHead);
        _transport.Counters.NoteOpen(Session.Streams);
        WatchSilence();
        Flush();
        return true;
    }

    /// <summary>Bytes of a stream's body have been read.</summary>
    public void Release(Http2Stream stream, int bytes)
    {
        Session.Release(stream, bytes);
        Windows.Look();
    }

    /// <summary>An exchange is over. What has not come of its stream is not wanted.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="wasOpened">Whether it was opened, or else its place was only taken.</param>
    /// <param name="drain">Whether to let a short rest come.</param>
    public void Leave(Http2Stream stream, bool wasOpened, bool drain)
    {
        _taken -= wasOpened ? 0 : 1;
        if (IsClosed)
        {
            return;
        }

        Session.Abandon(stream, drain);
        Flush();
        OnFewerStreams();
    }

    /// <summary>Sends what there is to send: at once, or behind what is being dispatched.</summary>
    public void Flush()
    {
        if (_isDispatching || _isSending || IsClosed || Session.Output.IsEmpty)
        {
            return;
        }

        _isSending = true;
        _ = SendAsync(Session.Output.Take());
    }

    /// <summary>A stream has waited so long for what has just come, in nanoseconds.</summary>
    public void NoteWait(long waited) => _loop.NoteWait(_connection.Socket, waited);

    private async LoopTask PumpAsync()
    {
        try
        {
            Flush();
            while (!IsClosed)
            {
                _loop.Observer?.Run(null);
                _isParked = true;
                await _connection.ReceiveAsync(Memory<byte>.Empty).ConfigureAwait(false);
                var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
                try
                {
                    var received = await _connection.ReceiveAsync(buffer).ConfigureAwait(false);
                    _isParked = false;
                    if (!IsClosed)
                    {
                        if (Session.IsSettled)
                        {
                            Take(buffer.AsMemory(0, received));
                        }
                        else
                        {
                            await TakeFirstAsync(buffer.AsMemory(0, received)).ConfigureAwait(false);
                        }
                    }
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }
        catch (Exception e)
        {
            _isParked = false;
            Lose(e);
        }
    }

    /// <summary>
    /// Takes what comes before the server's SETTINGS, and with them. All who waited for these send their requests before anybody goes on by what follows, and
    /// perhaps stands still.
    /// </summary>
    private async LoopTask TakeFirstAsync(ReadOnlyMemory<byte> received)
    {
        var isAwaited = _origin.IsAwaited;
        if (!Hear(received))
        {
            return;
        }

        while (DispatchOne())
        {
            if (isAwaited && Session.IsSettled)
            {
                isAwaited = false;
                await _loop.GiveWayAsync().ConfigureAwait(false);
            }
        }

        EndDispatch();
    }

    private void Take(ReadOnlyMemory<byte> received)
    {
        if (Hear(received))
        {
            while (DispatchOne())
            {
            }

            EndDispatch();
            _loop.NoteFlow(Session.IsFlowing ? received.Length : 0);
        }
    }

    /// <summary>Notes that something has come; false when it is the end.</summary>
    private bool Hear(ReadOnlyMemory<byte> received)
    {
        if (received.IsEmpty)
        {
            Lose(null);
            return false;
        }

        HeardAt = _loop.RecentTimestamp;
        (_input, _read) = (received, 0);
        return true;
    }

    private void EndDispatch()
    {
        Windows.Look();
        Flush();
        if (Session.Failure is { } failure)
        {
            Lose((failure == Http2Session.NotSpoken ? Failures.Http2NotSpoken.Of(_host) : Failures.Http2Invalid.Of(failure.Reason)).Thrown());
        }
        else
        {
            OnFewerStreams();
        }
    }

    /// <summary>Tells one thing of what was received. Whoever goes on by it may come back here, when it stands still.</summary>
    private bool DispatchOne()
    {
        if (IsClosed)
        {
            return false;
        }

        var found = Session.Receive(_input, ref _read, _loop.RecentTimestamp);
        var wasDispatching = _isDispatching;
        _isDispatching = true;
        if (_untold is not null && TellUntold(found))
        {
            _isDispatching = wasDispatching;
            return true;
        }

        switch (found.Kind)
        {
            case Http2EventKind.None:
                break;

            case Http2EventKind.Settings:
                _origin.Wake();
                break;

            case Http2EventKind.GoAway:
                OnGoAway();
                break;

            default:
                (found.Stream!.Owner as Http2Exchange)?.OnEvent(found);
                break;
        }

        _isDispatching = wasDispatching;
        return found.Kind != Http2EventKind.None;
    }

    /// <summary>
    /// Puts off telling an exchange of its header section until the next frame: that is mostly its body, and to go on once costs less than twice (bench/NOTES.md).
    /// </summary>
    public void TellWithNext(Http2Exchange exchange) => _untold = exchange;

    /// <summary>Tells the exchange that has been put off.</summary>
    /// <param name="found">What has come next: the beginning of its body is handed on with the header section.</param>
    /// <returns>Whether it was.</returns>
    private bool TellUntold(in Http2Event found)
    {
        var exchange = _untold!;
        _untold = null;
        if (found.Kind == Http2EventKind.Data && found.Stream!.Owner == exchange)
        {
            exchange.TellWith(found.Data);
            return true;
        }

        exchange.TellNow();
        return false;
    }

    private async LoopTask SendAsync(ReadOnlyMemory<byte> frames)
    {
        try
        {
            await _connection.SendAsync(frames).ConfigureAwait(false);
            _isSending = false;
        }
        catch (Exception e) when (e is FetchException or IOException or OperationCanceledException)
        {
            OnNotSent();
        }

        // What has gathered meanwhile.
        Flush();
    }
}
