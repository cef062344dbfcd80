using System.Buffers;
using System.Text;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>A comparison as Markdown (GitHub's, for its tables), to paste into an issue or a README.</summary>
internal static class CompareMarkdown
{
    private static readonly Figure[] Cost =
    [
        Figure.CpuUser, Figure.CpuSystem, Figure.VoluntarySwitches, Figure.InvoluntarySwitches, Figure.MaxRss, Figure.SyscallsPerUrl,
        Figure.BytesPerRead, Figure.WouldBlock,
    ];

    /// <summary>Writes the document.</summary>
    public static void Write(IBufferWriter<byte> output, ComparisonResult result)
    {
        var text = new StringBuilder();
        text.Append("# fetcher compare\n\n").Append(MarkdownReport.Cell(CompareText.Headline(result))).Append("\n\n");
        foreach (var sentence in Conclusions.Of(result))
        {
            text.Append("**").Append(MarkdownReport.Cell(sentence)).Append("**\n\n");
        }

        foreach (var problem in CompareText.Problems(result))
        {
            text.Append(MarkdownReport.Cell(problem)).Append("\n\n");
        }

        foreach (var point in result.Points)
        {
            if (point.Value is not null)
            {
                text.Append("## ").Append(CompareText.At(result, point)).Append("\n\n");
            }

            WriteTimes(text, point);
            WriteCost(text, point);
            WriteStalls(text, point);
            WriteStreams(text, point);
            WriteSystemCalls(text, point);
        }

        foreach (var note in CompareText.Notes(result))
        {
            text.Append(MarkdownReport.Cell(note)).Append("\n\n");
        }

        if (CompareText.Watching(result) is { } watching)
        {
            text.Append(MarkdownReport.Cell(watching)).Append("\n\n");
        }

        text.Append(MarkdownReport.Cell(CompareText.Machine(result))).Append('\n');
        Encoding.UTF8.GetBytes(text.ToString(), output);
    }

    private static void WriteTimes(StringBuilder text, ComparisonPoint point)
    {
        var times = $"times {point.Modes[0].Mode}";
        WriteRow(text, "mode", "wall", "min .. max", times, "p50", "p99", "CPU", times);
        text.Append("|---|--:|--:|--:|--:|--:|--:|--:|\n");
        foreach (var mode in point.Modes)
        {
            WriteRow(
                text,
                mode.Mode,
                CompareText.Median(mode, Figure.Wall),
                CompareText.Range(mode, Figure.Wall),
                CompareText.Ratio(mode, Figure.Wall),
                CompareText.Median(mode, Figure.TimeTotalP50),
                CompareText.Median(mode, Figure.TimeTotalP99),
                CompareText.Median(mode, Figure.Cpu),
                CompareText.Ratio(mode, Figure.Cpu));
        }

        text.Append('\n');
    }

    private static void WriteCost(StringBuilder text, ComparisonPoint point)
    {
        WriteRow(text, ["mode", .. Cost.Select(figure => figure.Label)]);
        text.Append("|---").Insert(text.Length, "|--:", Cost.Length).Append("|\n");
        foreach (var mode in point.Modes)
        {
            WriteRow(text, [mode.Mode, .. Cost.Select(figure => CompareText.Median(mode, figure))]);
        }

        text.Append('\n');
    }

    private static void WriteStalls(StringBuilder text, ComparisonPoint point)
    {
        if (point.Modes.All(mode => mode.SpreadOf(Figure.ClientStall) is null))
        {
            return;
        }

        text.Append("| mode | client stall | parallelism lost | worst blocker, and what it cost the others |\n|---|--:|--:|---|\n");
        foreach (var mode in point.Modes)
        {
            WriteRow(
                text,
                mode.Mode,
                CompareText.Median(mode, Figure.ClientStall),
                CompareText.Median(mode, Figure.ParallelismLost),
                CompareText.WorstBlocker(mode));
        }

        text.Append('\n');
    }

    private static void WriteStreams(StringBuilder text, ComparisonPoint point)
    {
        if (!CompareText.HasHttp2(point))
        {
            return;
        }

        text.Append("| mode | HTTP | connections | streams at once | windows closed | most by the unread body of |\n|---|--:|--:|--:|--:|---|\n");
        foreach (var mode in point.Modes)
        {
            WriteRow(
                text,
                mode.Mode,
                CompareText.Versions(mode),
                CompareText.Median(mode, Figure.Connections),
                CompareText.Median(mode, Figure.Streams),
                CompareText.Median(mode, Figure.WindowsClosed),
                CompareText.WorstUnread(mode));
        }

        text.Append('\n');
    }

    private static void WriteSystemCalls(StringBuilder text, ComparisonPoint point)
    {
        text.Append("| mode | system calls a URL, by name |\n|---|---|\n");
        foreach (var mode in point.Modes)
        {
            WriteRow(text, mode.Mode, CompareText.SystemCallList(mode));
        }

        text.Append('\n');
    }

    private static void WriteRow(StringBuilder text, params IReadOnlyList<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(MarkdownReport.Cell)).Append(" |\n");
}
