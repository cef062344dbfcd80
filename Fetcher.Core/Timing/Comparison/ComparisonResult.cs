using System.Globalization;

namespace Fetcher.Core.Timing.Comparison;

/// <summary>What is varied from one comparison to the next.</summary>
/// <param name="Name">The name before the equals sign, such as <c>concurrency</c>.</param>
/// <param name="Values">The values, in the order given; each once.</param>
internal sealed record Sweep(string Name, IReadOnlyList<double> Values)
{
    /// <summary>Its name for people.</summary>
    public string Label => Name switch
    {
        "idle" => "idle connections",
        "loops" => "event loops",
        "cpu-burst" => "CPU burst a body",
        "body" => "size of bodies",
        "delay" => "delay of answers",
        "http" => "version of HTTP",
        "window" => "window of a stream",
        _ => Name,
    };

    /// <summary>One of its values for people. Times are milliseconds, sizes are bytes.</summary>
    public string ValueText(double value) => Name switch
    {
        "cpu-burst" or "delay" => string.Create(CultureInfo.InvariantCulture, $"{value:0.######} ms"),
        "http" => value >= 2 ? "2" : value.ToString("F1", CultureInfo.InvariantCulture),
        "body" or "window" => FigureText.Trim(FigureText.Bytes(value)),
        _ => value.ToString("F0", CultureInfo.InvariantCulture),
    };
}

/// <summary>A mode that was asked for and cannot run here.</summary>
internal sealed record LeftOutMode(string Mode, string Reason);

/// <summary>The modes compared under the same conditions.</summary>
/// <param name="Value">The sweep's value, or null without a sweep.</param>
/// <param name="Modes">The modes, the first being the one the others are compared with.</param>
internal sealed record ComparisonPoint(double? Value, IReadOnlyList<ModeSample> Modes)
{
    /// <summary>The mode's sample, or null when it was not run here.</summary>
    public ModeSample? Find(string mode) => Modes.FirstOrDefault(sample => sample.Mode == mode);
}

/// <summary>A whole comparison: what was asked for and what came of it.</summary>
internal sealed record ComparisonResult
{
    /// <summary>Options, sources and machine. The mode in its options means nothing here.</summary>
    public required RunInfo Run { get; init; }

    /// <summary>The modes that were compared, in the order given.</summary>
    public required IReadOnlyList<string> Modes { get; init; }

    /// <summary>Those that cannot run here.</summary>
    public IReadOnlyList<LeftOutMode> LeftOut { get; init; } = [];

    /// <summary>Measured rounds asked for, of each mode.</summary>
    public required int Runs { get; init; }

    /// <summary>Rounds before them that are not measured.</summary>
    public required int Warmup { get; init; }

    /// <summary>What was varied, or null.</summary>
    public Sweep? Sweep { get; init; }

    /// <summary>A comparison for each value of the sweep; just one without a sweep.</summary>
    public required IReadOnlyList<ComparisonPoint> Points { get; init; }

    /// <summary>What was measured another time and stands in the first mode's place, or null.</summary>
    public EarlierRun? Against { get; init; }

    /// <summary>Whether every round was measured and no URL failed in any; what was measured another time does not count.</summary>
    public bool AllFetched => Points.SelectMany(point => point.Modes).Where(mode => !mode.IsEarlier).All(mode => !mode.Lost.Any() && mode.Failed == 0);
}
