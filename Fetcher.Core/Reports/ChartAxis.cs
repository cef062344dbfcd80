using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>How the values of an axis are spread over its length.</summary>
internal enum ChartScale
{
    /// <summary>Evenly.</summary>
    Linear,

    /// <summary>Evenly by their logarithm.</summary>
    Log,

    /// <summary>Each value one step from the next, for values that begin with 0 and then span decades.</summary>
    Steps,
}

/// <summary>An axis of a chart: where on it a value stands, and the ticks that tell.</summary>
internal sealed class ChartAxis
{
    /// <summary>Values that span this factor go on a logarithmic axis.</summary>
    private const double Decade = 10;

    private readonly double[] _steps;
    private readonly double _first;
    private readonly double _last;

    private ChartAxis(ChartScale scale, double first, double last, double[] steps, IReadOnlyList<double> ticks)
    {
        Scale = scale;
        _first = first;
        _last = last;
        _steps = steps;
        Ticks = ticks;
    }

    public ChartScale Scale { get; }

    /// <summary>The values to mark.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>An axis for what was set: it ends with the values, and marks each of them.</summary>
    public static ChartAxis OfSettings(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToArray();
        var positive = sorted.Where(value => value > 0).ToArray();
        var spansDecades = positive.Length > 1 && positive[^1] / positive[0] >= Decade;
        var scale = !spansDecades ? ChartScale.Linear : sorted[0] > 0 ? ChartScale.Log : ChartScale.Steps;
        return new ChartAxis(scale, sorted[0], sorted[^1], sorted, sorted);
    }

    /// <summary>An axis for what was measured: from 0, or where values span decades from a round value, to beyond the last.</summary>
    public static ChartAxis OfMeasured(IReadOnlyCollection<double> values)
    {
        var most = values.DefaultIfEmpty(0).Max();
        var least = values.Where(value => value > 0).DefaultIfEmpty(0).Min();
        return least > 0 && most / least >= Decade ? Logarithmic(least, most) : Linear(most > 0 ? most : 1);
    }

    /// <summary>An axis from 0 that ends exactly with its last value.</summary>
    public static ChartAxis OfTime(double last)
    {
        var linear = Linear(last, steps: 5);
        return new ChartAxis(ChartScale.Linear, 0, last, [], [.. linear.Ticks.Where(tick => tick <= last)]);
    }

    /// <summary>The place of a value, from 0 to 1.</summary>
    public double PlaceOf(double value) => Scale switch
    {
        ChartScale.Log => Share(Math.Log(Math.Max(value, _first)), Math.Log(_first), Math.Log(_last)),
        ChartScale.Steps => Share(Math.Max(0, Array.IndexOf(_steps, value)), 0, _steps.Length - 1),
        _ => Share(value, _first, _last),
    };

    /// <summary>A tick's duration without the zeros that a measured one would have: <c>50 ms</c>, <c>1.5 s</c>.</summary>
    public static string Duration(double seconds) => FigureText.Trim(FigureText.Duration(seconds));

    private static double Share(double value, double first, double last) =>
        last > first ? Math.Clamp((value - first) / (last - first), 0, 1) : 0.5;

    private static ChartAxis Linear(double most, int steps = 4)
    {
        // About so many steps of 1, 2 or 5 times a power of ten.
        var rough = most / steps;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * ((rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
        var last = Math.Ceiling(most / step - 1e-9) * step;
        var ticks = Enumerable.Range(0, (int)Math.Round(last / step) + 1).Select(i => i * step);
        return new ChartAxis(ChartScale.Linear, 0, last, [], [.. ticks]);
    }

    private static ChartAxis Logarithmic(double least, double most)
    {
        var decades = Math.Log10(most / least);
        double[] marks = decades > 3 ? [1] : decades > 1.6 ? [1, 3] : [1, 2, 5];
        var candidates = Enumerable.Range((int)Math.Floor(Math.Log10(least)), (int)decades + 3)
            .SelectMany(power => marks.Select(mark => mark * Math.Pow(10, power)))
            .ToArray();
        var first = candidates.Last(mark => mark <= least * 1.0000001);
        var last = candidates.First(mark => mark >= most * 0.9999999);
        return new ChartAxis(ChartScale.Log, first, last, [], [.. candidates.Where(mark => mark >= first && mark <= last)]);
    }
}
