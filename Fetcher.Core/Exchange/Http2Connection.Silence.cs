using Fetcher.Core.Loop;

namespace Fetcher.Core.Exchange;

/// <summary>
/// How a connection finds out whether its server is still there. A stream may be silent for reasons of its own, or because our window is closed; so the
/// server is asked by a PING (RFC 9113, section 6.7) when nothing at all has come for half the time that a transfer may be silent.
/// </summary>
internal sealed partial class Http2Connection
{
    private LoopTimer? _silence;
    private bool _isWatched;
    private long _busySince;
    private long _askedAt;

    /// <summary>When something has to come, or the server is asked; never, when it has been.</summary>
    private long AskAt => _transport.ReadTimeout == LoopTimer.Never || _askedAt > HeardAt ? LoopTimer.Never : SilentSince + (_transport.ReadTimeout / 2);

    /// <summary>Whether nothing at all has come for as long as a transfer may be silent, or the server has left a PING without an answer.</summary>
    public bool IsSilent(long now) =>
        now - HeardAt >= _transport.ReadTimeout || (_askedAt > HeardAt && now - _askedAt >= _transport.ReadTimeout / 4);

    private long SilentSince => Math.Max(HeardAt, _busySince);

    /// <summary>A stream has been opened: from now on there is something to wait for.</summary>
    private void WatchSilence()
    {
        if (Session.Streams == 1)
        {
            _busySince = _loop.RecentTimestamp;
        }

        if (!_isWatched && _hasPump && _transport.ReadTimeout != LoopTimer.Never)
        {
            _isWatched = true;
            _silence ??= _loop.RentTimer(OnSilence);
            _silence.Set(_loop.RecentTimestamp + (_transport.ReadTimeout / 2));
        }
    }

    private void OnSilence()
    {
        if (IsClosed || Session.Streams == 0)
        {
            _isWatched = false;
            return;
        }

        var now = _loop.RecentTimestamp;
        var isAsked = AskAt == LoopTimer.Never;
        if (isAsked && now - SilentSince >= _transport.ReadTimeout)
        {
            Lose(Failures.Silence.Of("received", _transport.ReadTimeout / 1e9).Thrown());
            return;
        }

        if (!isAsked && now >= AskAt)
        {
            Ask(now);
            isAsked = true;
        }

        _silence!.Set(isAsked ? SilentSince + _transport.ReadTimeout : AskAt);
    }

    private void Ask(long now)
    {
        _askedAt = now;
        Session.Ping();
        FlushNow();
    }
}
