using Fetcher.Core.Http;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Net;
using Fetcher.Core.Saving.Warc;

namespace Fetcher.Core.Exchange;

/// <summary>
/// One HTTP/1.1 request and its response over a connection (RFC 9112). Knows nothing of redirects or retries. Used again for the next exchange of its loop.
/// </summary>
internal sealed partial class Http1Exchange(Http1Transport transport, FetchOptions options, WarcTape? tape) : IExchange
{
    private const int MaxInterimResponses = 32;

    /// <summary>Bytes from which on it is worth while not to copy what is dropped; a shorter rest is received, which also tells what comes after it.</summary>
    private const int LeastDropped = 64 * 1024;

    private readonly EventLoop _loop = transport.Loop;
    private readonly long _readTimeout = Nanoseconds.From(options.ReadTimeout);
    private Connection _connection = null!;
    private HttpUrl _url = null!;
    private ForwardProxy? _forwarder;
    private ExchangeFacts _facts = null!;
    private Limits _limits;
    private CancellationTokenRegistration _givenUp;
    private Http1Input _input;
    private ChunkedDecoder _chunks;
    private int _searched;
    private int _interim;
    private long _left;
    private bool _isHead;
    private bool _bodyEnded;

    /// <summary>The next of those that are free.</summary>
    public Http1Exchange? NextFree
    {
        get;
        set => Kept.Set(ref field, value);
    }

    public WarcTape? Tape => tape;

    public ResponseHead Head { get; } = new();

    public ReadOnlyMemory<byte> Body => _input.Run;

    public bool IsWhole => _bodyEnded;

    /// <summary>Whether the connection can serve another request: the response is whole, it says so, and nothing came after it.</summary>
    private bool CanReuseConnection => _bodyEnded && Head.KeepAlive && _input.IsEmpty && !_connection.HasUnsent;

    /// <summary>Takes a connection for an exchange.</summary>
    /// <param name="connection">The connection, which is the exchange's until its end.</param>
    /// <param name="url">What will be asked for.</param>
    /// <param name="forwarder">The proxy that requests are sent to, or null.</param>
    /// <param name="limits">When the exchange has to be over.</param>
    /// <param name="facts">What to tell about it.</param>
    public void Begin(Connection connection, HttpUrl url, ForwardProxy? forwarder, Limits limits, ExchangeFacts facts)
    {
        (_connection, _limits) = (connection, limits);
        Kept.Set(ref _url, url);
        Kept.Set(ref _forwarder, forwarder);
        Kept.Set(ref _facts, facts);
        if (limits.GiveUp.CanBeCanceled)
        {
            _givenUp = limits.GiveUp.UnsafeRegister(static socket => ((LoopSocket)socket!).Interrupt(), connection.Socket);
        }

        facts.NoteConnection(connection.RemoteIp, connection.RemotePort, connection.LocalPort, connection.IsTls);
        _chunks = default;
        _searched = _interim = 0;
        _bodyEnded = false;
        if (_pace is not null)
        {
            connection.MostReceived = _pace.MostAtOnce;
        }

        connection.Floor = _floor;
    }

    public void Send(in RequestHead request)
    {
        _isHead = request.IsHead;
        _facts.SentAt = _loop.GetTimestamp();
        _facts.FirstByteAt = 0;
        _floor?.Begin(_facts.SentAt);
        _connection.WaitWith(transport.Waits.Request, _readTimeout, Deadline);
        var bytes = request.Write(_loop.SendBuffer, _forwarder);
        tape?.Begin(_url.Text, bytes.Span);
        _connection.Send(bytes);
    }

    public LoopTask<int> ReceiveHeadAsync()
    {
        _input.Keep();
        return _connection.ReceiveAsync();
    }

    public void Keep() => _input.Keep();

    public LoopTask<int> ReadAsync() => TryReadBody() ? new LoopTask<int>(Body.Length) : ReceiveBodyAsync();

    public LoopTask<int> SkipAsync() =>
        _input.IsEmpty && Head.Framing == BodyFraming.ContentLength && _left >= LeastDropped && tape is null && _pace is null && _floor is null
            ? DropUnreadAsync()
            : ReadAsync();

    public bool MayAskAgain(Exception e) => _facts.IsStale(e);

    public bool TryDrain(long most, long patience)
    {
        if (!Head.KeepAlive || Head.Framing == BodyFraming.CloseDelimited || Head.ContentLength > most)
        {
            return false;
        }

        _limits = _limits with { Deadline = Math.Min(_limits.Deadline, _loop.GetTimestamp() + patience) };
        _connection.WaitWith(transport.Waits.Request, _readTimeout, Deadline);
        return true;
    }

    public void End() => End(CanReuseConnection && !_limits.GiveUp.IsCancellationRequested);

    public void Abandon() => End(isKept: false);

    private void End(bool isKept)
    {
        if (_limits.GiveUp.CanBeCanceled)
        {
            _givenUp.Dispose();
        }

        _input.Clear();
        if (isKept)
        {
            transport.Give(_connection, _url, _forwarder);
        }
        else
        {
            _connection.Dispose();
        }

        _connection = null!;
        transport.Return(this);
    }

    public bool TakeHead(int received)
    {
        if (received == 0)
        {
            throw _facts.FirstByteAt != 0 ? Failures.HeadCut.Of().Thrown()
                : _connection.SendFailure ?? Failures.NoAnswer.Of().Thrown();
        }

        if (_facts.FirstByteAt == 0)
        {
            // Watched, the clock was read at the end of the receive.
            _facts.FirstByteAt = _loop.Observer?.Now ?? _loop.GetTimestamp();
        }

        _input.Add(_connection.Received, received);
        if (_floor is not null)
        {
            Count(_floor, received);
        }

        while (_input.Length > _searched)
        {
            _loop.Observer?.Enter(Activity.Parse);
            var status = ResponseParser.Parse(_input.Unread, _isHead, Head, out var consumed, out var reason, _searched);
            _loop.Observer?.Enter(Activity.Other);
            if (status == ParseStatus.Invalid)
            {
                throw Failures.HeadInvalid.Of(reason).Thrown();
            }

            if (status == ParseStatus.Incomplete)
            {
                _searched = _input.Length;
                return false;
            }

            _input.Skip(consumed);
            _searched = 0;
            if (Head.Status >= 200)
            {
                BeginBody();
                return true;
            }

            if (++_interim > MaxInterimResponses)
            {
                throw Failures.TooManyInterim.Of(MaxInterimResponses).Thrown();
            }
        }

        return false;
    }

    private void BeginBody()
    {
        _left = Head.ContentLength;
        _bodyEnded = Head.Framing == BodyFraming.None || (Head.Framing == BodyFraming.ContentLength && _left == 0);
        if (_pace is not null)
        {
            // What came of the body with the header section counts, too.
            _pace.Begin(_facts.FirstByteAt);
            _pace.Count(_input.Length, _facts.FirstByteAt);
        }

        _connection.WaitWith(transport.Waits.Body, _readTimeout, Deadline);
    }

    private async LoopTask<int> DropUnreadAsync()
    {
        _input.Clear();
        var dropped = await _connection.DropAsync(_left).ConfigureAwait(false);
        if (dropped < 0)
        {
            return await ReceiveBodyAsync().ConfigureAwait(false);
        }

        if (dropped == 0)
        {
            OnConnectionEnd();
        }

        _left -= dropped;
        _bodyEnded = _left == 0;
        return dropped;
    }

    private async LoopTask<int> ReceiveBodyAsync()
    {
        do
        {
            _input.Clear();
            if (_pace is not null)
            {
                await WaitForPaceAsync(_pace).ConfigureAwait(false);
            }

            if (_floor is not null)
            {
                Ask(_floor);
            }

            var received = await _connection.ReceiveAsync().ConfigureAwait(false);
            _pace?.Count(received, _loop.GetTimestamp());
            if (_floor is not null)
            {
                Count(_floor, received);
            }

            if (received == 0)
            {
                OnConnectionEnd();
            }
            else
            {
                _input.Add(_connection.Received, received);
            }
        }
        while (!TryReadBody());
        return Body.Length;
    }

    /// <summary>Reads what needs no wait: a run of the input that is at hand, or the end.</summary>
    private bool TryReadBody()
    {
        if (!_bodyEnded && TakeBody())
        {
            return true;
        }

        _input.EndRun();
        return _bodyEnded;
    }

    /// <summary>Takes one run of body bytes out of the input that is at hand.</summary>
    private bool TakeBody()
    {
        if (_input.IsEmpty)
        {
            return false;
        }

        switch (Head.Framing)
        {
            case BodyFraming.Chunked:
                var status = _chunks.Decode(_input.Unread, out var consumed, out var offset, out var length, out var reason);
                if (status == ChunkStatus.Invalid)
                {
                    throw Failures.ChunksInvalid.Of(reason).Thrown();
                }

                tape?.Take(_input.Unread[..consumed]);
                _input.TakeRun(offset, length, consumed);
                _bodyEnded = status == ChunkStatus.End;
                return status == ChunkStatus.Data;

            case BodyFraming.ContentLength:
                var take = (int)Math.Min(_left, _input.Length);
                _input.TakeRun(take);
                tape?.Take(Body.Span);
                _left -= take;
                _bodyEnded = _left == 0;
                return true;

            default:
                _input.TakeRun(_input.Length);
                tape?.Take(Body.Span);
                return true;
        }
    }

    private void OnConnectionEnd()
    {
        // A body that ends with the connection is whole only if the peer says so where it can (RFC 9112, section 9.8).
        _bodyEnded = Head.Framing == BodyFraming.CloseDelimited && _connection.UnderTls is not { HasBrokenOff: true };
        if (!_bodyEnded)
        {
            var missing = Head.Framing switch
            {
                BodyFraming.Chunked => "before the last chunk",
                BodyFraming.ContentLength => $"with {_left} bytes of the body missing",
                _ => "without TLS's close_notify, the only end that the body has",
            };
            throw Failures.BodyCut.Of(missing).Thrown();
        }
    }
}
