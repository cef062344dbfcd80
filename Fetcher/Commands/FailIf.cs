using Fetcher.Core.Timing;

namespace Fetcher.Commands;

/// <summary>What becomes of the exit status under the conditions of <c>--fail-if</c>.</summary>
internal static class FailIf
{
    /// <summary>Tells on standard error which conditions hold.</summary>
    /// <param name="conditions">The conditions, or null.</param>
    /// <param name="summary">The run, which has ended.</param>
    /// <param name="otherwise">The exit status when none holds.</param>
    /// <returns>The exit status.</returns>
    public static async Task<int> StatusAsync(IReadOnlyList<Condition>? conditions, RunSummary summary, int otherwise)
    {
        var holding = (conditions ?? []).Select(condition => condition.Holds(summary)).OfType<string>().ToArray();
        foreach (var sentence in holding)
        {
            await Console.Error.WriteLineAsync($"fetcher: {sentence}");
        }

        return holding.Length > 0 ? CommandLine.ConditionHolds : otherwise;
    }
}
