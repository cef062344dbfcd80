namespace Fetcher.Core.Timing.Comparison;

/// <summary>A run or a mode of a comparison that was measured another time, and read from its report.</summary>
/// <param name="Path">The report.</param>
/// <param name="Started">When it began, UTC.</param>
/// <param name="Sample">Its rounds; a run is one round.</param>
/// <param name="Differences">What was not the same then, a sentence each.</param>
internal sealed record EarlierRun(string Path, DateTimeOffset Started, ModeSample Sample, IReadOnlyList<string> Differences)
{
    /// <summary>What reports call it, in the place of a mode.</summary>
    public const string Name = "earlier";
}
