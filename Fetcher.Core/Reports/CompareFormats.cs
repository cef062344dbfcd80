using System.Buffers;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>Writes a whole comparison in one format.</summary>
internal delegate void CompareWriter(IBufferWriter<byte> output, ComparisonResult result);

/// <summary>The formats of a comparison by name (<c>--format</c>) and by file extension (<c>--report</c>).</summary>
internal static class CompareFormats
{
    private static readonly (string Name, string Extension, CompareWriter Write)[] Formats =
    [
        ("ndjson", ".ndjson", CompareJson.WriteRounds),
        ("json", ".json", CompareJson.Write),
        ("csv", ".csv", CompareCsv.Write),
        ("markdown", ".md", CompareMarkdown.Write),
        ("html", ".html", CompareHtml.Write),
        ("svg", ".svg", CompareSvg.Write),
    ];

    /// <summary>All names for <c>--format</c>, the default first.</summary>
    public static IReadOnlyList<string> Names { get; } = [ReportFormats.Table, .. Formats.Select(format => format.Name)];

    /// <summary>All extensions for <c>--report</c>, with the dot.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [.. Formats.Select(format => format.Extension)];

    /// <summary>The writer of the format called <paramref name="name"/>.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="table">The writer of the table: it belongs to the terminal, which this layer knows nothing of.</param>
    public static CompareWriter ForName(string name, CompareWriter table) =>
        Array.Find(Formats, format => format.Name == name).Write ?? table;

    /// <summary>
    /// The writer of the format that the extension of <paramref name="path"/>, one of <see cref="Extensions"/>, stands for.
    /// </summary>
    public static CompareWriter ForFile(string path) =>
        Array.Find(Formats, format => PackedReport.NameOf(path).EndsWith(format.Extension, StringComparison.OrdinalIgnoreCase)).Write;
}
