using Fetcher.Core.Exchange;
using Fetcher.Core.Interop;
using Fetcher.Core.Net;

namespace Fetcher.Core.DotNet;

/// <summary>
/// One request through .NET's own client: how long it may take, and what its connection saw of it. The client tells neither when it began
/// to send nor on which connection, so the connection asks which exchange it is working for.
/// </summary>
internal sealed class DotNetCall : IDisposable
{
    /// <summary>How the exchange travels with the request that may open a connection for it.</summary>
    public static readonly HttpRequestOptionsKey<DotNetCall> Key = new("fetcher.exchange");

    /// <summary>How long, in nanoseconds, an answer that has arrived in time may take on its way through .NET once the time is over.</summary>
    private const long LastMoment = 1_000_000_000;

    private static readonly AsyncLocal<DotNetCall?> Ambient = new();

    private readonly CancellationTokenSource _over = new();
    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly long _readTimeout;
    private readonly SpeedFloor? _floor;
    private readonly long _begunAt;
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _stopped;
    private readonly CancellationTokenRegistration _givenUp;
    private long _silentSince = long.MaxValue;
    private long _overdue = long.MinValue;
    private int _made;
    private bool _ended;

    /// <summary>Begins an exchange, which becomes that of the calling asynchronous flow.</summary>
    /// <param name="endpoint">Where its URL points.</param>
    /// <param name="readTimeout">Longest silence once the request is sent, in nanoseconds.</param>
    /// <param name="floor">How slow the response may be, or null.</param>
    /// <param name="deadline">When the whole transfer has to be over, in nanoseconds of <paramref name="clock"/>.</param>
    /// <param name="clock">The run's clock.</param>
    /// <param name="stop">Cancelled when the run is being stopped.</param>
    /// <param name="giveUp">Cancelled when nobody wants the response any more.</param>
    public DotNetCall(
        Endpoint endpoint,
        long readTimeout,
        SpeedFloor? floor,
        long deadline,
        TimeProvider clock,
        CancellationToken stop,
        CancellationToken giveUp)
    {
        Endpoint = endpoint;
        Deadline = deadline;
        _readTimeout = readTimeout;
        _floor = floor;
        _clock = clock;
        _begunAt = MonotonicClock.Now(clock);
        _timer = clock.CreateTimer(
            static self => ((DotNetCall)self!).Check(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _stopped = stop.UnsafeRegister(static self => ((DotNetCall)self!)._over.Cancel(), this);
        _givenUp = giveUp.UnsafeRegister(static self => ((DotNetCall)self!)._over.Cancel(), this);
        Ambient.Value = this;
        Check();
    }

    /// <summary>The exchange that the calling code works for, or null.</summary>
    public static DotNetCall? Current => Ambient.Value;

    public Endpoint Endpoint { get; }

    /// <summary>What its request waits for on the connection before it is written; null for nothing.</summary>
    public Func<ValueTask>? Turn { get; init; }

    /// <summary>When it has to be over, in nanoseconds.</summary>
    public long Deadline { get; private set; }

    /// <summary>Cancelled when its time is over, or the run is being stopped.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>Its time is over: too long a silence, or the whole transfer took too long.</summary>
    public bool TimedOut { get; private set; }

    /// <summary>Whether it was the response that came too slowly, and not a silence.</summary>
    public bool IsTooSlow { get; private set; }

    /// <summary>When the steps of the connection that was opened for it were done, as far as they came; null when none was.</summary>
    public ConnectTimes? Connecting { get; set; }

    /// <summary>The connection that was opened for it, as HTTP/2; null when none was. The client may send the request on another.</summary>
    public DotNetConnection? Opened { get; set; }

    /// <summary>The connection that its request was last sent on, or null.</summary>
    public DotNetConnection? Connection { get; private set; }

    /// <summary>Whether that connection had served others before.</summary>
    public bool IsReused { get; private set; }

    /// <summary>Whether its request goes on a stream of an HTTP/2 connection, which others share.</summary>
    public bool IsStream { get; private set; }

    /// <summary>How often it has been about to be sent on a stream.</summary>
    public int StreamsTried { get; private set; }

    /// <summary>When the request was last about to be sent, in nanoseconds.</summary>
    public long SentAt { get; private set; }

    /// <summary>When the first byte of the response came, in nanoseconds; 0 before that.</summary>
    public long FirstByteAt { get; private set; }

    /// <summary>
    /// Its request is being sent on <paramref name="connection"/>. A stale connection makes the client send it again on another.
    /// </summary>
    public void OnSending(DotNetConnection connection, bool isReused)
    {
        (Connection, IsReused, SentAt, FirstByteAt) = (connection, isReused, MonotonicClock.Now(_clock), 0);
        BeginSilence();
    }

    /// <summary>Its request is being sent on an HTTP/2 stream; again, when the server had not begun with it.</summary>
    /// <param name="connection">Of which connection, or null when that is not known yet.</param>
    public void OnSendingStream(DotNetConnection? connection)
    {
        IsStream = true;
        StreamsTried++;
        Connection = null;
        (SentAt, FirstByteAt) = (MonotonicClock.Now(_clock), 0);
        Join(connection);
        BeginSilence();
    }

    /// <summary>The response to what was sent on a stream begins.</summary>
    /// <param name="connection">On which connection, or null when that is not known.</param>
    public void OnStreamAnswered(DotNetConnection? connection)
    {
        Join(connection);
        OnReceived(0);
    }

    /// <summary>Some of a long request has been sent, which counts as no silence.</summary>
    public void OnSent() => Interlocked.Exchange(ref _silentSince, MonotonicClock.Now(_clock));

    /// <summary>Bytes of the response have come, so the silence is over.</summary>
    public void OnReceived(int length)
    {
        var now = MonotonicClock.Now(_clock);
        if (FirstByteAt == 0)
        {
            FirstByteAt = now;
        }

        Interlocked.Exchange(ref _silentSince, now);
        if (_floor is not null)
        {
            lock (_gate)
            {
                _floor.Count(length, now);
            }
        }
    }

    /// <summary>Nothing is asked of the connection for a while, so its silence does not count.</summary>
    public void OnPause() => Interlocked.Exchange(ref _silentSince, long.MaxValue);

    /// <summary>What comes is waited for again.</summary>
    public void OnResume()
    {
        var now = MonotonicClock.Now(_clock);
        Interlocked.Exchange(ref _silentSince, now);
        if (_floor is not null)
        {
            lock (_gate)
            {
                _floor.Ask(now);
            }
        }

        Check();
    }

    /// <summary>It has to be over sooner than was said at first.</summary>
    /// <param name="deadline">When, in nanoseconds.</param>
    public void EndBy(long deadline)
    {
        Deadline = Math.Min(Deadline, deadline);
        Check();
    }

    /// <summary>Tells what its connection saw of it.</summary>
    public void NoteIn(ExchangeFacts facts)
    {
        (facts.SentAt, facts.FirstByteAt, facts.IsShared) = (SentAt, FirstByteAt, IsStream);
        if (Connection is not { } connection)
        {
            if (Connecting is { } failed)
            {
                facts.Connects += failed.Connect == 0 ? 0 : 1;
                facts.Connecting.CopyFrom(failed);
            }

            return;
        }

        facts.NoteConnection(connection.RemoteIp, connection.RemotePort, connection.LocalPort, isTls: connection.Times.AppConnect != 0);
        facts.Connects += IsStream ? _made : IsReused ? 0 : 1;
        facts.Connecting.CopyFrom(connection.Times);

        // The client opens connections ahead of need, too: one that was there before costs the request nothing, and may be as stale as one that has served.
        facts.IsReused = IsReused || connection.Times.NameLookup < _begunAt;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
        }

        _stopped.Dispose();
        _givenUp.Dispose();
        _timer.Dispose();

        // What goes on from here, such as the slot that a retry leaves its place to, would keep the exchange, whose timer keeps the flow it began in, which
        // keeps the exchange before it, and so on.
        Ambient.Value = null;
    }

    /// <summary>Notes the connection, which whoever uses it first counts as made.</summary>
    private void Join(DotNetConnection? connection)
    {
        if (connection is not null && connection != Connection)
        {
            IsReused = !connection.TryTakeFirst();
            _made += IsReused ? 0 : 1;
            Connection = connection;
        }
    }

    /// <summary>The response is waited for from <see cref="SentAt"/> on.</summary>
    private void BeginSilence()
    {
        Interlocked.Exchange(ref _silentSince, SentAt);
        if (_floor is not null)
        {
            lock (_gate)
            {
                _floor.Begin(SentAt);
            }
        }

        Check();
    }

    /// <summary>Ends the exchange if its time is over, else looks again when it would be.</summary>
    private void Check()
    {
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            var silentSince = Interlocked.Read(ref _silentSince);
            var due = Math.Min(Deadline, silentSince == long.MaxValue ? long.MaxValue : Math.Min(silentSince + _readTimeout, _floor?.Deadline ?? long.MaxValue));
            var left = due - MonotonicClock.Now(_clock);
            if (left <= 0 && _overdue != due && Connection is { HasNews: true })
            {
                // The process stood still, and what came meanwhile has not been read yet.
                _overdue = due;
                _timer.Change(Nanoseconds.ToTimeSpan(LastMoment), Timeout.InfiniteTimeSpan);
            }
            else if (left <= 0)
            {
                (_ended, TimedOut, IsTooSlow) = (true, true, due == _floor?.Deadline);
                _ = _over.CancelAsync();
            }
            else if (due != long.MaxValue)
            {
                // Timers count whole milliseconds.
                _timer.Change(TimeSpan.FromMilliseconds((left + 999_999) / 1_000_000), Timeout.InfiniteTimeSpan);
            }
        }
    }
}
