using Fetcher.Core.Http;
using Fetcher.Core.Http.Http2;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Net;
using Fetcher.Core.Saving.Warc;

namespace Fetcher.Core.Exchange;

/// <summary>One request and its response as a stream of a connection (RFC 9113, section 8.1). Used again for the next exchange of its loop.</summary>
internal sealed partial class Http2Exchange : IExchange
{
    /// <summary>How often a blocking wait looks whether its URL is still wanted, in nanoseconds.</summary>
    private const long Slice = 20_000_000;

    private readonly Http2Transport _transport;
    private readonly EventLoop _loop;
    private readonly WarcTape? _tape;
    private readonly ReceivePace? _pace;
    private readonly SpeedFloor? _floor;
    private readonly long _readTimeout;
    private readonly Wait _wait = new();
    private readonly LoopTimer _timer;
    private readonly Http2Body _queue = new();
    private Http2Stream _stream = new();
    private Http2Connection _connection = null!;
    private HttpUrl _url = null!;
    private ExchangeFacts _facts = null!;
    private Limits _limits;
    private CancellationTokenRegistration _givenUp;
    private TransferWatch? _watch;
    private Exception? _failure;
    private long _deadline;
    private int _unreleased;
    private long _closedAt;
    private int _number;
    private bool _isWaiting;
    private bool _isOpened;
    private bool _hasInterim;
    private bool _hasHead;
    private bool _isUnprocessed;
    private bool _isLost;
    private bool _isSilent;

    // A run that has come with the header section and is lent until whoever reads it has been told.
    private ReadOnlyMemory<byte>? _first;

    public Http2Exchange(Http2Transport transport, FetchOptions options, WarcTape? tape)
    {
        (_transport, _loop, _tape) = (transport, transport.Loop, tape);
        (_pace, _floor) = (ReceivePace.Of(options), SpeedFloor.Of(options));
        _readTimeout = Nanoseconds.From(options.ReadTimeout);
        _timer = _loop.RentTimer(OnTime);
    }

    public ResponseHead Head => _stream.Head;

    public ReadOnlyMemory<byte> Body { get; private set; }

    public bool IsWhole { get; private set; }

    /// <summary>The next of those that are free.</summary>
    public Http2Exchange? NextFree { get; set; }

    public WarcTape? Tape => _tape;

    /// <summary>Bytes of the body that have come and have not been read.</summary>
    public int Unread => _queue.Length + (_first?.Length ?? 0) + _unreleased;

    /// <summary>What is asked for, without user info.</summary>
    public string Url => _url.ToString();

    /// <summary>Index of the transfer, where the run is watched.</summary>
    public long Transfer => _watch?.Index ?? LoopSpan.Nobody;

    /// <summary>Whether there is something that <see cref="ReceiveHeadAsync"/> or <see cref="ReadAsync"/> need not wait for.</summary>
    public bool HasNews => _failure is not null || (_hasHead ? HasRun || _stream.IsEnded : _stream.HasHead || _hasInterim);

    private bool HasRun => _first is not null || !_queue.IsEmpty;

    /// <summary>Takes a place on a connection for an exchange.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="url">What will be asked for.</param>
    /// <param name="limits">When the exchange has to be over.</param>
    /// <param name="facts">What to tell about it.</param>
    public void Begin(Http2Connection connection, HttpUrl url, Limits limits, ExchangeFacts facts)
    {
        (_connection, _url, _limits, _facts) = (connection, url, limits, facts);
        var socket = connection.Connection;
        facts.IsShared = true;
        facts.NoteConnection(socket.RemoteIp, socket.RemotePort, socket.LocalPort, socket.IsTls);
        (_failure, _deadline, _unreleased, _closedAt) = (null, limits.Deadline, 0, 0);
        _watch = _loop.Observer?.Current;
        _isOpened = _hasInterim = _hasHead = _isUnprocessed = _isLost = _isSilent = IsWhole = false;
        _number++;
        _givenUp = limits.GiveUp.CanBeCanceled ? limits.GiveUp.UnsafeRegister(GiveUp, (this, _number)) : default;
    }

    public void Send(in RequestHead request)
    {
        _facts.SentAt = _loop.GetTimestamp();
        _facts.FirstByteAt = 0;
        _floor?.Begin(_facts.SentAt);
        _tape?.Begin(_url.Text, request.Write(_loop.SendBuffer, null).Span);
        _isOpened = true;
        if (!_connection.Open(this, _stream, request))
        {
            _isUnprocessed = true;
            throw Failures.OfStreamReset((uint)Http2Error.RefusedStream).Thrown();
        }
    }

    public LoopTask<int> ReceiveHeadAsync() => WaitAsync(_transport.Waits.Request);

    public bool TakeHead(int received)
    {
        _hasInterim = false;
        if (!_stream.HasHead)
        {
            return false;
        }

        _hasHead = true;
        IsWhole = _stream.IsEnded && !HasRun;
        _pace?.Begin(_facts.FirstByteAt);
        return true;
    }

    public LoopTask<int> ReadAsync()
    {
        Release();
        return IsWhole ? new LoopTask<int>(0) : _pace is null ? WaitAsync(_transport.Waits.Body) : ReadInPaceAsync(_pace);
    }

    public LoopTask<int> SkipAsync() => ReadAsync();

    public bool MayAskAgain(Exception e) => _isUnprocessed || (_isLost && _facts.IsReused && _connection.HeardAt <= _facts.SentAt);

    public bool TryDrain(long most, long patience)
    {
        if (_stream.BodyLeft > most)
        {
            return false;
        }

        _deadline = Math.Min(_deadline, _loop.GetTimestamp() + patience);
        return true;
    }

    public void Keep()
    {
        // What is lent is the run in Body alone, which has been read by now.
    }

    public void End()
    {
        _givenUp.Dispose();
        _timer.Stop();
        Release();
        var unread = _queue.Length + (_first?.Length ?? 0);
        _queue.Clear();
        _first = null;
        if (unread > 0)
        {
            _connection.Windows.NoteRead(this);
            _connection.Release(_stream, unread);
        }

        NoteStreamWindow(isOpen: true);
        _stream.Owner = null;
        _connection.Leave(_stream, _isOpened, drain: _hasHead && !_isSilent && !_limits.GiveUp.IsCancellationRequested);
        if (_stream.IsOpen)
        {
            // The session still drops what comes of it.
            _stream = new Http2Stream();
        }

        _number++;
        _connection = null!;
        _transport.Return(this);
    }

    public void Abandon() => End();

    private LoopTask<int> WaitAsync(IReadiness readiness)
    {
        if (!HasNews)
        {
            _floor?.Ask(_loop.RecentTimestamp);
            Due = NextDue(_loop.RecentTimestamp);
            if (readiness == _loop)
            {
                _isWaiting = true;
                _timer.Set(Due);
                _watch = _loop.Observer?.Current;
                _watch?.Park();
                _connection.Flush();
                return new LoopTask<int>(_wait);
            }

            _connection.Stand(this, readiness, Due, _limits.GiveUp.CanBeCanceled ? Slice : 0);
        }

        return TryTake(out var length) ? new LoopTask<int>(length) : throw _failure ?? Failures.NoAnswer.Of().Thrown();
    }

    private long NextDue(long now)
    {
        var due = _readTimeout == LoopTimer.Never ? _deadline : Math.Min(now + _readTimeout, _deadline);
        return _floor is null ? due : Math.Min(due, _floor.Deadline);
    }

    /// <summary>Takes what there is: 1 for a header section, else the next run of the body. False when there is nothing but a failure.</summary>
    private bool TryTake(out int length)
    {
        length = 1;
        if (!_hasHead && (_stream.HasHead || _hasInterim))
        {
            return true;
        }

        if (_hasHead && _first is { } first)
        {
            _first = null;
            Give(first);
            length = first.Length;
            return true;
        }

        if (_hasHead && !_queue.IsEmpty)
        {
            Give(_queue.Take(_pace?.MostAtOnce ?? int.MaxValue));
            length = Body.Length;
            if (_queue.IsEmpty)
            {
                _connection.Windows.NoteRead(this);
            }

            return true;
        }

        if (!_hasHead || !_stream.IsEnded)
        {
            return false;
        }

        Give(default);
        length = 0;
        return true;
    }

    private void Give(ReadOnlyMemory<byte> run)
    {
        Body = run;
        _unreleased = run.Length;
        _tape?.Take(run.Span);
        IsWhole = _stream.IsEnded && !HasRun;
    }

    /// <summary>What was read last is read: the server may send as much more.</summary>
    private void Release()
    {
        Body = default;
        if (_unreleased > 0)
        {
            var read = _unreleased;
            _unreleased = 0;
            _connection.Release(_stream, read);
            NoteStreamWindow(isOpen: _stream.Window > 0);
        }
    }

    private async LoopTask<int> ReadInPaceAsync(ReceivePace pace)
    {
        await _loop.DelayUntilAsync(Math.Min(pace.DueAt, _deadline)).ConfigureAwait(false);
        if (pace.DueAt > _deadline)
        {
            throw Failures.TimeOver.Of().Thrown();
        }

        var length = await WaitAsync(_transport.Waits.Body).ConfigureAwait(false);
        pace.Count(length, _loop.GetTimestamp());
        return length;
    }

    private void OnTime()
    {
        if (!_isWaiting)
        {
            return;
        }

        var now = _loop.RecentTimestamp;
        if (now < _deadline && _connection.Session.WindowLeft < Http2Limits.MaxFrameSize)
        {
            // The server may not send: it is others' bodies that nobody has read.
            _floor?.Begin(now);
            Due = NextDue(now);
            _timer.Set(Due);
            return;
        }

        _connection.Windows.TellOne(this, now);
        Fail(TimedOut(now));
    }

    private FetchException TimedOut(long now)
    {
        _isSilent = true;
        if (_connection.IsSilent(now))
        {
            // Not the stream alone: whoever comes next has a better chance elsewhere.
            _connection.Retire();
        }

        return now >= _deadline ? Failures.TimeOver.Of().Thrown()
            : _floor is not null && now >= _floor.Deadline ? _floor.TooSlow
            : Failures.Silence.Of("received", _readTimeout / 1e9).Thrown();
    }

    private sealed class Wait : LoopPromise<int>;
}
