using System.Globalization;

namespace Fetcher.Core.Timing.Comparison;

/// <summary>Figures for people, with the few digits that mean something.</summary>
internal static class FigureText
{
    /// <summary>The smallest share that is not printed as 0 %.</summary>
    public const double LeastPercent = 0.0005;

    /// <summary>A value of a figure with its unit.</summary>
    public static string Of(FigureUnit unit, double value) => unit switch
    {
        FigureUnit.Seconds => Duration(value),
        FigureUnit.Bytes => Bytes(value),
        FigureUnit.Share => Percent(value),
        _ => Count(value),
    };

    /// <summary>Seconds in the unit that suits them, with three digits: <c>6.25 s</c>, <c>187 ms</c>, <c>12.3 µs</c>.</summary>
    public static string Duration(double seconds) => Math.Abs(seconds) switch
    {
        >= 0.9995 => $"{Digits(seconds)} s",
        >= 0.0009995 => $"{Digits(seconds * 1e3)} ms",
        0 => "0 s",
        _ => $"{Digits(seconds * 1e6)} µs",
    };

    /// <summary>Bytes in the largest binary unit of which there is at least one.</summary>
    public static string Bytes(double bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var unit = 0;
        while (bytes >= 1023.5 && unit < units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        return $"{(unit == 0 ? bytes.ToString("F0", CultureInfo.InvariantCulture) : Digits(bytes))} {units[unit]}";
    }

    /// <summary>A number of things, or of things a URL.</summary>
    public static string Count(double value) =>
        value == Math.Floor(value) ? value.ToString("N0", CultureInfo.InvariantCulture) : Digits(value);

    /// <summary>A share as a whole percentage, with one decimal near 0 and 100 %: what is not quite all is not called all.</summary>
    public static string Percent(double share)
    {
        var percent = share is >= 0.995 and < 1 ? Math.Min(share * 100, 99.9) : share * 100;
        var format = share is >= LeastPercent and < 0.00995 or >= 0.995 and < 1 ? "F1" : "F0";
        return $"{percent.ToString(format, CultureInfo.InvariantCulture)} %";
    }

    /// <summary>A ratio: <c>9.8</c>, <c>1.04</c>, <c>0.10</c>, <c>120</c>.</summary>
    public static string Ratio(double ratio) => ratio switch
    {
        >= 99.5 => ratio.ToString("N0", CultureInfo.InvariantCulture),
        >= 1.995 => ratio.ToString("F1", CultureInfo.InvariantCulture),
        >= 0.0995 => ratio.ToString("F2", CultureInfo.InvariantCulture),
        >= 0.00995 => ratio.ToString("F3", CultureInfo.InvariantCulture),
        _ => ratio.ToString("G2", CultureInfo.InvariantCulture),
    };

    /// <summary>The same value and unit without the digits behind the point that are all 0: <c>50 ms</c> for <c>50.0 ms</c>.</summary>
    public static string Trim(string text)
    {
        var parts = text.Split(' ');
        return $"{(parts[0].Contains('.', StringComparison.Ordinal) ? parts[0].TrimEnd('0').TrimEnd('.') : parts[0])} {parts[1]}";
    }

    /// <summary>The mark of an axis: no more digits than it has.</summary>
    public static string Tick(double value) => value.ToString(value >= 1000 ? "N0" : "0.######", CultureInfo.InvariantCulture);

    /// <summary>An interval: <c>9.1-10.4</c>; empty without one.</summary>
    public static string Interval(Ratio ratio) => ratio is { Low: { } low, High: { } high } ? $"{Ratio(low)}-{Ratio(high)}" : "";

    /// <summary>A ratio with its interval, <c>9.8 (9.1-10.4)</c>.</summary>
    public static string WithInterval(Ratio ratio) => ratio.Low is null ? Ratio(ratio.Value) : $"{Ratio(ratio.Value)} ({Interval(ratio)})";

    /// <summary>Three digits that count, and thousands separators.</summary>
    private static string Digits(double value) => Math.Abs(value) switch
    {
        >= 99.95 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 9.995 => value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.ToString("F2", CultureInfo.InvariantCulture),
    };
}
