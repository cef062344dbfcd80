using System.Buffers;
using System.Globalization;

namespace Fetcher.Core.Timing;

/// <summary>
/// A limit for a figure of a run, such as <c>p99&gt;0.5s</c> or <c>failed&gt;1%</c>: a name, an operator, a number and its unit. A time without a unit is in seconds.
/// </summary>
internal sealed record Condition
{
    private static readonly string[] Operators = [">=", "<=", ">", "<"];
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private readonly Figure _figure;
    private readonly string _operator;
    private readonly double _limit;
    private readonly bool _isShare;

    private Condition(string text, Figure figure, string @operator, double limit, bool isShare)
    {
        Text = text;
        (_figure, _operator, _limit, _isShare) = (figure, @operator, limit, isShare);
    }

    /// <summary>What it was made of.</summary>
    public string Text { get; }

    /// <summary>The names that a condition on a run may have, for messages.</summary>
    public static string Names => "p50, p99.9, ..., min, mean, max (also .ttfb, .connect, .tls, .dns, .queue), failed, ok, urls, rps, wall, bytes, retries, stall";

    /// <summary>Reads a condition on a run.</summary>
    /// <exception cref="FormatException">It is none; the message says why.</exception>
    public static Condition Parse(string text) => Parse(text, RunFigures.Find, Names);

    /// <summary>Reads a condition.</summary>
    /// <param name="text">The text.</param>
    /// <param name="find">The figure of a name, or null.</param>
    /// <param name="names">The names that there are, for the message.</param>
    /// <exception cref="FormatException">It is none; the message says why.</exception>
    public static Condition Parse(string text, Func<string, Figure?> find, string names)
    {
        var at = text.IndexOfAny(['<', '>']);
        if (at < 0)
        {
            throw new FormatException($"'{text}' has none of > >= < <=, e.g. 'p99>0.5s'");
        }

        var @operator = Operators.First(known => text.AsSpan(at).StartsWith(known));
        var name = text[..at].Trim();
        var figure = find(name) ?? throw new FormatException($"'{name}' is no figure; there are {names}");
        var value = text[(at + @operator.Length)..].Trim();
        var digits = value.AsSpan().IndexOfAnyExcept(NumberCharacters) is var end and >= 0 ? end : value.Length;
        if (!double.TryParse(value[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            throw new FormatException($"'{value}' is no number, e.g. 'p99>0.5s' or 'failed>1%'");
        }

        var unit = value[digits..].Trim();
        return new Condition(text, figure, @operator, number * FactorOf(unit, figure), unit == "%");
    }

    /// <summary>Whether it holds, in a sentence; null when it does not.</summary>
    /// <param name="summary">The run.</param>
    public string? Holds(RunSummary summary) => Holds(_isShare ? _figure.Share!(summary) : _figure.Value(summary));

    /// <summary>Likewise, of a figure that is known.</summary>
    public string? Holds(double? value)
    {
        var holds = value is { } number && _operator switch
        {
            ">" => number > _limit,
            ">=" => number >= _limit,
            "<" => number < _limit,
            _ => number <= _limit,
        };
        return holds ? $"--fail-if '{Text}' holds: {_figure.Name} is {Shown(value!.Value)}" : null;
    }

    private static double FactorOf(string unit, Figure figure) => unit switch
    {
        "" => 1,
        "%" when figure.Share is not null => 0.01,
        "s" when figure.IsTime => 1,
        "ms" when figure.IsTime => 1e-3,
        "us" or "\u00b5s" when figure.IsTime => 1e-6,
        "m" when figure.IsTime => 60,
        _ => throw new FormatException(
            $"'{unit}' is no unit of {figure.Name}: {(figure.IsTime ? "us, ms, s and m are" : figure.Share is null ? "it has none" : "% is")}"),
    };

    private string Shown(double value) => _isShare ? (value * 100).ToString("0.###", CultureInfo.InvariantCulture) + " %"
        : value.ToString("0.######", CultureInfo.InvariantCulture) + (_figure.IsTime ? " s" : "");

    /// <summary>A figure that a condition may be on.</summary>
    /// <param name="Name">What it is called.</param>
    /// <param name="Value">Its value, times in seconds; null when there is none.</param>
    /// <param name="IsTime">Whether it is a time.</param>
    /// <param name="Share">The same as a part of 1, where it may have %.</param>
    public sealed record Figure(string Name, Func<RunSummary, double?> Value, bool IsTime = false, Func<RunSummary, double?>? Share = null);
}
