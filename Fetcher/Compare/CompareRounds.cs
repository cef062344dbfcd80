using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Compare;

/// <summary>Runs the rounds of a comparison, interleaved, each in a process of its own.</summary>
internal static class CompareRounds
{
    /// <summary>Runs them. What was measured until it is to stop is the result.</summary>
    /// <param name="invocation">What to compare.</param>
    /// <param name="modes">The modes that can run here.</param>
    /// <param name="leftOut">Those that cannot.</param>
    /// <param name="against">What stands in the first mode's place, or null.</param>
    /// <param name="sources">The list.</param>
    /// <param name="progress">Is told which round runs.</param>
    /// <param name="stopping">Ends it.</param>
    public static async Task<ComparisonResult> RunAsync(
        CompareInvocation invocation,
        IReadOnlyList<string> modes,
        IReadOnlyList<LeftOutMode> leftOut,
        EarlierRun? against,
        CompareSources sources,
        CompareProgress progress,
        CancellationToken stopping) => new()
        {
            Run = InfoOf(invocation, modes, progress.Started),
            Modes = against is null ? modes : [EarlierRun.Name, .. modes],
            Against = against,
            LeftOut = leftOut,
            Runs = invocation.Runs,
            Warmup = invocation.Warmup,
            Sweep = invocation.Sweep,
            Points = await RunPointsAsync(invocation, modes, against, sources, progress, stopping),
        };

    /// <summary>What is compared, where and when.</summary>
    public static RunInfo InfoOf(CompareInvocation invocation, IReadOnlyList<string> modes, DateTimeOffset started) => new()
    {
        Options = invocation.Options with { Mode = string.Join(',', modes) },
        Sources = invocation.Sources,
        Count = invocation.Count,
        Started = started,
        Network = invocation.Lab ? "lab" : null,
    };

    private static async Task<IReadOnlyList<ComparisonPoint>> RunPointsAsync(
        CompareInvocation invocation,
        IReadOnlyList<string> modes,
        EarlierRun? against,
        CompareSources sources,
        CompareProgress progress,
        CancellationToken stopping)
    {
        var settings = (invocation.Sweep?.Values.Select(value => (double?)value) ?? [null])
            .Select(value => new Setting(value, modes.ToDictionary(mode => mode, _ => new List<RoundOutcome>())))
            .ToArray();
        await using var labs = new CompareLab(invocation, sources);
        try
        {
            // A round goes through all values of the sweep, so that what disturbs the machine for a while disturbs each of them alike.
            for (var round = 0; round < invocation.Warmup + invocation.Runs; round++)
            {
                foreach (var setting in RoundOrder.Of(settings, round))
                {
                    var conditions = await RoundArguments.OfAsync(invocation, sources, labs, setting.Value, stopping);

                    // Numbers of measured rounds begin at 1.
                    var number = round - invocation.Warmup + 1;
                    foreach (var mode in RoundOrder.Of(modes, round))
                    {
                        var outcome = await RunRoundAsync(invocation, conditions.For(mode), mode, number, progress.At(setting.Value), stopping);
                        if (number > 0)
                        {
                            setting.Outcomes[mode].Add(outcome);
                        }
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // What was measured until now is still worth a report.
        }

        var measured = settings.Where(setting => setting.Outcomes.Values.Any(rounds => rounds.Count > 0)).ToArray();
        return [.. (measured.Length > 0 ? measured : settings[..1]).Select(setting => Point(setting, modes, against?.Sample))];
    }

    private static async Task<RoundOutcome> RunRoundAsync(
        CompareInvocation invocation,
        IReadOnlyList<string> arguments,
        string mode,
        int number,
        CompareProgress progress,
        CancellationToken stopping)
    {
        progress.Begin(mode, number);
        var outcome = await RoundProcess.RunAsync(arguments, number, invocation.Password, stopping);
        progress.End(mode, outcome);
        return outcome;
    }

    private static ComparisonPoint Point(Setting setting, IReadOnlyList<string> modes, ModeSample? earlier)
    {
        if (earlier is not null)
        {
            return new ComparisonPoint(setting.Value, [earlier, .. modes.Select(mode => new ModeSample(mode, setting.Outcomes[mode], earlier))]);
        }

        var first = new ModeSample(modes[0], setting.Outcomes[modes[0]], first: null);
        return new ComparisonPoint(setting.Value, [first, .. modes.Skip(1).Select(mode => new ModeSample(mode, setting.Outcomes[mode], first))]);
    }

    /// <summary>The rounds at a value of the sweep, by mode.</summary>
    private sealed record Setting(double? Value, Dictionary<string, List<RoundOutcome>> Outcomes);
}
