namespace Fetcher.Core.Http.Http2;

/// <summary>How many frames that move no stream on a server may send: so many at once, and so many a second (RFC 9113, section 10.5).</summary>
internal struct Http2Budget(int most, int perSecond, long now)
{
    private double _left = most;
    private long _at = now;

    /// <summary>Something that we did may bring some more.</summary>
    public void Allow(int frames) => _left = Math.Min(most, _left + frames);

    /// <summary>Takes one; false when there is none left.</summary>
    /// <param name="now">Now, in nanoseconds.</param>
    public bool TrySpend(long now)
    {
        if (_left < 1)
        {
            _left = Math.Min(most, _left + ((now - _at) / 1e9 * perSecond));
            _at = now;
        }

        if (_left < 1)
        {
            return false;
        }

        _left--;
        return true;
    }
}
