namespace Fetcher.Core.Timing.Comparison;

/// <summary>All rounds of one mode under the same conditions, and what they say.</summary>
internal sealed class ModeSample
{
    private readonly ModeSample? _first;
    private readonly Dictionary<Figure, Ratio?> _ratios = [];

    /// <param name="mode">Name of the mode.</param>
    /// <param name="rounds">Its rounds in order, without the warm-up.</param>
    /// <param name="first">The mode it is compared with, the first; null for that one itself.</param>
    public ModeSample(string mode, IReadOnlyList<RoundOutcome> rounds, ModeSample? first)
    {
        Mode = mode;
        Rounds = rounds;
        _first = first;
    }

    public string Mode { get; }

    /// <summary>Whether its rounds were measured another time, so that they have nothing to do with those of the others.</summary>
    public bool IsEarlier { get; init; }

    public IReadOnlyList<RoundOutcome> Rounds { get; }

    /// <summary>The rounds that were measured.</summary>
    public IEnumerable<Round> Measured => Rounds.Select(outcome => outcome.Measured).OfType<Round>();

    /// <summary>The rounds that have no figures.</summary>
    public IEnumerable<RoundOutcome> Lost => Rounds.Where(outcome => outcome.Measured is null);

    /// <summary>Failed URLs, in all rounds.</summary>
    public long Failed => Measured.Sum(round => round.Failed);

    /// <summary>The smallest number of URLs that a round fetched, or null when no round was measured.</summary>
    public long? FewestOk => Measured.Select(round => (long?)round.Ok).Min();

    /// <summary>The versions of HTTP that answers came by in any round, in order.</summary>
    public IReadOnlyList<string> HttpVersions => [.. Measured.SelectMany(round => round.HttpVersions).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The figure over the rounds that have it, or null when none has.</summary>
    public Spread? SpreadOf(Figure figure) => Spread.Of([.. Measured.Select(figure.Of).OfType<double>()]);

    /// <summary>The figure as a multiple of the first mode's, over the rounds that both have; null for the first mode, for shares,
    /// where there is nothing to divide by, and where a figure is below what its clock can tell apart.</summary>
    public Ratio? RatioTo(Figure figure)
    {
        if (!_ratios.TryGetValue(figure, out var ratio))
        {
            _ratios.Add(figure, ratio = _first is null || figure.Unit == FigureUnit.Share ? null : RatioTo(_first, figure));
        }

        return ratio;
    }

    /// <summary>
    /// System calls a URL by name, the median over the rounds, the most frequent first. Empty where the program makes none itself.
    /// </summary>
    public IReadOnlyList<(string Name, double PerUrl)> SystemCalls()
    {
        var rounds = Measured.Where(round => round.SystemCalls is not null && round.Urls > 0).ToArray();
        return [.. rounds
            .SelectMany(round => round.SystemCalls!.Keys)
            .Distinct()
            .Select(name => (name, perUrl: Spread.MedianOf([.. rounds.Select(round => PerUrl(round, name))])))
            .OrderByDescending(call => call.perUrl)
            .ThenBy(call => call.name, StringComparer.Ordinal)];

        static double PerUrl(Round round, string name) => round.SystemCalls!.GetValueOrDefault(name) / (double)round.Urls;
    }

    /// <summary>The measured round whose wall time is nearest to the median: the one to draw. Null without any.</summary>
    public Round? Typical() => SpreadOf(Figure.Wall) is { } wall
        ? Measured.MinBy(round => Math.Abs(round.Cost.Wall.TotalSeconds - wall.Median))
        : null;

    /// <summary>The figure as a multiple of another sample's, over the rounds of the same number that both have.</summary>
    public Ratio? RatioTo(ModeSample other, Figure figure)
    {
        if (other.IsEarlier)
        {
            Round[] mine = [.. Measured.Where(round => figure.Of(round) is not null)], theirs = [.. other.Measured.Where(round => figure.Of(round) is not null)];
            return mine.Length > 0 && theirs.Length > 0 && CanTellApart(figure, mine, theirs)
                ? PairedBootstrap.RatioOfMediansUnpaired([.. mine.Select(round => figure.Of(round)!.Value)], [.. theirs.Select(round => figure.Of(round)!.Value)])
                : null;
        }

        var pairs = Rounds
            .Join(other.Rounds, mine => mine.Number, theirs => theirs.Number, (mine, theirs) => (mine.Measured, theirs.Measured))
            .Where(pair => pair.Item1 is not null && pair.Item2 is not null)
            .Select(pair => (Mine: pair.Item1!, Theirs: pair.Item2!))
            .Where(pair => figure.Of(pair.Mine) is not null && figure.Of(pair.Theirs) is not null)
            .ToArray();
        if (pairs.Length > 0 && !CanTellApart(figure, pairs.Select(pair => pair.Mine), pairs.Select(pair => pair.Theirs)))
        {
            return null;
        }

        return PairedBootstrap.RatioOfMedians(
            [.. pairs.Select(pair => figure.Of(pair.Mine)!.Value)], [.. pairs.Select(pair => figure.Of(pair.Theirs)!.Value)]);
    }

    /// <summary>Whether the figure of both is at least what the clock behind it can tell apart.</summary>
    private static bool CanTellApart(Figure figure, IEnumerable<Round> mine, IEnumerable<Round> theirs) =>
        (figure.ClockedAs ?? figure) is not { Resolution: > 0 } clock || Math.Min(MedianOf(clock, mine), MedianOf(clock, theirs)) >= clock.Resolution;

    private static double MedianOf(Figure figure, IEnumerable<Round> rounds) => Spread.MedianOf([.. rounds.Select(round => figure.Of(round) ?? 0)]);
}
