namespace Fetcher.Core.Hosts;

/// <summary>
/// Keeps starts apart: each counts from when the one before really was, and not from when it was to be, so that a late one is not followed by a short gap.
/// In no second are there more than asked. Moments are nanoseconds of the run's clock.
/// </summary>
/// <remarks>
/// Starts are a fiftieth further apart than asked, up to 20 ms: what that spares in a second is left to the network, which does not take the same time for
/// each, and half of it to starts that are closer than timers can tell apart: they may be as late, and the next none the later. It is a leaky bucket (GCRA,
/// ITU-T I.371) that holds no more.
/// </remarks>
/// <param name="interval">From one start to the next, as asked, in nanoseconds.</param>
internal sealed class StartSpacing(long interval)
{
    /// <summary>From this interval on timers are exact enough to let no lateness be made up, in nanoseconds.</summary>
    private const long Exact = 50_000_000;

    /// <summary>Below this one starts are let go in groups, since a loop wakes up no more often, in nanoseconds.</summary>
    private const long Grouped = 5_000_000;

    /// <summary>What a second has more than it needs, and what of that may be made up, in nanoseconds.</summary>
    private const long Margin = 20_000_000, MostSlack = Margin / 2;

    private long _next = HostQueue.LongAgo;

    /// <summary>From one start to the next, in nanoseconds.</summary>
    public long Interval { get; } = IntervalFor(interval);

    /// <summary>How late a start may be and the next be none the later.</summary>
    public long Slack { get; } = interval switch
    {
        >= Exact => 0,
        >= Grouped => Math.Min(interval / 4, MostSlack),
        _ => MostSlack,
    };

    /// <summary>The first moment at which the next may be; one that may have passed.</summary>
    public long Earliest => _next - Slack;

    /// <summary>From one start to the next where so much was asked, in nanoseconds.</summary>
    public static long IntervalFor(long asked) => asked + Math.Min(asked / 50, Margin);

    /// <summary>Has the next be now, if it may.</summary>
    public bool TryPass(long now)
    {
        if (now < Earliest)
        {
            return false;
        }

        _next = Math.Max(_next, now) + Interval;
        return true;
    }
}
