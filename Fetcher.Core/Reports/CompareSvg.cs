using System.Buffers;
using System.Text;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>A comparison as a picture: what it shows, the wall time of each mode, and a round of two modes side by side.</summary>
internal static class CompareSvg
{
    /// <summary>Writes the picture.</summary>
    public static void Write(IBufferWriter<byte> output, ComparisonResult result)
    {
        var picture = new SvgPicture();
        var sentences = Conclusions.Of(result);
        picture.Text(sentences.Count > 0 ? sentences[0] : string.Join(", ", result.Modes), size: 28, "bold");
        picture.Text(CompareText.Headline(result), size: 17, "soft");
        picture.Skip(10);
        var drawn = CompareHtmlWaterfall.Drawn(result);
        var point = drawn?.Point ?? result.Points[^1];
        if (point.Value is not null)
        {
            picture.Text(CompareText.At(result, point), size: 17, "bold");
        }

        picture.Bars(point, Figure.Wall);
        if (drawn is { Rounds: var rounds })
        {
            picture.Waterfalls([
                .. CompareHtmlWaterfall.Panels(rounds, "").Zip(rounds, (panel, round) => (panel, $"{round.Mode}: every transfer, one row each")),
            ]);
        }

        Encoding.UTF8.GetBytes(picture.End(), output);
    }
}
