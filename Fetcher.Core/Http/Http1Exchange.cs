using System.Buffers;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Net;

namespace Fetcher.Core.Http;

/// <summary>
/// One HTTP/1.1 request and its response over a connection (RFC 9112): send, read the header section, read the body run by run. Knows nothing of URLs,
/// redirects or pools. Used again for the next exchange; what it hands out is lent until the next await.
/// </summary>
internal sealed class Http1Exchange(EventLoop loop)
{
    private const int MaxInterimResponses = 32;

    /// <summary>Bytes from which on it is worth while not to copy what is dropped; a shorter rest is received, which also tells what comes after it.</summary>
    private const int LeastDropped = 64 * 1024;

    private Connection _connection = null!;
    private ReadOnlyMemory<byte> _input;
    private byte[]? _kept;
    private ChunkedDecoder _chunks;
    private int _searched;
    private int _interim;
    private long _left;
    private bool _bodyEnded;

    /// <summary>Sees the bytes of bodies as they come, or null.</summary>
    public IBodyTap? Tap { get; init; }

    /// <summary>How fast bodies are received, or null.</summary>
    public ReceivePace? Pace { get; init; }

    /// <summary>Whether the response has come to its end.</summary>
    public bool IsWhole => _bodyEnded;

    /// <summary>The header section of the response.</summary>
    public ResponseHead Head { get; } = new();

    /// <summary>When the first byte of the response came, on the loop's clock in nanoseconds; 0 before that.</summary>
    public long FirstByteAt { get; private set; }

    /// <summary>The run of body bytes that the last <see cref="ReadBodyAsync"/> found.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; }

    /// <summary>Whether the connection can serve another request: the response is whole, it says so, and nothing came after it.</summary>
    public bool CanReuseConnection => _bodyEnded && Head.KeepAlive && _input.IsEmpty;

    /// <summary>Starts over on <paramref name="connection"/>.</summary>
    public void Begin(Connection connection)
    {
        End();
        _connection = connection;
        _chunks = default;
        _searched = _interim = 0;
        _bodyEnded = false;
        FirstByteAt = 0;
        if (Pace is not null)
        {
            connection.MostReceived = Pace.MostAtOnce;
        }
    }

    /// <summary>Sends a request, complete with its empty line.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> request) => _connection.SendAsync(request);

    /// <summary>Receives more of the header section, for <see cref="TakeHead"/>; 0 is the end of the connection.</summary>
    public LoopTask<int> ReceiveHeadAsync()
    {
        KeepInput();
        return _connection.ReceiveAsync();
    }

    /// <summary>Reads what <see cref="ReceiveHeadAsync"/> has received, past any interim (1xx) responses.</summary>
    /// <returns>Whether the final response's header section is whole, in <see cref="Head"/>; if not, more is to be received.</returns>
    /// <exception cref="FetchException">It is not valid HTTP/1.1, or the connection ended.</exception>
    public bool TakeHead(int received, bool isHead)
    {
        if (received == 0)
        {
            throw FirstByteAt == 0
                ? Failures.NoAnswer.Of().Thrown()
                : Failures.HeadCut.Of().Thrown();
        }

        if (FirstByteAt == 0)
        {
            // Watched, the clock was read at the end of the receive.
            FirstByteAt = loop.Observer?.Now ?? loop.GetTimestamp();
        }

        AddInput(_connection.Received[..received]);
        while (_input.Length > _searched)
        {
            loop.Observer?.Enter(Activity.Parse);
            var status = ResponseParser.Parse(_input.Span, isHead, Head, out var consumed, out var reason, _searched);
            loop.Observer?.Enter(Activity.Other);
            if (status == ParseStatus.Invalid)
            {
                throw Failures.HeadInvalid.Of(reason).Thrown();
            }

            if (status == ParseStatus.Incomplete)
            {
                _searched = _input.Length;
                return false;
            }

            _input = _input[consumed..];
            _searched = 0;
            if (Head.Status >= 200)
            {
                _left = Head.ContentLength;
                _bodyEnded = Head.Framing == BodyFraming.None || (Head.Framing == BodyFraming.ContentLength && _left == 0);
                Pace?.Begin(FirstByteAt);
                return true;
            }

            if (++_interim > MaxInterimResponses)
            {
                throw Failures.TooManyInterim.Of(MaxInterimResponses).Thrown();
            }
        }

        return false;
    }

    /// <summary>Reads the next run of the body, without its transfer coding, into <see cref="Body"/>.</summary>
    /// <returns>Its length, or 0 when the body is complete.</returns>
    /// <exception cref="FetchException">The body's framing is broken, or the connection ended too early.</exception>
    public LoopTask<int> ReadBodyAsync() => TryReadBody() ? new LoopTask<int>(Body.Length) : ReceiveBodyAsync();

    /// <summary>As <see cref="ReadBodyAsync"/>, for a body that nobody looks at: there is nothing in <see cref="Body"/> then.</summary>
    public LoopTask<int> DropBodyAsync() =>
        _input.IsEmpty && Head.Framing == BodyFraming.ContentLength && _left >= LeastDropped && Tap is null && Pace is null
            ? DropUnreadAsync()
            : ReadBodyAsync();

    private async LoopTask<int> DropUnreadAsync()
    {
        DropKept();
        var dropped = await _connection.DropAsync(_left).ConfigureAwait(false);
        if (dropped < 0)
        {
            return await ReceiveBodyAsync().ConfigureAwait(false);
        }

        if (dropped == 0)
        {
            OnConnectionEnd();
        }

        Body = default;
        _left -= dropped;
        _bodyEnded = _left == 0;
        return dropped;
    }

    private async LoopTask<int> ReceiveBodyAsync()
    {
        do
        {
            DropKept();
            if (Pace is not null)
            {
                await WaitForPaceAsync(Pace).ConfigureAwait(false);
            }

            var received = await _connection.ReceiveAsync().ConfigureAwait(false);
            _input = _connection.Received[..received];
            Pace?.Count(received, loop.GetTimestamp());
            if (received == 0)
            {
                OnConnectionEnd();
            }
        }
        while (!TryReadBody());
        return Body.Length;
    }

    private async ValueTask WaitForPaceAsync(ReceivePace pace)
    {
        await loop.DelayUntilAsync(Math.Min(pace.DueAt, _connection.TotalDeadline)).ConfigureAwait(false);
        if (pace.DueAt > _connection.TotalDeadline)
        {
            throw Failures.TimeOver.Of().Thrown();
        }
    }

    /// <summary>Reads what needs no wait: a run of the input that is at hand, or the end.</summary>
    private bool TryReadBody()
    {
        if (!_bodyEnded && TakeBody())
        {
            return true;
        }

        Body = default;
        return _bodyEnded;
    }

    /// <summary>Lets go of what the exchange holds.</summary>
    public void End()
    {
        DropKept();
        Body = default;
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
                var status = _chunks.Decode(_input.Span, out var consumed, out var offset, out var length, out var reason);
                if (status == ChunkStatus.Invalid)
                {
                    throw Failures.ChunksInvalid.Of(reason).Thrown();
                }

                Tap?.Take(_input.Span[..consumed]);
                Body = _input.Slice(offset, length);
                _input = _input[consumed..];
                _bodyEnded = status == ChunkStatus.End;
                return status == ChunkStatus.Data;

            case BodyFraming.ContentLength:
                var take = (int)Math.Min(_left, _input.Length);
                Body = _input[..take];
                Tap?.Take(Body.Span);
                _input = _input[take..];
                _left -= take;
                _bodyEnded = _left == 0;
                return true;

            default:
                Body = _input;
                Tap?.Take(Body.Span);
                _input = default;
                return true;
        }
    }

    private void OnConnectionEnd()
    {
        _bodyEnded = Head.Framing == BodyFraming.CloseDelimited;
        if (!_bodyEnded)
        {
            var missing = Head.Framing == BodyFraming.Chunked ? "before the last chunk" : $"with {_left} bytes of the body missing";
            throw Failures.BodyCut.Of(missing).Thrown();
        }
    }

    /// <summary>Copies unparsed input out of the lent buffer, before a wait during which others receive into it.</summary>
    public void KeepInput()
    {
        if (_input.IsEmpty || _kept is not null)
        {
            return;
        }

        _kept = ArrayPool<byte>.Shared.Rent(Math.Max(4096, 2 * _input.Length));
        _input.CopyTo(_kept);
        _input = _kept.AsMemory(0, _input.Length);
    }

    private void AddInput(ReadOnlyMemory<byte> received)
    {
        if (_kept is null)
        {
            _input = received;
            return;
        }

        // The unparsed rest may have moved on within the kept buffer; what is before it is done with.
        var length = _input.Length + received.Length;
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(4096, length));
        _input.CopyTo(grown);
        received.CopyTo(grown.AsMemory(_input.Length));
        ArrayPool<byte>.Shared.Return(_kept);
        _kept = grown;
        _input = grown.AsMemory(0, length);
    }

    private void DropKept()
    {
        _input = default;
        if (_kept is not null)
        {
            ArrayPool<byte>.Shared.Return(_kept);
            _kept = null;
        }
    }
}
