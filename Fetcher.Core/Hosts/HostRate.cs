namespace Fetcher.Core.Hosts;

/// <summary>Spaces the starts at one host evenly (<c>--rate-per-host</c>). Time in which nobody asked is not made up for. Used under the table's lock.</summary>
/// <param name="interval">From one start to the next, in nanoseconds.</param>
internal sealed class HostRate(long interval)
{
    /// <summary>When the next may start, in nanoseconds of the run's clock; a moment that may have passed.</summary>
    public long Next { get; private set; } = HostQueue.LongAgo;

    /// <summary>Takes the next start and gives its moment.</summary>
    public long Take(long now)
    {
        var mine = Math.Max(Next, now);
        Next = mine + interval;
        return mine;
    }
}
