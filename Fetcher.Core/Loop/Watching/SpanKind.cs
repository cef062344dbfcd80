namespace Fetcher.Core.Loop.Watching;

/// <summary>What a loop's thread did in a stretch of time, as far as it mattered to whoever waited behind it.</summary>
internal enum SpanKind
{
    /// <summary>Waited for events with nothing to do. Nobody waits behind it.</summary>
    Idle,

    /// <summary>Ordinary work: system calls that do not wait, parsing, hashing, the loop's own book-keeping.</summary>
    Work,

    /// <summary>Stood in a blocking call on one socket.</summary>
    BlockingRead,

    /// <summary>TLS: handshakes, encrypting, decrypting.</summary>
    Tls,

    /// <summary>Took a content coding off a body.</summary>
    Decode,

    /// <summary>Burned CPU on a body (<c>--cpu-burst</c>).</summary>
    CpuBurst,

    /// <summary>Handed a result over: reports are formatted then, and a program's own code runs.</summary>
    Callback,

    /// <summary>Stood still for the garbage collector.</summary>
    GcPause,

    /// <summary>Had something to do and did not run: the kernel gave the CPU to others, or the process was stopped (SIGSTOP).</summary>
    NotScheduled,

    /// <summary>
    /// Nothing that the loop ran: a body that had come and was not read filled the window of the HTTP/2 connection, so that no other came on it.
    /// </summary>
    UnreadBody,
}

/// <summary>Names of <see cref="SpanKind"/> in reports.</summary>
internal static class SpanKinds
{
    public const int Count = (int)SpanKind.UnreadBody + 1;

    /// <summary>
    /// The kind to blame: the one that cost most in all. Many long reads are worse than many short waits for a CPU, even where these, being nobody's, come
    /// to more than any one read.
    /// </summary>
    /// <param name="costs">What each kind cost.</param>
    public static SpanKind Worst(ReadOnlySpan<long> costs)
    {
        var worst = 0;
        for (var kind = 1; kind < costs.Length; kind++)
        {
            worst = costs[kind] > costs[worst] ? kind : worst;
        }

        return (SpanKind)worst;
    }

    public static string NameOf(SpanKind kind) => kind switch
    {
        SpanKind.Idle => "idle",
        SpanKind.Work => "work",
        SpanKind.BlockingRead => "blocking read",
        SpanKind.Tls => "tls",
        SpanKind.Decode => "decode",
        SpanKind.CpuBurst => "cpu burst",
        SpanKind.Callback => "callback",
        SpanKind.GcPause => "gc pause",
        SpanKind.NotScheduled => "not scheduled",
        SpanKind.UnreadBody => "unread body",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
