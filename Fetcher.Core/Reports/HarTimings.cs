using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>
/// The phases of a transfer in HAR's terms, in whole microseconds, so that their sum is <see cref="Total"/> to the last digit. Null is a phase that did
/// not apply. As in HAR, <see cref="Connect"/> contains <see cref="Ssl"/>.
/// </summary>
/// <param name="Queue">The part of <paramref name="Blocked"/> before the first request.</param>
/// <param name="Blocked">Until the last request's own work began: the queue, robots.txt, and redirects and failed attempts before that request.</param>
/// <param name="Dns">Looking up the name.</param>
/// <param name="Connect">Connecting, with the TLS handshake.</param>
/// <param name="Ssl">The TLS handshake.</param>
/// <param name="Wait">Sending the request, which takes no time of its own, and waiting for the first byte.</param>
/// <param name="Receive">From the first byte to the last, or to the failure.</param>
/// <param name="WaitStall">The part of <paramref name="Wait"/> in which the answer had come, and this program's loop did something else.</param>
/// <param name="Total">All of it.</param>
internal readonly record struct HarTimings(
    long Queue, long Blocked, long? Dns, long? Connect, long? Ssl, long Wait, long Receive, long WaitStall, long Total)
{
    private const long NanosecondsPerMicrosecond = 1000;

    /// <summary>Takes the times of a result apart.</summary>
    public static HarTimings Of(FetchResult result)
    {
        var phases = PhaseDurations.Of(result);
        var (mark, end) = (0L, 0L);
        var queue = Next(phases.Queue, ref mark, ref end);
        var earlier = Next(phases.Robots + phases.Earlier, ref mark, ref end);
        var dns = Next(phases.Dns, ref mark, ref end);
        var connect = Next(phases.Connect, ref mark, ref end);
        var ssl = Next(phases.Tls, ref mark, ref end);
        var wait = Next(phases.Wait, ref mark, ref end);
        var receive = Next(phases.Receive, ref mark, ref end);
        return new HarTimings(
            queue,
            queue + earlier,
            phases.Dns > 0 ? dns : null,
            phases.Connect + phases.Tls > 0 ? connect + ssl : null,
            phases.Tls > 0 ? ssl : null,
            wait,
            receive,
            Math.Min(wait, (phases.Wait - PhaseDurations.Spent(result).Wait) / NanosecondsPerMicrosecond),
            mark);
    }

    /// <summary>The microseconds from one rounded end of a phase to the next, so that no rounding adds up.</summary>
    private static long Next(long duration, ref long mark, ref long end)
    {
        end += duration;
        var rounded = (end + (NanosecondsPerMicrosecond / 2)) / NanosecondsPerMicrosecond;
        var length = rounded - mark;
        mark = rounded;
        return length;
    }
}
