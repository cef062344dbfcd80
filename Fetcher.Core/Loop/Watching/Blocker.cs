namespace Fetcher.Core.Loop.Watching;

/// <summary>Somebody or something that held a loop, or the window of a connection, while transfers waited.</summary>
/// <param name="Transfer">Index of the transfer, or <see cref="LoopSpan.Nobody"/> for what is nobody's, such as a GC pause.</param>
/// <param name="Kind">What it did.</param>
/// <param name="Held">How long it held the loop or the window, in nanoseconds.</param>
/// <param name="Cost">How long others waited behind it, summed over them, in nanoseconds.</param>
/// <param name="Stalled">How many transfers waited behind it.</param>
/// <param name="Url">URL of the transfer, of an unread body; else null.</param>
internal sealed record Blocker(long Transfer, SpanKind Kind, long Held, long Cost, int Stalled, string? Url = null);
