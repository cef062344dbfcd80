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
        DistinctFiles.Check(invocation);
        ProcessRoom.Ensure(threads: 4, files: 6 + invocation.Reports.Count);
        using var signals = new TerminationSignals(cancellation);
        try
        {
            return await RunAsync(invocation, signals);
        }
        catch (OperationCanceledException) when (signals.ExitStatus is not null)
        {
            // Nothing had begun that could be reported.
            return signals.ExitStatus.Value;
        }
    }

    private static async Task<int> RunAsync(CompareInvocation invocation, TerminationSignals signals)
    {
        var (modes, leftOut) = Available(invocation);
        using var sources = await CompareSources.OpenAsync(invocation.Sources, openStandardInput: null, globs: !invocation.GlobOff, signals.Stopping);
        await using var outputs = new CompareOutputs(invocation, signals.Stopping);
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
        return [.. (measured.Length > 0 ? measured : settings[..1]).Select(setting => Point(setting, modes))];
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

    private static ComparisonPoint Point(Setting setting, IReadOnlyList<string> modes)
    {
        var first = new ModeSample(modes[0], setting.Outcomes[modes[0]], first: null);
        return new ComparisonPoint(setting.Value, [first, .. modes.Skip(1).Select(mode => new ModeSample(mode, setting.Outcomes[mode], first))]);
    }

    /// <summary>The rounds at a value of the sweep, by mode.</summary>
    private sealed record Setting(double? Value, Dictionary<string, List<RoundOutcome>> Outcomes);
}
