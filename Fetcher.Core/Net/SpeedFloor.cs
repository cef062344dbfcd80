using Fetcher.Core.Loop;

namespace Fetcher.Core.Net;

/// <summary>
/// How slowly a response may come (<c>--speed-limit</c>, <c>--speed-time</c>, curl(1)): as many bytes as the limit makes in the time have to come within it,
/// again and again. Time in which nobody asks for more counts for nobody. Moments are nanoseconds of the clock of whoever asks.
/// </summary>
/// <param name="bytesPerSecond">The limit, at least 1.</param>
/// <param name="time">How long a response may be slower.</param>
internal sealed class SpeedFloor(long bytesPerSecond, TimeSpan time)
{
    private readonly long _time = Nanoseconds.From(time);
    private readonly double _quota = bytesPerSecond * time.TotalSeconds;
    private double _missing;
    private long _countedAt;

    /// <summary>When the response is too slow, unless more comes before.</summary>
    public long Deadline { get; private set; } = LoopTimer.Never;

    /// <summary>The failure of a response that is too slow.</summary>
    public FetchException TooSlow => Failures.TooSlow.Of(bytesPerSecond, time.TotalSeconds).Thrown();

    /// <summary>The floor of a run's transfers; null when they have none.</summary>
    public static SpeedFloor? Of(FetchOptions options) => options.SpeedLimit > 0 ? new SpeedFloor(options.SpeedLimit, options.SpeedTime) : null;

    /// <summary>A request is sent.</summary>
    public void Begin(long now) => (Deadline, _missing, _countedAt) = (now + _time, _quota, now);

    /// <summary>More is asked for.</summary>
    public void Ask(long now)
    {
        Deadline += Math.Max(0, now - _countedAt);
        _countedAt = now;
    }

    /// <summary>Something has come.</summary>
    public void Count(int bytes, long now)
    {
        _missing -= bytes;
        _countedAt = now;
        if (_missing <= 0)
        {
            Begin(now);
        }
    }
}
