using Fetcher.Core.Reports;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Compare;

/// <summary>A limit for how many times as much as the first mode the others may take, such as <c>ratio&gt;1.1</c> or <c>ratio.cpu&gt;1.2</c>.</summary>
/// <param name="Condition">The limit.</param>
/// <param name="Figure">What is compared.</param>
internal sealed record CompareCondition(Condition Condition, Figure Figure)
{
    private const string Ratio = "ratio";

    /// <summary>Reads a condition.</summary>
    /// <exception cref="FormatException">It is none; the message says why.</exception>
    public static CompareCondition Parse(string text)
    {
        Figure? figure = null;
        var condition = Condition.Parse(
            text,
            name => (figure = Find(name)) is null ? null : new Condition.Figure(name, _ => null),
            $"{Ratio} (of wall), {string.Join(", ", Comparable.Select(each => $"{Ratio}.{each.Name}"))}");
        return new CompareCondition(condition, figure!);
    }

    /// <summary>Where it holds, a sentence each.</summary>
    public IEnumerable<string> Holding(ComparisonResult result) =>
        from point in result.Points
        from mode in point.Modes.Skip(1)
        let ratio = mode.RatioTo(Figure)
        where Condition.Holds(ratio?.Value) is not null
        let at = point.Value is null ? "" : $" at {CompareText.At(result, point)}"
        select $"--fail-if '{Condition.Text}' holds: {Figure.Label} of {mode.Mode}{at} is {FigureText.WithInterval(ratio!)} times that of {point.Modes[0].Mode}";

    private static IEnumerable<Figure> Comparable => Figure.All.Where(figure => figure.Unit != FigureUnit.Share);

    private static Figure? Find(string name) => name == Ratio
        ? Figure.Wall
        : Comparable.FirstOrDefault(figure => name == $"{Ratio}.{figure.Name}");
}
