using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Fetcher.Core.Http;
using Fetcher.Core.Loop;
using Fetcher.Core.Net;

namespace Fetcher.Core.DotNet;

/// <summary>
/// A connection of .NET's own client: hands every byte through, and tells the exchange it works for what the client does not tell.
/// </summary>
internal sealed class DotNetConnection : DuplexStream
{
    private const int Idle = 0, Reading = 1, Closed = 2;

    /// <summary>Bytes of a request that are sent at once, and from which on it may be answered before it has been sent.</summary>
    private const int Piece = 8 * 1024;

    private static readonly AsyncLocal<DotNetConnection?> ReadingHere = new();

    private readonly NetworkStream _transport;
    private volatile DotNetCall? _exchange;
    private int _state = Idle;
    private bool _isOpen;
    private bool _isReused;
    private bool _isPlain;
    private (Http2Connections All, Endpoint Endpoint)? _shared;
    private int _isTaken;
    private volatile bool _awaitsBeginning;
    private FirstFrame? _firstFrame;
    private volatile Exception? _sendFailure;
    private Task _sending = Task.CompletedTask;

    public DotNetConnection(Socket socket, ConnectTimes times)
    {
        _transport = new NetworkStream(socket, ownsSocket: true);
        Times = times;
        if (socket.RemoteEndPoint is IPEndPoint remote && socket.LocalEndPoint is IPEndPoint local)
        {
            (RemoteIp, RemotePort, LocalPort) = (remote.Address.ToString(), remote.Port, local.Port);
        }
    }

    /// <summary>What it takes up room of until it is closed, or null.</summary>
    public SocketBudget? Budget { get; set; }

    /// <summary>The HTTP/2 connection that the calling flow reads, or null.</summary>
    public static DotNetConnection? BeingRead => ReadingHere.Value;

    /// <summary>When it was opened.</summary>
    public ConnectTimes Times { get; }

    /// <summary>The peer's address, or null for a Unix socket.</summary>
    public string? RemoteIp { get; }

    public int RemotePort { get; }

    public int LocalPort { get; }

    /// <summary>What is sent from now on are requests: a proxy, and TLS, are behind us.</summary>
    /// <param name="isPlain">Whether they can be read here, since there is no TLS around them.</param>
    public void Open(bool isPlain) => (_isOpen, _isPlain) = (true, isPlain);

    /// <summary>As <see cref="Open"/>, for HTTP/2: many requests at once go on it.</summary>
    /// <param name="all">Has it until it is closed.</param>
    /// <param name="endpoint">Whom it leads to.</param>
    public void OpenShared(Http2Connections all, Endpoint endpoint)
    {
        _shared = (all, endpoint);
        _firstFrame = new FirstFrame(endpoint.Host);
        all.Add(endpoint, this);
    }

    /// <summary>What is wrong with how the server begins to speak HTTP/2; null while nothing is.</summary>
    public FetchError? Problem => _firstFrame?.Problem;

    /// <summary>Whether nobody has used it so far; from now on somebody has.</summary>
    public bool TryTakeFirst() => Interlocked.Exchange(ref _isTaken, 1) == 0;

    /// <summary>TLS over <paramref name="transport"/>, through which the connection is reached.</summary>
    public SslStream Secure(Stream transport) => new SecuredStream(UnderTls = new TlsTransport(transport), this);

    /// <summary>What TLS is spoken over, or null.</summary>
    public TlsTransport? UnderTls { get; private set; }

    /// <summary>Whether something has come that has not been read yet.</summary>
    public bool HasNews
    {
        get
        {
            try
            {
                return _transport.Socket.Available > 0;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It has been closed meanwhile, so nothing comes any more.
                return false;
            }
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        NoteReader();
        return ReceiveAsync(buffer, cancellationToken);
    }

    /// <summary>
    /// Lets the flow that reads a shared connection know which it is, as long as it goes on. Called by methods that are not asynchronous themselves, whose
    /// caller's flow is theirs.
    /// </summary>
    private void NoteReader()
    {
        if (_shared is not null && ReadingHere.Value != this)
        {
            ReadingHere.Value = this;
        }
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Interlocked.CompareExchange(ref _state, Reading, Idle) == Closed, this);
        try
        {
            // The client begins to read before it sends, so whom the bytes are for is known only when they come.
            var length = await _transport.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (Volatile.Read(ref _state) == Closed)
            {
                throw new IOException("the connection was closed under its read");
            }

            if (_isPlain || length == 0)
            {
                NoteReceived(buffer.Span[..length], isEnd: length == 0 && !buffer.IsEmpty);
            }

            if (UnderTls is null)
            {
                _firstFrame?.Look(buffer.Span[..length]);
            }

            return length;
        }
        finally
        {
            if (Interlocked.CompareExchange(ref _state, Idle, Reading) == Closed)
            {
                CloseTransport();
            }
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        if (_isOpen && DotNetCall.Current is { } exchange && exchange != _exchange)
        {
            if (HasUnsent)
            {
                throw new IOException("the request before was not sent to its end");
            }

            if (exchange.Turn is { } turn)
            {
                return WriteInTurnAsync(turn, exchange, data, cancellationToken);
            }

            Begin(exchange);
        }

        return WriteBegunAsync(data, cancellationToken);
    }

    private async ValueTask WriteInTurnAsync(Func<ValueTask> turn, DotNetCall exchange, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await turn().ConfigureAwait(false);
        Begin(exchange);
        await WriteBegunAsync(data, cancellationToken).ConfigureAwait(false);
    }

    private void Begin(DotNetCall exchange)
    {
        _exchange = exchange;
        _awaitsBeginning = true;
        exchange.OnSending(this, _isReused);
        _isReused = true;
    }

    private ValueTask WriteBegunAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (!_isOpen || (data.Length < Piece && _sending.IsCompletedSuccessfully))
        {
            return _transport.WriteAsync(data, cancellationToken);
        }

        // Not waited for: a server may answer before it has read all, and read no more then, and the client would not look before all is sent.
        _sending = SendAsync(_sending, data.ToArray(), _exchange);
        return ValueTask.CompletedTask;
    }

    /// <summary>Whether some of the last request is still being sent, or could not be sent.</summary>
    public bool HasUnsent => !_sending.IsCompletedSuccessfully || _sendFailure is not null;

    private async Task SendAsync(Task before, ReadOnlyMemory<byte> rest, DotNetCall? exchange)
    {
        await before.ConfigureAwait(false);
        try
        {
            for (; !rest.IsEmpty && _sendFailure is null; rest = rest[Math.Min(Piece, rest.Length)..])
            {
                await _transport.WriteAsync(rest[..Math.Min(Piece, rest.Length)]).ConfigureAwait(false);
                exchange?.OnSent();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            _sendFailure = e;
        }
    }

    /// <summary>Takes note of what has been received for the current exchange, without TLS.</summary>
    /// <exception cref="FetchException">It can be no response, or none comes any more since the request could not be sent.</exception>
    private void NoteReceived(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        if (isEnd && _awaitsBeginning && _sendFailure is { } failure)
        {
            throw Failures.NotSent.Of(failure.GetBaseException().Message.TrimEnd('.')).Thrown(failure);
        }

        if (bytes.Length > 0)
        {
            _exchange?.OnReceived(bytes.Length);
            CheckBeginning(bytes);
        }
    }

    /// <summary>
    /// Looks at what comes first after a request: the client waits for the end of a first line that can be none of a response, as long as there is time.
    /// </summary>
    /// <exception cref="FetchException">It is none.</exception>
    private void CheckBeginning(ReadOnlySpan<byte> response)
    {
        if (!_awaitsBeginning || response.IsEmpty)
        {
            return;
        }

        _awaitsBeginning = false;
        if (ResponseParser.CheckVersion(response) is { } reason)
        {
            throw Failures.HeadInvalid.Of(reason).Thrown();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _shared?.All.Remove(_shared.Value.Endpoint, this);
            switch (Interlocked.Exchange(ref _state, Closed))
            {
                case Idle:
                    CloseTransport();
                    break;
                case Reading:
                    EndRead();
                    break;
            }
        }

        base.Dispose(disposing);
    }

    /// <summary>
    /// The client ends what takes too long by closing the connection under its read. A socket that is closed so leaves the read's state, and the buffer
    /// with it, to the finalizer, and by then both are in the oldest generation of the heap, which is rarely collected. So the read ends first.
    /// </summary>
    private void EndRead()
    {
        try
        {
            _transport.Socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The peer has reset the connection, which ends the read as well.
        }
        catch (ObjectDisposedException)
        {
            // The read has ended and closed meanwhile.
        }
    }

    /// <summary>Called once, by whichever of closing and reading ends last.</summary>
    private void CloseTransport()
    {
        if (Budget is { ArePortsScarce: true })
        {
            // Frees the port at once.
            _transport.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        _transport.Dispose();
        Budget?.NoteClosed();
        Budget = null;
    }

    /// <summary>The client takes TLS as it is only from this type, so that what is in it is looked at here.</summary>
    private sealed class SecuredStream(Stream transport, DotNetConnection connection) : SslStream(transport, leaveInnerStreamOpen: false)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            connection.NoteReader();
            return connection._firstFrame is { IsSeen: true } ? base.ReadAsync(buffer, cancellationToken) : CheckedAsync(buffer, cancellationToken);
        }

        private async ValueTask<int> CheckedAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            var length = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (connection._firstFrame is { } first)
            {
                first.Look(buffer.Span[..length]);
            }
            else
            {
                connection.NoteReceived(buffer.Span[..length], isEnd: length == 0 && !buffer.IsEmpty);
            }

            return length;
        }
    }
}
