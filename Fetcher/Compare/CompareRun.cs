using Fetcher.Commands;
using Fetcher.Core.Modes;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Compare;

/// <summary>
/// Compares modes: runs their rounds interleaved, each in a process of its own, and reports. A mode that cannot run here is named and
/// left out, and the next one takes the first one's place; only when none is left is that wrong usage. A round without figures, or a
/// failed URL, makes the exit status 1.
/// </summary>
internal static class CompareRun
{
    private const int Failed = 1;

    /// <summary>Compares; its result is the exit status.</summary>
    public static async Task<int> RunAsync(CompareInvocation invocation, CancellationToken cancellation)
    {
        var (modes, leftOut) = Available(invocation);
        using var signals = new TerminationSignals(cancellation);
        using var sources = await CompareSources.OpenAsync(invocation.Sources, openStandardInput: null, globs: !invocation.GlobOff, signals.Stopping);
        await using var outputs = new CompareOutputs(invocation);
        if (!invocation.Quiet)
        {
            foreach (var (mode, reason) in leftOut)
            {
                await Console.Error.WriteLineAsync($"fetcher: {mode} cannot run here and is left out: {reason}");
            }
        }

        using var progress = new CompareProgress(invocation, modes);
        var points = await RunPointsAsync(invocation, modes, sources, progress, signals.Stopping);
        progress.Clear();
        var result = new ComparisonResult
        {
            Run = new RunInfo
            {
                Options = invocation.Options with { Mode = string.Join(',', modes) },
                Sources = invocation.Sources,
                Count = invocation.Count,
                Started = progress.Started,
                Network = invocation.Lab ? "lab" : null,
            },
            Modes = modes,
            LeftOut = leftOut,
            Runs = invocation.Runs,
            Warmup = invocation.Warmup,
            Sweep = invocation.Sweep,
            Points = points,
        };
        var written = await outputs.WriteAsync(result);
        return signals.ExitStatus ?? (written && result.AllFetched ? 0 : Failed);
    }

    private static (IReadOnlyList<string> Modes, IReadOnlyList<LeftOutMode> LeftOut) Available(CompareInvocation invocation)
    {
        var modes = new List<string>();
        var leftOut = new List<LeftOutMode>();
        foreach (var name in invocation.Modes)
        {
            var mode = ModeCatalog.Find(name)!;
            if (mode.WhyNot(invocation.Options with { Mode = mode.Name }) is { } reason)
            {
                leftOut.Add(new LeftOutMode(mode.Name, reason));
            }
            else
            {
                modes.Add(mode.Name);
            }
        }

        var reasons = string.Join("; ", leftOut.Select(mode => $"{mode.Mode}: {mode.Reason}"));
        return modes.Count > 0 ? (modes, leftOut) : throw new UsageException($"none of the modes can run here: {reasons}");
    }

    private static async Task<IReadOnlyList<ComparisonPoint>> RunPointsAsync(
        CompareInvocation invocation,
        IReadOnlyList<string> modes,
        CompareSources sources,
        CompareProgress progress,
        CancellationToken stopping)
    {
        var points = new List<ComparisonPoint>();
        await using var labs = new CompareLab(invocation, sources);
        foreach (var value in invocation.Sweep?.Values.Select(value => (double?)value) ?? [null])
        {
            var outcomes = modes.ToDictionary(mode => mode, _ => new List<RoundOutcome>());
            try
            {
                var conditions = await RoundArguments.OfAsync(invocation, sources, labs, value, stopping);
                await RunRoundsAsync(invocation, modes, conditions, outcomes, progress.At(value), stopping);
            }
            catch (OperationCanceledException)
            {
                // What was measured until now is still worth a report.
            }

            if (outcomes.Values.Any(rounds => rounds.Count > 0) || points.Count == 0)
            {
                points.Add(Point(value, modes, outcomes));
            }

            if (stopping.IsCancellationRequested)
            {
                break;
            }
        }

        return points;
    }

    private static async Task RunRoundsAsync(
        CompareInvocation invocation,
        IReadOnlyList<string> modes,
        RoundArguments conditions,
        Dictionary<string, List<RoundOutcome>> outcomes,
        CompareProgress progress,
        CancellationToken stopping)
    {
        for (var round = 0; round < invocation.Warmup + invocation.Runs; round++)
        {
            foreach (var mode in RoundOrder.Of(modes, round))
            {
                // Numbers of measured rounds begin at 1.
                var number = round - invocation.Warmup + 1;
                progress.Begin(mode, number);
                var outcome = await RoundProcess.RunAsync(conditions.For(mode), number, invocation.Password, stopping);
                progress.End(mode, outcome);
                if (number > 0)
                {
                    outcomes[mode].Add(outcome);
                }
            }
        }
    }

    private static ComparisonPoint Point(double? value, IReadOnlyList<string> modes, Dictionary<string, List<RoundOutcome>> outcomes)
    {
        var first = new ModeSample(modes[0], outcomes[modes[0]], first: null);
        return new ComparisonPoint(value, [first, .. modes.Skip(1).Select(mode => new ModeSample(mode, outcomes[mode], first))]);
    }
}
