namespace Fetcher.Core.Hosts;

/// <summary>
/// How many transfers to one host may be under way, found out by trying, as TCP finds out its window (RFC 5681): one more for each success up to a
/// threshold, then one more for each limit's worth of successes; half of it when the host shows that it is too much.
/// </summary>
/// <param name="start">Where to begin, at least 1.</param>
/// <param name="most">The limit never grows above this.</param>
internal sealed class AdaptiveLimit(int start, int most)
{
    private double _limit = Math.Min(start, most);
    private double _threshold = most;
    private long _decreasedAt = long.MinValue;

    /// <summary>Transfers that may be under way now, at least 1.</summary>
    public int Value => (int)_limit;

    /// <summary>A transfer went well.</summary>
    public void OnSuccess() => _limit = Math.Min(most, _limit + (_limit < _threshold ? 1 : 1 / _limit));

    /// <summary>Halves the limit: the host answered 429 or 503, asked for calm (HTTP/2), or was silent for too long.</summary>
    /// <param name="sentAt">When it was asked. What was sent before the last decrease says nothing about the limit since.</param>
    /// <param name="now">Now, on the same clock.</param>
    public void OnCongestion(long sentAt, long now)
    {
        if (sentAt >= _decreasedAt)
        {
            _threshold = _limit = Math.Max(1, _limit / 2);
            _decreasedAt = now;
        }
    }

    /// <summary>Begins again with one, up to half of what it was: the host asked for a pause.</summary>
    /// <inheritdoc cref="OnCongestion"/>
    public void OnHold(long sentAt, long now)
    {
        OnCongestion(sentAt, now);
        _limit = _decreasedAt == now ? 1 : _limit;
    }
}
