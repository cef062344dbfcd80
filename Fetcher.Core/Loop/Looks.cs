namespace Fetcher.Core.Loop;

/// <summary>
/// Up to which moment a loop has asked its poller about all of its sockets, so that it knows of a timer whether what it limits had come by then. Moments are
/// nanoseconds of the loop's clock.
/// </summary>
/// <param name="capacity">Events that a poller reports at once at most: it may not have told all.</param>
internal sealed class Looks(int capacity)
{
    private long _begunAt;
    private int _told;

    /// <summary>The moment.</summary>
    public long SeenTo { get; private set; } = long.MinValue;

    /// <summary>The poller has been asked.</summary>
    /// <param name="asked">When, or before.</param>
    /// <param name="timeoutMilliseconds">How long it was to wait for a first event; negative is without a limit.</param>
    /// <param name="answered">When it answered, or later.</param>
    /// <param name="count">How many events it told. When it told none it looked at the end of its time.</param>
    /// <param name="sockets">How many there are at most.</param>
    public void Note(long asked, int timeoutMilliseconds, long answered, int count, int sockets)
    {
        if (count == 0)
        {
            SeenTo = timeoutMilliseconds < 0 ? asked : Math.Min(answered, asked + (timeoutMilliseconds * 1_000_000L));
            _told = 0;
            return;
        }

        _begunAt = _told == 0 ? asked : _begunAt;
        _told += count;
        if (count < capacity || _told >= sockets)
        {
            SeenTo = _begunAt;
            _told = 0;
        }
    }
}
