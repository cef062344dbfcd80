using System.Globalization;
using Fetcher.Commands;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Terminal;

namespace Fetcher.Compare;

/// <summary>
/// Tells on standard error which round runs: one line that is written over, or plain lines; with <c>-v</c> the figures of each round too.
/// </summary>
internal sealed class CompareProgress : IDisposable
{
    private const string EraseLine = "\r\u001b[K";

    private readonly CompareInvocation _invocation;
    private readonly ProgressKind _kind;
    private readonly int _all;
    private string _value = "";
    private int _done;

    public CompareProgress(CompareInvocation invocation, IReadOnlyList<string> modes)
    {
        _invocation = invocation;
        var isSeen = TerminalStyle.OfStandardError().IsTerminal && !invocation.Quiet;
        _kind = invocation.Progress ?? (isSeen ? ProgressKind.Line : ProgressKind.None);
        _all = modes.Count * (invocation.Warmup + invocation.Runs) * (invocation.Sweep?.Values.Count ?? 1);
    }

    /// <summary>When the comparison began.</summary>
    public DateTimeOffset Started { get; } = DateTimeOffset.UtcNow;

    /// <summary>The same, at another value of the sweep.</summary>
    public CompareProgress At(double? value)
    {
        _value = value is { } now ? $"{_invocation.Sweep!.Name}={_invocation.Sweep.ValueText(now)} " : "";
        return this;
    }

    /// <summary>A round begins.</summary>
    public void Begin(string mode, int number)
    {
        if (_kind != ProgressKind.None)
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"{_done + 1}/{_all} {_value}{Name(number)} {mode}");
            Console.Error.Write(_kind == ProgressKind.Line ? EraseLine + line : line + "\n");
        }
    }

    /// <summary>A round has ended.</summary>
    public void End(string mode, RoundOutcome outcome)
    {
        _done++;
        if (_invocation.Verbose)
        {
            Clear();
            Console.Error.WriteLine($"{_value}{Name(outcome.Number)} {mode}: {Describe(outcome)}");
        }
    }

    /// <summary>Takes the line away.</summary>
    public void Clear()
    {
        if (_kind == ProgressKind.Line)
        {
            Console.Error.Write(EraseLine);
        }
    }

    public void Dispose() => Clear();

    private static string Name(int number) => number > 0 ? string.Create(CultureInfo.InvariantCulture, $"round {number}") : "warm-up";

    private static string Describe(RoundOutcome outcome) => outcome.Measured is { } round
        ? $"{FigureText.Duration(round.Cost.Wall.TotalSeconds)}, {FigureText.Duration(round.Cpu)} CPU, {round.Ok} ok, {round.Failed} failed"
        : outcome.Problem!;
}
