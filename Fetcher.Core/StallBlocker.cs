namespace Fetcher.Core;

/// <summary>What a transfer waited for longest, of all that held its event loop: its worst blocker.</summary>
/// <param name="Transfer">Index of the transfer that held the loop, or -1 when it was none, or many in turn.</param>
/// <param name="Kind">What held it, such as <c>blocking read</c>.</param>
/// <param name="Cost">How long this transfer waited behind it, in nanoseconds.</param>
internal readonly record struct StallBlocker(long Transfer, string Kind, long Cost);
