namespace Fetcher.Core;

/// <summary>What a transfer waited for longest, of all that held its event loop.</summary>
/// <param name="Transfer">Index of the transfer that held the loop; -1 when it was none, or many in turn.</param>
/// <param name="Kind">What held it, such as <c>blocking read</c>, <c>callback</c> or <c>gc pause</c> (docs/stalls.md).</param>
/// <param name="Cost">How long this transfer waited behind it.</param>
public sealed record FetchStall(long Transfer, string Kind, TimeSpan Cost);
