using System.CommandLine;
using Fetcher.Core.Reports;

namespace Fetcher.Commands;

/// <summary>Formats and files of reports, verbosity and progress: the options of every command with a report.</summary>
/// <param name="formats">The names that <c>--format</c> takes, the default first.</param>
/// <param name="extensions">The extensions that <c>--report</c> knows, with the dot.</param>
internal sealed class ReportOptionSet(IReadOnlyList<string> formats, IReadOnlyList<string> extensions)
{
    /// <summary><c>--format</c>.</summary>
    public Option<string> Format { get; } = CliOption.Value(
        "--format", [], "NAME",
        $"What goes to standard output: {string.Join(", ", formats)} [default: {formats[0]}]",
        text => OptionText.OneOf(text, formats)).WithWords(formats);

    /// <summary><c>--report</c>.</summary>
    public Option<string[]> Reports { get; } = CliOption.List(
        "--report", [], "FILE",
        $"Also write the run to FILE: {string.Join(' ', extensions)}, compressed with .gz or .zst behind it; may be given again",
        text => ReportFile(text, extensions));

    /// <summary><c>-q</c>.</summary>
    public Option<bool> Quiet { get; } = CliOption.Flag("--quiet", ["-q"], "No progress and no warnings");

    /// <summary><c>-v</c>.</summary>
    public Option<bool> Verbose { get; } = CliOption.Flag("--verbose", ["-v"], "Say more on standard error");

    /// <summary><c>--progress</c>.</summary>
    public Option<ProgressKind> Progress { get; } = CliOption.Value(
        "--progress", [], "KIND", "Show progress as a line that moves, or as plain lines every 10 s [default: line, on a terminal]", Kind)
        .WithWords("line", "plain");

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

    /// <summary>A longer extension that ends in a known one (.trace.json) is another format.</summary>
    private static string ReportFile(string text, IReadOnlyList<string> extensions) =>
        PackedReport.NameOf(text) is var name
            && extensions.Any(extension => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase) && name.Length > extension.Length)
            && (extensions.Contains(".trace.json") || !name.EndsWith(".trace.json", StringComparison.OrdinalIgnoreCase))
            ? text
            : throw new FormatException($"the name '{text}' does not end in {string.Join(", ", extensions)}");
}
