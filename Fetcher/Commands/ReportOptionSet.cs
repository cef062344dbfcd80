using System.CommandLine;
using Fetcher.Core.Reports;

namespace Fetcher.Commands;

/// <summary>What is said about a run and where: the options that every command with a report has.</summary>
internal sealed class ReportOptionSet
{
    /// <summary><c>--format</c>.</summary>
    public Option<string> Format { get; } = CliOption.Value(
        "--format", [], "NAME",
        $"What goes to standard output: {string.Join(", ", ReportFormats.Names)} [default: table]",
        text => OptionText.OneOf(text, ReportFormats.Names));

    /// <summary><c>--report</c>.</summary>
    public Option<string[]> Reports { get; } = CliOption.List(
        "--report", [], "FILE",
        $"Also write the run to FILE: {string.Join(' ', ReportFormats.Extensions)}; may be given again",
        ReportFile);

    /// <summary><c>-q</c>.</summary>
    public Option<bool> Quiet { get; } = CliOption.Flag("--quiet", ["-q"], "No progress and no warnings");

    /// <summary><c>-v</c>.</summary>
    public Option<bool> Verbose { get; } = CliOption.Flag("--verbose", ["-v"], "Say more on standard error");

    /// <summary><c>--progress</c>.</summary>
    public Option<ProgressKind> Progress { get; } = CliOption.Value(
        "--progress", [], "KIND", "Show progress as a line that moves, or as plain lines every 10 s [default: line, on a terminal]", Kind);

    /// <summary><c>--no-progress</c>.</summary>
    public Option<bool> NoProgress { get; } = CliOption.Flag("--no-progress", [], "Show no progress");

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">A command with a report.</param>
    /// <param name="more">Options of its own that belong in the same group.</param>
    public void AddTo(GroupedCommand command, params IReadOnlyList<Option> more) =>
        command.AddGroup("Output", [Format, Reports, .. more, Quiet, Verbose, Progress, NoProgress]);

    /// <summary>How to show progress; null when it depends on the terminal.</summary>
    public ProgressKind? WantsProgress(ParseResult result) =>
        result.Has(NoProgress) ? ProgressKind.None : result.Has(Progress) ? result.GetValue(Progress) : null;

    private static ProgressKind Kind(string text) => text switch
    {
        "line" => ProgressKind.Line,
        "plain" => ProgressKind.Plain,
        _ => throw new FormatException($"'{text}' is neither line nor plain"),
    };

    private static string ReportFile(string text) =>
        ReportFormats.Extensions.Any(extension => text.EndsWith(extension, StringComparison.OrdinalIgnoreCase) && text.Length > extension.Length)
            ? text
            : throw new FormatException($"the name '{text}' does not end in {string.Join(", ", ReportFormats.Extensions)}");
}
