
namespace Fetcher.Core.Timing;

/// <summary>What a transfer is doing: HAR's phases, and one for the requests before the last.</summary>
internal enum Phase
{
    /// <summary>Waiting for a free slot, or for what else stands before the first request, such as robots.txt or room for a connection.</summary>
    Queue,

    /// <summary>Redirects and failed attempts before the request that the other phases describe, and what stood before that one.</summary>
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
}

/// <summary>
/// How long one transfer spent in each phase, in nanoseconds. The phases follow one another and add up to its total time.
/// </summary>
internal readonly record struct PhaseDurations(long Queue, long Earlier, long Dns, long Connect, long Tls, long Wait, long Receive)
{
    public const int Count = (int)Phase.Receive + 1;

    /// <summary>All phases together.</summary>
    public long Total => Queue + Earlier + Dns + Connect + Tls + Wait + Receive;

    /// <summary>The duration of <paramref name="phase"/>.</summary>
    public long this[Phase phase] => phase switch
    {
        Phase.Queue => Queue,
        Phase.Earlier => Earlier,
        Phase.Dns => Dns,
        Phase.Connect => Connect,
        Phase.Tls => Tls,
        Phase.Wait => Wait,
        Phase.Receive => Receive,
        _ => throw new ArgumentOutOfRangeException(nameof(phase)),
    };

    /// <summary>The name in reports.</summary>
    public static string NameOf(Phase phase) => phase switch
    {
        Phase.Queue => "queue",
        Phase.Earlier => "earlier",
        Phase.Dns => "dns",
        Phase.Connect => "connect",
        Phase.Tls => "tls",
        Phase.Wait => "wait",
        Phase.Receive => "receive",
        _ => throw new ArgumentOutOfRangeException(nameof(phase)),
    };

    /// <summary>
    /// Takes the cumulative times of a result apart. A time of 0 was not reached, or not needed: that phase has no length of its own.
    /// </summary>
    public static PhaseDurations Of(FetchResult result)
    {
        var mark = 0L;
        var hasEarlier = result.Attempts > 1 || result.NumRedirects > 0;
        var queue = Until(hasEarlier ? result.TimeQueue : Math.Max(result.TimeQueue, result.TimeBegin), ref mark);
        var earlier = Until(result.TimeBegin, ref mark);
        var dns = Until(result.TimeNameLookup, ref mark);
        var connect = Until(result.TimeConnect, ref mark);
        var tls = Until(result.TimeAppConnect, ref mark);
        var wait = Until(Math.Max(result.TimePreTransfer, result.TimeStartTransfer), ref mark);
        var rest = Until(result.TimeTotal, ref mark);
        var durations = new PhaseDurations(queue, earlier, dns, connect, tls, wait, 0);
        return UnfinishedPhase(result) switch
        {
            Phase.Queue when !hasEarlier => durations with { Queue = queue + rest },
            Phase.Queue => durations with { Earlier = earlier + rest },
            Phase.Dns => durations with { Dns = dns + rest },
            Phase.Connect => durations with { Connect = connect + rest },
            Phase.Tls => durations with { Tls = tls + rest },
            Phase.Wait => durations with { Wait = wait + rest },
            _ => durations with { Receive = rest },
        };
    }

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
