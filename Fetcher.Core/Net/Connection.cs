using System.Buffers;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Net;

/// <summary>
/// An open connection to an origin, with or without TLS. What it receives is lent: <see cref="Received"/> is valid until the next await, so that a
/// connection without news holds no buffer.
/// </summary>
internal sealed class Connection : IDisposable
{
    private const int TlsBufferSize = 16 * 1024;

    private readonly SocketStream _socket;
    private readonly Stream? _tls;
    private byte[]? _rented;
    private bool _hasUnsent;

    public Connection(SocketStream socket, Stream? tls, string? remoteIp, int remotePort)
    {
        _socket = socket;
        _tls = tls;
        RemoteIp = remoteIp;
        RemotePort = remotePort;
        LocalPort = socket.Socket.LocalPort;
    }

    /// <summary>The peer's address, or null for a Unix socket.</summary>
    public string? RemoteIp { get; }

    public int RemotePort { get; }

    public int LocalPort { get; }

    public bool IsTls => _tls is not null;

    /// <summary>What the TLS of its https URLs is spoken over, or null.</summary>
    public TlsTransport? UnderTls { get; init; }

    /// <summary>Whether the server has chosen HTTP/2 by ALPN.</summary>
    public bool IsHttp2 { get; init; }

    /// <summary>What it takes up room of until it is closed, or null.</summary>
    public SocketBudget? Budget { get; set; }

    /// <summary>Requests it has served before the current one.</summary>
    public int Served { get; set; }

    /// <summary>The pool's own: whether the connection is idle.</summary>
    public bool IsIdle { get; set; }

    /// <summary>The pool's own: where the connection stands while it is idle; null before the first time.</summary>
    public IdleConnections? Home { get; set; }

    /// <summary>The pool's own: its place in the list of its origin.</summary>
    public LinkedListNode<Connection> AmongOrigin => field ??= new(this);

    /// <summary>The pool's own: its place in the list of all.</summary>
    public LinkedListNode<Connection> AmongAll => field ??= new(this);

    public LoopSocket Socket => _socket.Socket;

    /// <summary>The buffer that the last <see cref="ReceiveAsync()"/> filled from its start.</summary>
    public ArraySegment<byte> Received => _rented ?? _socket.Received;

    /// <summary>Chooses how the next sends and receives wait, and how long.</summary>
    public void WaitWith(IReadiness readiness, long timeout, long totalDeadline)
    {
        _socket.Readiness = readiness;
        _socket.Timeout = timeout;
        _socket.TotalDeadline = totalDeadline;
    }

    /// <summary>Bytes that one receive takes at most.</summary>
    public int MostReceived
    {
        get => _socket.MostReceived;
        set => _socket.MostReceived = value;
    }

    /// <summary>When the whole transfer has to be over, on the loop's clock in nanoseconds.</summary>
    public long TotalDeadline
    {
        get => _socket.TotalDeadline;
        set => _socket.TotalDeadline = value;
    }

    /// <summary>Whether some of the last request is still being sent, or could not be sent.</summary>
    public bool HasUnsent => _hasUnsent || _socket.HasUnsent;

    /// <summary>Why the last request could not be sent; its response may have come all the same.</summary>
    public Exception? SendFailure { get; private set; }

    /// <summary>How slow the response may be, or null.</summary>
    public SpeedFloor? Floor
    {
        get => _socket.Floor;
        set => _socket.Floor = value;
    }

    /// <summary>
    /// Begins to send a request. What the socket has no room for is sent while the response is waited for: a server may answer before it has read all, and read
    /// no more then.
    /// </summary>
    /// <exception cref="FetchException">Nothing could be sent for too long, and nothing has come.</exception>
    public void Send(ReadOnlyMemory<byte> request)
    {
        SendFailure = null;
        try
        {
            // TLS takes more than a record when it comes to it, and what is lent is somebody else's by then.
            var sending = _tls is null ? _socket.WriteAsync(request)
                : _tls.WriteAsync(request.Length < TlsBufferSize / 2 ? request : request.ToArray());
            _hasUnsent = !sending.IsCompletedSuccessfully;
            if (_hasUnsent)
            {
                _ = FinishSendingAsync(sending);
            }
        }
        catch (Exception e) when (e is FetchException or IOException)
        {
            (_hasUnsent, SendFailure) = (true, e);
            if (Failures.Of(e).Kind == FetchErrorKind.Timeout && !Socket.HasArrived())
            {
                throw;
            }
        }
    }

    /// <summary>Sends all of <paramref name="data"/>, which has to stay as it is until then.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> data) => _tls is null ? _socket.WriteAsync(data) : _tls.WriteAsync(data);

    /// <summary>Receives what is there, at least a byte, into <see cref="Received"/>; 0 is the end.</summary>
    public LoopTask<int> ReceiveAsync() => _tls is null ? _socket.ReceiveAsync() : ReceiveTlsAsync(_tls);

    /// <summary>
    /// Receives into a buffer that is not lent: for who runs others between two looks at it. Into an empty buffer, waits until there is something.
    /// </summary>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _tls is null ? _socket.ReadAsync(buffer) : _tls.ReadAsync(buffer);

    /// <summary>Receives and drops what is there, as <see cref="SocketStream.DropAsync"/> does; never over TLS, which has to be read to be checked.</summary>
    public LoopTask<int> DropAsync(long most) => _tls is null ? _socket.DropAsync(most) : new LoopTask<int>(-1);

    /// <summary>Puts the connection by: it notices, if it can, when the peer closes it.</summary>
    public void Rest(IReadiness readiness)
    {
        GiveBack();
        _socket.Rest(readiness);
    }

    public void Dispose()
    {
        GiveBack();
        if (Budget is { ArePortsScarce: true })
        {
            Socket.CloseByReset();
        }

        // Closing TLS properly would mean sending close_notify and waiting; the framing has told already whether the response was whole.
        _socket.Dispose();
        _tls?.Dispose();
        Budget?.NoteClosed();
        Budget = null;
    }

    private async Task FinishSendingAsync(ValueTask sending)
    {
        try
        {
            await sending.ConfigureAwait(false);
            _hasUnsent = false;
        }
        catch (Exception e) when (e is FetchException or IOException or OperationCanceledException)
        {
            SendFailure = e;
        }
    }

    private async LoopTask<int> ReceiveTlsAsync(Stream tls)
    {
        // Waiting with an empty buffer first lets SslStream, too, hold none while nothing comes.
        GiveBack();
        _socket.BeginSilence();
        await tls.ReadAsync(Memory<byte>.Empty).ConfigureAwait(false);
        _rented = ArrayPool<byte>.Shared.Rent(TlsBufferSize);
        var length = await tls.ReadAsync(_rented.AsMemory(0, Math.Min(_rented.Length, MostReceived))).ConfigureAwait(false);
        _socket.EndSilence();
        return length;
    }

    private void GiveBack()
    {
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
            _rented = null;
        }
    }
}
