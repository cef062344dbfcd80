using System.Globalization;
using Fetcher.Commands;

namespace Fetcher.Lesson;

/// <summary>The command <c>fetcher lesson [options]</c>.</summary>
internal static class LessonCommand
{
    /// <summary>What it does, for the help.</summary>
    public const string Description = "Measure on this machine what each way of waiting does, in eleven chapters and about a minute";

    private const string Extension = ".html";

    /// <summary>Declares the command.</summary>
    /// <param name="run">Runs the lesson; its result is the exit status.</param>
    public static GroupedCommand Create(Func<LessonInvocation, CancellationToken, Task<int>> run)
    {
        var only = CliOption.Value("--only", [], "N,N...", $"Only these chapters, e.g. 3,5; there are {Chapters.All.Count}", Numbers);
        var quick = CliOption.Flag("--quick", [], "One round of each experiment instead of three");
        var reports = CliOption.List("--report", [], "FILE", $"Also write the lesson to FILE: {Extension}; may be given again", ReportPath);
        var quiet = CliOption.Flag("--quiet", ["-q"], "No progress");
        var command = new GroupedCommand("lesson", "The lesson, measured on this machine: what each way of waiting does, in eleven chapters.");
        command.AddGroup("Options", only, quick, reports, quiet);
        command.SetAction((result, cancellation) => run(
            new LessonInvocation(
                [
                    .. Chapters.All.Where(chapter => !result.Has(only) || result.GetRequiredValue(only).Contains(chapter.Number))
                        .Select(chapter => result.Has(quick) ? chapter.OfOneRound() : chapter),
                ],
                result.Values(reports),
                result.Has(quiet)),
            cancellation));
        return command;
    }

    private static int[] Numbers(string text) =>
    [
        .. text.Split(',').Select(part =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= Chapters.All.Count
                ? number
                : throw new FormatException($"'{part}' is no chapter; they are 1 to {Chapters.All.Count}")),
    ];

    private static string ReportPath(string text) => text.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) && text.Length > Extension.Length
        ? text
        : throw new FormatException($"the name '{text}' does not end in {Extension}");
}
