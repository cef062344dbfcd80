using System.CommandLine;

namespace Fetcher.Commands;

/// <summary>What is said about a run and where: the options that every command with a report has.</summary>
internal sealed class ReportOptionSet
{
    /// <summary>What <c>--format</c> takes; the first is the default.</summary>
    public static readonly IReadOnlyList<string> Formats = ["table", "ndjson", "json", "csv", "markdown"];

    /// <summary>The extensions that <c>--report</c> knows.</summary>
    public static readonly IReadOnlyList<string> Extensions = [".ndjson", ".json", ".csv", ".md", ".html", ".har", ".trace.json"];

    /// <summary><c>--format</c>.</summary>
    public Option<string> Format { get; } = CliOption.Value(
        "--format", [], "NAME",
        "What goes to standard output: table, ndjson, json, csv, markdown [default: table]",
        text => OptionText.OneOf(text, Formats));

    /// <summary><c>--report</c>.</summary>
    public Option<string[]> Reports { get; } = CliOption.List(
        "--report", [], "FILE",
        "Also write the run to FILE: .ndjson .json .csv .md .html .har .trace.json; may be given again",
        ReportFile);

    /// <summary><c>-q</c>.</summary>
    public Option<bool> Quiet { get; } = CliOption.Flag("--quiet", ["-q"], "No progress and no warnings");

    /// <summary><c>-v</c>.</summary>
    public Option<bool> Verbose { get; } = CliOption.Flag("--verbose", ["-v"], "Say more on standard error");

    /// <summary><c>--progress</c>.</summary>
    public Option<bool> Progress { get; } = CliOption.Flag("--progress", [], "Show progress also when standard error is no terminal");

    /// <summary><c>--no-progress</c>.</summary>
    public Option<bool> NoProgress { get; } = CliOption.Flag("--no-progress", [], "Show no progress");

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">A command with a report.</param>
    /// <param name="more">Options of its own that belong in the same group.</param>
    public void AddTo(GroupedCommand command, params IReadOnlyList<Option> more) =>
        command.AddGroup("Output", [Format, Reports, .. more, Quiet, Verbose, Progress, NoProgress]);

    /// <summary>Whether to show progress; null when it depends on the terminal.</summary>
    public bool? WantsProgress(ParseResult result) =>
        result.Has(NoProgress) ? false : result.Has(Progress) ? true : null;

    private static string ReportFile(string text) =>
        Extensions.Any(extension => text.EndsWith(extension, StringComparison.OrdinalIgnoreCase) && text.Length > extension.Length)
            ? text
            : throw new FormatException($"the name '{text}' does not end in {string.Join(", ", Extensions)}");
}
