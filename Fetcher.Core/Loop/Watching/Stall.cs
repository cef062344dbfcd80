namespace Fetcher.Core.Loop.Watching;

/// <summary>What of a transfer waited for its loop.</summary>
internal enum StallCause
{
    /// <summary>Received bytes, or the end of the stream.</summary>
    Bytes,

    /// <summary>A connection that was made, or room to send.</summary>
    Writability,

    /// <summary>A timer: the start that <c>--rate</c> set, the pause before a retry.</summary>
    Timer,

    /// <summary>News from another thread: a name look-up, a disk.</summary>
    Elsewhere,

    /// <summary>Bytes that the server could not send: what had come and was not read filled the window of the HTTP/2 stream, or of its connection.</summary>
    Window,

    /// <summary>A processor: the loop had come to it, and its thread did not run.</summary>
    Processor,
}

/// <summary>A stretch in which a transfer could have gone on and its loop did something else. All stretches of a transfer are its client_stall.</summary>
/// <param name="Transfer">Index of the transfer that waited.</param>
/// <param name="From">When it could have gone on, in nanoseconds from the start of the run.</param>
/// <param name="To">When its loop came to it.</param>
/// <param name="Cause">What waited.</param>
/// <param name="IsBound">Whether the kernel gave no stamp, so that <paramref name="From"/> is the earliest moment possible.</param>
/// <param name="Behind">
/// The longest span of the kind that the loop ran meanwhile for longest: all of it, of which the stall may be a part. Its kind is never
/// <see cref="SpanKind.Idle"/>. Where another's body filled the window of the connection, the time in which it did (<see cref="SpanKind.UnreadBody"/>).
/// </param>
internal readonly record struct Stall(long Transfer, long From, long To, StallCause Cause, bool IsBound, LoopSpan Behind)
{
    /// <summary>Its length in nanoseconds.</summary>
    public long Length => To - From;
}
