using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Lesson;

/// <summary>What a chapter draws of what was measured.</summary>
internal enum Drawing
{
    /// <summary>Every transfer of a round of each mode, a row each, and the wall time as bars.</summary>
    Transfers,

    /// <summary>Wall and CPU time as bars.</summary>
    Bars,

    /// <summary>What it cost at each value of the sweep.</summary>
    Curves,

    /// <summary>When results could be used, in three orders.</summary>
    Order,
}

/// <summary>What the figures of a chapter say about its claim.</summary>
/// <param name="IsShown">Whether they support it.</param>
/// <param name="Text">One sentence or two, with the figures.</param>
internal sealed record Finding(bool IsShown, string Text)
{
    /// <summary>The figures support the claim when <paramref name="isShown"/>; else it is said that they do not.</summary>
    public static Finding Of(bool isShown, string text) => isShown ? new Finding(true, text) : new Finding(false, $"Here the figures do not show it. {text}");

    /// <summary>There are no figures.</summary>
    public static Finding Without(string reason) => new(false, $"There is nothing to see here: {reason}.");
}

/// <summary>One chapter of the lesson: a claim, the lines that matter, the command that measures it, and what its figures say.</summary>
internal sealed record Chapter
{
    public required int Number { get; init; }

    public required string Title { get; init; }

    /// <summary>What is claimed, in a sentence or two.</summary>
    public required string Claim { get; init; }

    /// <summary>The lines of the program that make the difference.</summary>
    public required IReadOnlyList<Snippet> Code { get; init; }

    /// <summary>The arguments of <c>fetcher compare</c> as one types them: they are what is run, too.</summary>
    public required string Arguments { get; init; }

    public required Drawing Drawing { get; init; }

    /// <summary>What the figures say.</summary>
    public required Func<Measured, Finding> Find { get; init; }

    /// <summary>How <c>docs/python/fetch.py</c> is run beside the modes, or null.</summary>
    public string? Python { get; init; }

    /// <summary>The same with one round of each mode: a figure, and no idea of how far it is off.</summary>
    public Chapter OfOneRound() => this with { Arguments = Arguments.Replace("--runs 3", "--runs 1", StringComparison.Ordinal) };

    /// <summary>The command to repeat it.</summary>
    public string Command => $"fetcher compare {Arguments}";
}

/// <summary>What was measured for a chapter.</summary>
/// <param name="Result">The comparison, with Python's program as a further mode where it ran.</param>
internal sealed record Measured(ComparisonResult Result)
{
    /// <summary>The only point, or the first of a sweep.</summary>
    public ComparisonPoint First => Result.Points[0];

    /// <summary>The last point of a sweep.</summary>
    public ComparisonPoint Last => Result.Points[^1];

    /// <summary>Why a mode did not run, or null when it did.</summary>
    public string? WhyNot(params IReadOnlyList<string> modes) => modes
        .Select(mode => Result.LeftOut.FirstOrDefault(left => left.Mode == mode) is { } left ? $"{mode} cannot run here, {left.Reason}"
            : Result.Points.Any(point => point.Find(mode)?.Typical() is null) ? Problem(mode)
            : null)
        .FirstOrDefault(reason => reason is not null);

    private string Problem(string mode) =>
        Result.Points.Select(point => point.Find(mode)?.Lost.FirstOrDefault()?.Problem).FirstOrDefault(problem => problem is not null) is { } problem
            ? $"{mode} failed, {problem}"
            : $"{mode} was not run";
}
