namespace Fetcher.Core.Http.Http2;

/// <summary>
/// A client's side of a connection that speaks HTTP/2 (RFC 9113), without any I/O: what is received goes in, events and what is to be sent come out. Strict:
/// what the RFC calls an error ends the stream or the connection. It knows no timeouts; those are for whoever waits.
/// </summary>
internal sealed partial class Http2Session
{
    private const int LastId = int.MaxValue - 2;

    /// <summary>Streams that we have reset are remembered for this many more, since the server may have sent on them before it knew.</summary>
    private const int ResetsRemembered = 4096;

    private readonly Http2Limits _limits;
    private readonly Http2StreamTable _streams = new();
    private readonly HashSet<int> _resets = [];
    private readonly Http2RequestEncoder _encoder = new();
    private readonly Http2Output _output = new();
    private int _nextId = 1;
    private int _lenientBelow;
    private int _mostStreams;
    private long _firstSendWindow = Http2Limits.DefaultWindow;
    private long _sendWindow = Http2Limits.DefaultWindow;
    private int _peerFrameSize = Http2Limits.MaxFrameSize;
    private int _window;
    private int _owed;
    private int _abandoned;
    private long _stray;
    private bool _isAcknowledged;

    /// <param name="limits">What the server may make of it.</param>
    /// <param name="now">Now, in nanoseconds.</param>
    public Http2Session(Http2Limits limits, long now)
    {
        _limits = limits;
        _mostStreams = limits.FirstStreams;
        _window = Math.Max(limits.ConnectionWindow, Http2Limits.DefaultWindow);
        _budget = new Http2Budget(limits.IdleFrames, limits.IdleFramesPerSecond, now);
        _decoder = new HpackDecoder(limits);
        _output.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        _output.Settings(
        [
            (Http2Setting.EnablePush, 0),
            (Http2Setting.InitialWindowSize, (uint)limits.StreamWindow),
            (Http2Setting.MaxHeaderListSize, (uint)limits.HeaderList),
            .. limits.TableSize == 4096 ? [] : (ReadOnlySpan<(Http2Setting, uint)>)[(Http2Setting.HeaderTableSize, (uint)limits.TableSize)],
        ]);
        if (_window > Http2Limits.DefaultWindow)
        {
            _output.WindowUpdate(0, _window - Http2Limits.DefaultWindow);
        }
    }

    /// <summary>Why the connection is of no use any more, or null.</summary>
    public Http2Failure? Failure { get; private set; }

    /// <summary>What is to be sent, in order.</summary>
    public Http2Output Output => _output;

    /// <summary>Whether the server's SETTINGS have come.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>Whether the server takes no more streams.</summary>
    public bool IsGoingAway => GoneAway is not null;

    /// <summary>What the server gave as its reason to go away; null before that.</summary>
    public Http2Error? GoneAway { get; private set; }

    /// <summary>The last stream that the server may have processed, once it goes away.</summary>
    public int LastProcessed { get; private set; } = int.MaxValue;

    /// <summary>Streams that are open now.</summary>
    public int Streams => _streams.Count;

    /// <summary>The streams that are open now.</summary>
    public IEnumerable<Http2Stream> OpenStreams => _streams;

    /// <summary>Streams that the server allows at once.</summary>
    public int MostStreams => _mostStreams;

    /// <summary>Streams that could be opened now.</summary>
    public int FreeStreams => Failure is not null || IsGoingAway || _nextId > LastId ? 0 : Math.Max(0, _mostStreams - _streams.Count);

    /// <summary>Streams that nobody wants any more and that take up places still.</summary>
    public int AbandonedStreams => _abandoned;

    /// <summary>Bytes that the server may send on the whole connection before we read some of what it has sent.</summary>
    public int WindowLeft => _window;

    /// <summary>Opens a stream with its request. There must be a free one.</summary>
    /// <param name="stream">What is to be the stream.</param>
    /// <param name="writer">Has the fields that all requests of the run, or of the line, have in common.</param>
    /// <param name="url">What is asked for.</param>
    /// <param name="isFirstOrigin">Whether it goes to the origin that the user named, and may carry credentials.</param>
    /// <param name="more">Fields of this request alone, each with its line end; null for none.</param>
    /// <param name="isHead">Whether only the header section is asked for.</param>
    public void Open(Http2Stream stream, RequestWriter writer, HttpUrl url, bool isFirstOrigin, byte[]? more, bool isHead)
    {
        // Until the server has acknowledged our SETTINGS, it may go by the window that there is without them.
        var slack = _isAcknowledged ? 0 : Math.Max(0, Http2Limits.DefaultWindow - _limits.StreamWindow);
        stream.Begin(_nextId, isHead, _limits.StreamWindow, slack, _firstSendWindow);
        _budget.Allow(1);
        _nextId += 2;
        _streams.Add(stream);
        _output.Headers(stream.Id, _encoder.Encode(writer, url, isFirstOrigin, more, isHead), _peerFrameSize);
    }

    /// <summary>Bytes of a stream's body have been read: the server may send as many more.</summary>
    public void Release(Http2Stream stream, int bytes)
    {
        Release(bytes);
        if (!stream.IsOpen || stream.IsAbandoned)
        {
            return;
        }

        stream.Owed += bytes;
        var isNeeded = stream.BodyLeft < 0 || stream.BodyLeft > stream.Window;
        if (isNeeded && stream.Owed >= (_limits.StreamWindow + 1) / 2)
        {
            _output.WindowUpdate(stream.Id, stream.Owed);
            stream.Window += stream.Owed;
            stream.Owed = 0;
        }
    }

    /// <summary>
    /// Lets the server send more than is read, when all of the connection's window lies unread on other streams and one has to come all the same. What is read
    /// later makes up for it, so that no more than the windows of all streams can lie here.
    /// </summary>
    public void Widen()
    {
        if (_window < Http2Limits.MaxFrameSize)
        {
            _output.WindowUpdate(0, _limits.StreamWindow);
            _window += _limits.StreamWindow;
            _owed -= _limits.StreamWindow;
        }
    }

    /// <summary>Asks the server whether it is there (RFC 9113, section 6.7).</summary>
    public void Ping() => _output.Ping(0);

    /// <summary>Nobody wants more of a stream: what comes of it is dropped, and it is reset unless it ends soon.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="drain">
    /// Whether to let a short rest come: a reset costs the server more, and many of them look like an attack (CVE-2023-44487).
    /// </param>
    public void Abandon(Http2Stream stream, bool drain)
    {
        if (!stream.IsOpen || stream.IsAbandoned)
        {
            return;
        }

        if (!drain || stream.BodyLeft > _limits.Drained)
        {
            Reset(stream, Http2Error.Cancel);
            return;
        }

        (stream.IsAbandoned, stream.DrainLeft) = (true, _limits.Drained);
        _abandoned++;
    }

    /// <summary>Resets the streams that nobody wants any more, since their places are needed.</summary>
    public void ResetAbandoned()
    {
        foreach (var stream in _streams.Where(stream => stream.IsAbandoned).ToArray())
        {
            Reset(stream, Http2Error.Cancel);
        }
    }

    /// <summary>Takes one of the streams that the server has not processed and will not, since it goes away; null when there is none left.</summary>
    public Http2Stream? TakeUnprocessed() => Take(stream => stream.Id > LastProcessed);

    /// <summary>Takes one of the streams that are still open, when the connection is of no use any more; null when there is none left.</summary>
    public Http2Stream? TakeOpen() => Take(_ => true);

    /// <summary>The connection is of no use any more, for a reason that is not the server's doing.</summary>
    public void Close(Http2Failure failure) => Failure ??= failure;

    private Http2Stream? Take(Func<Http2Stream, bool> isTaken)
    {
        while (_streams.FirstOrDefault(isTaken) is { } stream)
        {
            var isWanted = !stream.IsAbandoned;
            Remove(stream);
            if (isWanted)
            {
                return stream;
            }
        }

        return null;
    }

    private void Release(int bytes)
    {
        _owed += bytes;
        if (_owed >= _limits.ConnectionWindow / 2 && _owed > 0)
        {
            _output.WindowUpdate(0, _owed);
            _window += _owed;
            _owed = 0;
        }
    }

    private void Reset(Http2Stream stream, Http2Error error)
    {
        _output.Reset(stream.Id, error);
        Remove(stream);

        // What the server has sent before it knew: so much DATA, trailers, and a reset of its own.
        _stray += Math.Max(0, stream.Window) + stream.Slack;
        _budget.Allow(3);
        Remember(stream);
    }

    /// <summary>Remembers that a stream was reset, by either side: frames of it that come still are dropped, and are no failure of the connection.</summary>
    private void Remember(Http2Stream stream)
    {
        if (_resets.Count == ResetsRemembered)
        {
            _resets.Clear();
            _lenientBelow = _nextId;
        }

        _resets.Add(stream.Id);
    }

    private void Remove(Http2Stream stream, Http2StreamState state = Http2StreamState.Closed)
    {
        _streams.Remove(stream);
        _abandoned -= stream.IsAbandoned ? 1 : 0;
        stream.State = state;
    }

    private void End(Http2Stream stream) => Remove(stream, Http2StreamState.Ended);

    private Http2Event Break(Http2Stream stream, Http2Error error, string reason)
    {
        Reset(stream, error);
        return stream.IsAbandoned ? default : new Http2Event(Http2EventKind.Broken, stream, Failure: new Http2Failure(error, reason));
    }

    private Http2Event Fail(Http2Error error, string reason) => Fail(new Http2Failure(error, reason));

    private Http2Event Fail(Http2Failure failure)
    {
        Failure = failure;
        _output.GoAway(failure.Code);
        return default;
    }
}
