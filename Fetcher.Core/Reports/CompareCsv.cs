using System.Buffers;
using System.Globalization;
using System.Text;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>
/// A comparison as CSV: a line for each mode and value of the sweep, with median, ends, spread and ratio of each figure. Times are seconds.
/// </summary>
internal static class CompareCsv
{
    private static readonly string[] Statistics = ["median", "min", "max", "mad", "ratio", "ratio_low", "ratio_high"];

    /// <summary>
    /// Writes the header and the lines. No name in it needs quoting: those of modes and figures are letters, digits and dashes.
    /// </summary>
    public static void Write(IBufferWriter<byte> output, ComparisonResult result)
    {
        var text = new StringBuilder(result.Sweep?.Name ?? "value");
        text.Append(",mode,rounds,rounds_lost,urls_failed");
        foreach (var figure in Figure.All)
        {
            text.AppendJoin("", Statistics.Select(statistic => $",{figure.Name}_{statistic}"));
        }

        text.Append('\n');
        foreach (var point in result.Points)
        {
            foreach (var mode in point.Modes)
            {
                WriteLine(text, point, mode);
            }
        }

        Encoding.UTF8.GetBytes(text.ToString(), output);
    }

    private static void WriteLine(StringBuilder text, ComparisonPoint point, ModeSample mode)
    {
        text.Append(Number(point.Value)).Append(',').Append(mode.Mode);
        text.Append(CultureInfo.InvariantCulture, $",{mode.Measured.Count()},{mode.Lost.Count()},{mode.Failed}");
        foreach (var figure in Figure.All)
        {
            var spread = mode.SpreadOf(figure);
            var ratio = mode.RatioTo(figure);
            double?[] values = [spread?.Median, spread?.Min, spread?.Max, spread?.Mad, ratio?.Value, ratio?.Low, ratio?.High];
            foreach (var value in values)
            {
                text.Append(',').Append(Number(value));
            }
        }

        text.Append('\n');
    }

    /// <summary>A number with at most nine decimals; empty for null.</summary>
    private static string Number(double? value) => value?.ToString("0.#########", CultureInfo.InvariantCulture) ?? "";
}
