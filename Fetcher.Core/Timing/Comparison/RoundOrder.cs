namespace Fetcher.Core.Timing.Comparison;

/// <summary>Which mode runs when.</summary>
internal static class RoundOrder
{
    /// <summary>
    /// The modes in the order of one round: each round begins with the next one, so that none always runs first, or always after the same
    /// other.
    /// </summary>
    /// <param name="modes">The modes as given.</param>
    /// <param name="round">The round, from 0, the warm-up included.</param>
    public static IReadOnlyList<T> Of<T>(IReadOnlyList<T> modes, int round) =>
        [.. Enumerable.Range(0, modes.Count).Select(place => modes[(place + round) % modes.Count])];
}
