namespace Fetcher.Core.Hosts;

/// <summary>A moment of a request that a host's rate counts.</summary>
internal enum RequestStep
{
    /// <summary>It is taken up: a connection is taken or opened for it.</summary>
    Begin,

    /// <summary>Its first byte is written.</summary>
    Write,
}

/// <summary>
/// Spaces the requests at one host (<c>--rate-per-host</c>). Places are promised ahead, so that what has to wait does so outside the slots; what counts is
/// when a request really begins and when it is written, which need not be as long after one another. Time in which nobody asked is not made up for. Used under
/// the table's lock.
/// </summary>
/// <param name="interval">From one request to the next, in nanoseconds.</param>
internal sealed class HostRate(long interval)
{
    private readonly StartSpacing _begun = new(interval);
    private readonly StartSpacing _written = new(interval);
    private int _granted;

    /// <summary>When the next may be promised, in nanoseconds of the run's clock; a moment that may have passed.</summary>
    public long Next { get; private set; } = HostQueue.LongAgo;

    /// <summary>Promises a transfer its place, and gives the moment.</summary>
    public long Grant(long now)
    {
        _granted++;
        return Math.Max(now, Promise(now));
    }

    /// <summary>A request comes, and uses a place that was granted; or gets one now, as a redirect and robots.txt do.</summary>
    /// <returns>Not before when it may begin.</returns>
    public long Enter(long now)
    {
        if (_granted == 0)
        {
            return Promise(now);
        }

        _granted--;
        return now;
    }

    /// <summary>A transfer has ended: no more places are left to use than transfers, since not each has asked.</summary>
    /// <param name="underWay">Those that are left.</param>
    public void Leave(int underWay) => _granted = Math.Min(_granted, underWay);

    /// <summary>Has a request take a step now, if it may.</summary>
    /// <returns>When to try again; <paramref name="now"/> when it has taken it.</returns>
    public long Pass(RequestStep step, long now)
    {
        var spacing = step == RequestStep.Begin ? _begun : _written;
        if (!spacing.TryPass(now))
        {
            return spacing.Earliest;
        }

        Next = Math.Max(Next, _begun.Earliest);
        return now;
    }

    /// <summary>Whether nothing of it need be known any more.</summary>
    public bool IsOver(long now) => Next <= now && _written.Earliest <= now;

    private long Promise(long now)
    {
        var mine = Math.Max(Next, now - _begun.Slack);
        Next = mine + _begun.Interval;
        return mine;
    }
}
