using Fetcher.Commands;
using Fetcher.Core.Modes;
using Fetcher.Core.Reports;
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
        DistinctFiles.Check(invocation.Reports, invocation.Options, invocation.Sources, invocation.Against);
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
        var against = Against(invocation, modes);
        using var sources = await CompareSources.OpenAsync(invocation.Sources, openStandardInput: null, invocation.List, signals.Stopping);
        await using var outputs = new CompareOutputs(invocation, signals.Stopping);
        if (!invocation.Quiet)
        {
            foreach (var (mode, reason) in leftOut)
            {
                await Console.Error.WriteLineAsync($"fetcher: {mode} cannot run here and is left out: {reason}");
            }
        }

        using var progress = new CompareProgress(invocation, modes);
        var result = await CompareRounds.RunAsync(invocation, modes, leftOut, against, sources, progress, signals.Stopping);
        progress.Clear();
        var written = await outputs.WriteAsync(result);
        return signals.ExitStatus ?? (written ? await StatusAsync(invocation, result) : Failed);
    }

    /// <summary>Reads what stands in the first mode's place, if anything does.</summary>
    /// <exception cref="UsageException">It cannot be read, or does not say which mode is meant.</exception>
    private static EarlierRun? Against(CompareInvocation invocation, IReadOnlyList<string> modes)
    {
        try
        {
            return invocation.Against is not { } path ? null : EarlierRunJson.Read(
                path, invocation.ModesGiven ? modes[0] : null, CompareRounds.InfoOf(invocation, modes, DateTimeOffset.UtcNow));
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException)
        {
            throw new UsageException(e.Message);
        }
    }

    private static async Task<int> StatusAsync(CompareInvocation invocation, ComparisonResult result)
    {
        var holding = (invocation.FailIf ?? []).SelectMany(condition => condition.Holding(result)).ToArray();
        foreach (var sentence in holding)
        {
            await Console.Error.WriteLineAsync($"fetcher: {sentence}");
        }

        return holding.Length > 0 ? CommandLine.ConditionHolds : result.AllFetched ? 0 : Failed;
    }

    /// <summary>Tells the modes that can run here from those that cannot.</summary>
    /// <exception cref="UsageException">None can.</exception>
    internal static (IReadOnlyList<string> Modes, IReadOnlyList<LeftOutMode> LeftOut) Available(CompareInvocation invocation)
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
}
