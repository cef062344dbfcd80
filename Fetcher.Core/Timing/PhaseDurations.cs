using System.Runtime.CompilerServices;

namespace Fetcher.Core.Timing;

/// <summary>What a transfer is doing: HAR's phases, one for the requests before the last, one for robots.txt, and one for what its own loop cost it.</summary>
internal enum Phase
{
    /// <summary>Waiting for a free slot, then for a connection that others open or use, or for room for one (<see cref="QueueWait"/>).</summary>
    Queue,

    /// <summary>Waiting for the robots.txt of an origin.</summary>
    Robots,

    /// <summary>
    /// Redirects and failed attempts before the request that the other phases describe, and what stood before that one. All of them when a further attempt
    /// was waited for and did not come.
    /// </summary>
    Earlier,

    /// <summary>Looking up the name.</summary>
    Dns,

    /// <summary>Connecting.</summary>
    Connect,

    /// <summary>The TLS handshake.</summary>
    Tls,

    /// <summary>Sending the request and waiting for the first byte of the response.</summary>
    Wait,

    /// <summary>Receiving the rest of the response.</summary>
    Receive,

    /// <summary>
    /// It could have gone on, and waited for its event loop. Only <see cref="PhaseDurations.Spent"/> takes that out of the other phases, and only where it
    /// is known.
    /// </summary>
    Stall,
}

/// <summary>
/// How long one transfer spent in each phase, in nanoseconds. The phases follow one another and add up to its total time.
/// </summary>
// No temporary copy of it is read before it is written, so none needs to be cleared (bench/NOTES.md).
[SkipLocalsInit]
internal readonly record struct PhaseDurations(
    long Queue, long Earlier, long Dns, long Connect, long Tls, long Wait, long Receive, long Robots = 0, long Stall = 0)
{
    public const int Count = (int)Phase.Stall + 1;

    /// <summary>All phases together.</summary>
    public long Total => Queue + Robots + Earlier + Dns + Connect + Tls + Wait + Receive + Stall;

    /// <summary>What stood before the last request.</summary>
    public long Before => Queue + Robots + Earlier;

    /// <summary>The duration of <paramref name="phase"/>.</summary>
    public long this[Phase phase] => phase switch
    {
        Phase.Queue => Queue,
        Phase.Robots => Robots,
        Phase.Earlier => Earlier,
        Phase.Dns => Dns,
        Phase.Connect => Connect,
        Phase.Tls => Tls,
        Phase.Wait => Wait,
        Phase.Receive => Receive,
        Phase.Stall => Stall,
        _ => throw new ArgumentOutOfRangeException(nameof(phase)),
    };

    /// <summary>The name in reports.</summary>
    public static string NameOf(Phase phase) => phase switch
    {
        Phase.Queue => "queue",
        Phase.Robots => "robots",
        Phase.Earlier => "earlier",
        Phase.Dns => "dns",
        Phase.Connect => "connect",
        Phase.Tls => "tls",
        Phase.Wait => "wait",
        Phase.Receive => "receive",
        Phase.Stall => "stall",
        _ => throw new ArgumentOutOfRangeException(nameof(phase)),
    };

    /// <summary>
    /// Takes the cumulative times of a result apart. A time of 0 was not reached, or not needed: that phase has no length of its own.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static PhaseDurations Of(FetchResult result)
    {
        if (result.EndedInPause)
        {
            return OfPaused(result);
        }

        var mark = 0L;
        var hasEarlier = result.Attempts > 1 || result.NumRedirects > 0;
        var queue = Until(hasEarlier ? result.TimeQueue : Math.Max(result.TimeQueue, result.TimeBegin), ref mark);
        var earlier = Until(result.TimeBegin, ref mark);
        var dns = Until(result.TimeNameLookup, ref mark);
        var connect = Until(result.TimeConnect, ref mark);
        var tls = Until(result.TimeAppConnect, ref mark);
        var wait = Until(Math.Max(result.TimePreTransfer, result.TimeStartTransfer), ref mark);
        var receive = Until(result.TimeTotal, ref mark);
        if (result.Error is null && result.RobotsTime == 0)
        {
            return new PhaseDurations(queue, earlier, dns, connect, tls, wait, receive);
        }

        return new PhaseDurations(queue, earlier, dns, connect, tls, wait, receive).Ascribe(result, hasEarlier);
    }

    /// <summary>
    /// What the transfer spent its time on: as <see cref="Of"/>, without what it waited for its own loop in each phase. That is <see cref="Stall"/>.
    /// </summary>
    public static PhaseDurations Spent(FetchResult result) =>
        result.StallSpans is { } stalls && result.ClientStall != 0 ? OfSpent(result, stalls) : Of(result);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PhaseDurations OfSpent(FetchResult result, StallSpans stalls)
    {
        var all = Of(result);
        var end = 0L;
        var queue = Without(all.Queue);
        var robots = Without(all.Robots);
        var earlier = Without(all.Earlier);
        var dns = Without(all.Dns);
        var connect = Without(all.Connect);
        var tls = Without(all.Tls);
        var wait = Without(all.Wait);
        var spent = new PhaseDurations(queue, earlier, dns, connect, tls, wait, Without(all.Receive), robots);
        return spent with { Stall = all.Total - spent.Total };

        long Without(long duration)
        {
            end += duration;
            return duration - stalls.Within(end - duration, end);
        }
    }

    /// <summary>The phases of a transfer that waited for a further attempt when it ended.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PhaseDurations OfPaused(FetchResult result)
    {
        var mark = 0L;
        var waited = Until(result.TimeQueue, ref mark);
        var all = new PhaseDurations(waited, Until(result.TimeTotal, ref mark), 0, 0, 0, 0, 0);
        return result.RobotsTime > 0 ? all.TakeOut(result, hasEarlier: true) : all;
    }

    /// <summary>Gives the time after the last mark, that of receiving so far, to the phase in which the transfer ended; takes out that for robots.txt.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private PhaseDurations Ascribe(FetchResult result, bool hasEarlier)
    {
        var rest = Receive;
        var durations = this with { Receive = 0 };
        durations = UnfinishedPhase(result) switch
        {
            Phase.Queue when !hasEarlier => durations with { Queue = Queue + rest },
            Phase.Queue => durations with { Earlier = Earlier + rest },
            Phase.Dns => durations with { Dns = Dns + rest },
            Phase.Connect => durations with { Connect = Connect + rest },
            Phase.Tls => durations with { Tls = Tls + rest },
            Phase.Wait => durations with { Wait = Wait + rest },
            _ => this,
        };
        return result.RobotsTime > 0 ? durations.TakeOut(result, hasEarlier) : durations;
    }

    /// <summary>Makes the time for robots.txt a phase of its own; what is left of where it stood before is the queue, or the earlier requests.</summary>
    private PhaseDurations TakeOut(FetchResult result, bool hasEarlier)
    {
        var robots = Math.Min(result.RobotsTime, hasEarlier ? Earlier : Math.Max(0, Queue - result.TimeQueue));
        return hasEarlier ? this with { Robots = robots, Earlier = Earlier - robots } : this with { Robots = robots, Queue = Queue - robots };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Until(long time, ref long mark)
    {
        var duration = Math.Max(0, time - mark);
        mark += duration;
        return duration;
    }

    /// <summary>The phase in which the transfer ended; the time after the last mark belongs to it.</summary>
    private static Phase UnfinishedPhase(FetchResult result) => result.Error?.Kind switch
    {
        null => Phase.Receive,
        FetchErrorKind.Dns => Phase.Dns,
        FetchErrorKind.Connect or FetchErrorKind.Proxy => Phase.Connect,
        FetchErrorKind.Tls when result.TimeAppConnect == 0 => Phase.Tls,
        FetchErrorKind.Send => Phase.Wait,
        _ when result.TimeStartTransfer > 0 => Phase.Receive,
        _ when result.TimePreTransfer > 0 => Phase.Wait,
        _ when result.TimeConnect > 0 => Phase.Tls,
        _ when result.TimeNameLookup > 0 => Phase.Connect,
        _ when result.TimeBegin > 0 => Phase.Dns,
        _ => Phase.Queue,
    };
}
