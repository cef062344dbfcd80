namespace Fetcher.Core.Reports;

/// <summary>The report formats by name (<c>--format</c>) and by file extension (<c>--report</c>).</summary>
internal static class ReportFormats
{
    /// <summary>The name of the summary for people, the default.</summary>
    public const string Table = "table";

    private const string Har = "har";

    private static readonly Format[] Formats =
    [
        new("ndjson", ".ndjson", () => new NdjsonReport()),
        new("json", ".json", () => new JsonReport()),
        new("csv", ".csv", () => new CsvReport()),
        new("markdown", ".md", () => new MarkdownReport()),
        new("html", ".html", () => new HtmlReport(), DrawsStalls: true),
        new("svg", ".svg", () => new SvgReport(), DrawsStalls: true),
        new(Har, ".har", () => new HarReport()),
        new("hlog", ".hlog", () => new HdrLogReport()),
        new("trace", ".trace.json", () => new TraceReport(), DrawsStalls: true),
    ];

    /// <summary>All names for <c>--format</c>, the default first.</summary>
    public static IReadOnlyList<string> Names { get; } = [Table, .. Formats.Select(format => format.Name)];

    /// <summary>All extensions for <c>--report</c>, with the dot.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [.. Formats.Select(format => format.Extension)];

    /// <summary>A new writer of the format called <paramref name="name"/>.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="table">Makes the writer of the table: it belongs to the terminal, which this layer knows nothing of.</param>
    /// <exception cref="FormatException">There is no such format; the message names those there are.</exception>
    public static IReportWriter ForName(string name, Func<IReportWriter> table)
    {
        if (name == Table)
        {
            return table();
        }

        var format = Array.Find(Formats, format => format.Name == name)
            ?? throw new FormatException($"'{name}' is no report format; there are {string.Join(", ", Names)}");
        return format.Create();
    }

    /// <summary>
    /// A new writer of the format that the extension of <paramref name="path"/> stands for; upper and lower case are the same.
    /// </summary>
    /// <exception cref="FormatException">The extension stands for no format; the message names those that do.</exception>
    public static IReportWriter ForFile(string path) => Find(path).Create();

    /// <summary>Whether the report at <paramref name="path"/> draws what a watched run knows.</summary>
    /// <exception cref="FormatException">As for <see cref="ForFile"/>.</exception>
    public static bool DrawsStalls(string path) => Find(path).DrawsStalls;

    /// <summary>Whether a report shows the reason phrases of responses.</summary>
    /// <param name="name">That of the format of standard output.</param>
    /// <param name="paths">The files.</param>
    public static bool ShowsReason(string name, IEnumerable<string> paths) => name == Har || paths.Any(path => Find(path).Name == Har);

    /// <summary>The format that an extension stands for, whether it is compressed or not. A <c>.trace.json</c> ends in <c>.json</c> too: the longest that fits counts.</summary>
    private static Format Find(string path) =>
        Formats.Where(format => PackedReport.NameOf(path).EndsWith(format.Extension, StringComparison.OrdinalIgnoreCase)).MaxBy(format => format.Extension.Length)
            ?? throw new FormatException($"the report '{path}' has no known extension; there are {string.Join(", ", Extensions)}");

    private sealed record Format(string Name, string Extension, Func<IReportWriter> Create, bool DrawsStalls = false);
}
