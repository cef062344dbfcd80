using Fetcher.Core.Http.Http2;
using Fetcher.Core.Loop.Watching;

namespace Fetcher.Core.Exchange;

/// <summary>What its connection tells an exchange, and how it goes on by that.</summary>
internal sealed partial class Http2Exchange
{
    /// <summary>Something has come on the stream.</summary>
    public void OnEvent(in Http2Event found)
    {
        _floor?.Count(found.Kind == Http2EventKind.Data ? found.Data.Length : found.Stream!.Head.Raw.Length, _loop.RecentTimestamp);
        switch (found.Kind)
        {
            case Http2EventKind.Interim:
                NoteFirstByte();
                _hasInterim = true;
                Tell();
                break;

            case Http2EventKind.Head when CanTellWithBody:
                NoteFirstByte();
                _connection.TellWithNext(this);
                break;

            case Http2EventKind.Head:
                NoteFirstByte();
                Tell();
                break;

            case Http2EventKind.Data when _isWaiting && _hasHead && _queue.IsEmpty && !_connection.MustHold(this):
                Lend(found.Data);
                break;

            case Http2EventKind.Data:
                Queue(found.Data.Span);
                Tell();
                break;

            case Http2EventKind.Reset:
                OnReset(found.Failure!.Code);
                break;

            case Http2EventKind.Broken:
                Fail(Failures.StreamReset.Of(found.Failure!.Reason).Thrown());
                break;
        }
    }

    /// <summary>The server goes away, and has not taken the request up.</summary>
    public void OnUnprocessed(Http2Error code)
    {
        _isUnprocessed = true;
        Fail(Failures.OfGoAway((uint)code).Thrown());
    }

    /// <summary>The connection is lost.</summary>
    /// <param name="why">What was found; null when the server has closed it.</param>
    public void OnLost(Exception? why)
    {
        _isLost = why is not FetchException { Error.Kind: FetchErrorKind.Timeout };
        Fail(why is FetchException { Error.Kind: FetchErrorKind.Send } unsent && _stream.HasHead
            // Which of the two a broken connection shows first, sending or receiving, is chance; the response had begun.
            ? Failures.Broken.Of(unsent.Error.Message).Thrown(unsent)
            : why is FetchException failure ? failure.Error.Thrown(failure)
            : why is not null ? why
            : !_stream.HasHead ? Failures.NoAnswer.Of().Thrown()
            : Failures.BodyCut.Of(_stream.BodyLeft < 0 ? "before the end of the stream" : $"with {_stream.BodyLeft} bytes of the body missing").Thrown());
    }

    /// <summary>Goes on by news that came while another exchange stood in a blocking wait.</summary>
    public void TellNow()
    {
        if (_isWaiting && HasNews)
        {
            Tell();
        }
    }

    /// <summary>Goes on by its header section and the run of its body that has come with it.</summary>
    public void TellWith(ReadOnlyMemory<byte> run)
    {
        if (!_isWaiting || HasRun)
        {
            Queue(run.Span);
            Tell();
            return;
        }

        _first = run;
        Tell();
        if (_first is not null)
        {
            // It waits for something else before it reads on.
            _first = null;
            Queue(run.Span);
        }
    }

    /// <summary>Whether its time is over, or nobody wants it any more: noted as its failure.</summary>
    public bool IsOver(long now)
    {
        if (_limits.GiveUp.IsCancellationRequested)
        {
            _failure ??= new OperationCanceledException();
        }
        else if (now >= Due)
        {
            _failure ??= TimedOut(now);
        }

        return _failure is not null;
    }

    /// <summary>
    /// The window of the connection was closed for a time: what of that it waited for its body, it could not go on. What comes of header sections needs no window.
    /// </summary>
    /// <param name="from">Since when.</param>
    /// <param name="to">Until when.</param>
    /// <param name="transfer">The transfer whose unread body filled most of the window.</param>
    /// <param name="url">Its URL.</param>
    public void NoteClosedWindow(long from, long to, long transfer, string url)
    {
        if (_isWaiting && _hasHead && _queue.IsEmpty && _stream is { IsOpen: true, BodyLeft: not 0 })
        {
            _watch?.NoteClosedWindow(from, to, transfer, url);
        }
    }

    /// <summary>What the loop does from here on is for this exchange, and no longer for those whose frames came in between.</summary>
    public void GoOnWatched()
    {
        if (_loop.Observer is { } observer && observer.Current != _watch)
        {
            observer.Run(_watch);
        }
    }

    /// <summary>When the wait that is under way has to end.</summary>
    private long Due { get; set; }

    private static void GiveUp(object? state)
    {
        var (exchange, number) = ((Http2Exchange, int))state!;
        exchange._loop.Post(() =>
        {
            if (exchange._number == number && exchange._isWaiting)
            {
                exchange.Fail(new OperationCanceledException());
            }
        });
    }

    private void OnReset(Http2Error code)
    {
        if (code == Http2Error.Http11Required)
        {
            _connection.FallBack();
        }

        _isUnprocessed = code is Http2Error.RefusedStream or Http2Error.Http11Required;
        Fail(Failures.OfStreamReset((uint)code).Thrown());
    }

    /// <summary>Whether it waits for its header section, and reads on in the same way as it waits.</summary>
    private bool CanTellWithBody =>
        _isWaiting && !_hasHead && _pace is null && _floor is null && _loop.Observer is null && _transport.Waits.Body == _loop && !_stream.IsEnded;

    private void NoteFirstByte()
    {
        if (_facts.FirstByteAt == 0)
        {
            // All that came in one piece came at one time, which the loop knows.
            _facts.FirstByteAt = _loop.Observer?.Now ?? _loop.RecentTimestamp;
            _connection.NoteWait(_facts.FirstByteAt - _facts.SentAt);
        }
    }

    private void Fail(Exception failure)
    {
        _failure ??= failure;
        Tell();
    }

    /// <summary>Keeps a run that nobody reads yet.</summary>
    private void Queue(ReadOnlySpan<byte> run)
    {
        _queue.Add(run);
        _connection.Windows.NoteUnread(this);
        if (_closedAt == 0 && _stream is { Window: <= 0, IsOpen: true, BodyLeft: not 0 } && !_connection.Session.IsInData)
        {
            _closedAt = _loop.RecentTimestamp;
        }
    }

    /// <summary>Counts the time in which the stream's window was closed, once it is open again.</summary>
    private void NoteStreamWindow(bool isOpen)
    {
        if (_closedAt != 0 && isOpen)
        {
            _transport.Counters.NoteStreamClosed(Url, _loop.GetTimestamp() - _closedAt);
            _closedAt = 0;
        }
    }

    /// <summary>Hands a run on as it was received.</summary>
    private void Lend(ReadOnlyMemory<byte> run)
    {
        if (_pace is not null)
        {
            Queue(run.Span);
            Tell();
            return;
        }

        Give(run);
        BeginToGoOn();
        _wait.SetResult(run.Length);
        _loop.Observer?.Rest();
    }

    private void Tell()
    {
        if (!_isWaiting)
        {
            return;
        }

        if (_connection.MustHold(this))
        {
            _connection.TellLater(this);
            return;
        }

        BeginToGoOn();
        if (TryTake(out var length))
        {
            _wait.SetResult(length);
        }
        else
        {
            _wait.SetException(_failure!);
        }

        _loop.Observer?.Rest();
    }

    private void BeginToGoOn()
    {
        _isWaiting = false;
        _timer.Stop();
        if (_loop.Observer is { } observer)
        {
            observer.Resume(_watch, StallCause.Bytes);
            if (_closedAt != 0)
            {
                _watch?.NoteClosedSince(_closedAt);
            }

            observer.Succeeded();
        }
    }
}
