
namespace Fetcher.Core.Timing;

/// <summary>A failed URL, kept to show people.</summary>
internal sealed record FailureExample(long Index, string Url, FetchErrorKind Kind, string Message);

/// <summary>Counts failures by kind and keeps the first few of each kind.</summary>
internal sealed class FailureLog
{
    /// <summary>Examples kept of a kind.</summary>
    public const int ExamplesPerKind = 10;

    private static readonly int Kinds = Enum.GetValues<FetchErrorKind>().Length;

    private readonly long[] _counts = new long[Kinds];
    private readonly List<FailureExample>?[] _examples = new List<FailureExample>?[Kinds];

    /// <summary>Failures in all.</summary>
    public long Total { get; private set; }

    /// <summary>The kinds that occurred with their numbers, most frequent first.</summary>
    public IEnumerable<(FetchErrorKind Kind, long Count)> ByKind =>
        Enum.GetValues<FetchErrorKind>().Where(kind => CountOf(kind) > 0).OrderByDescending(CountOf).Select(kind => (kind, CountOf(kind)));

    /// <summary>Failures of one kind.</summary>
    public long CountOf(FetchErrorKind kind) => _counts[(int)kind];

    /// <summary>At most <see cref="ExamplesPerKind"/> failures of one kind, the first that were counted.</summary>
    public IReadOnlyList<FailureExample> ExamplesOf(FetchErrorKind kind) => _examples[(int)kind] ?? [];

    /// <summary>Counts a failed result.</summary>
    public void Add(FetchResult result, FetchError error)
    {
        Total++;
        _counts[(int)error.Kind]++;
        var examples = _examples[(int)error.Kind] ??= [];
        if (examples.Count < ExamplesPerKind)
        {
            examples.Add(new FailureExample(result.Index, result.Url.ToString(), error.Kind, error.Message));
        }
    }

    /// <summary>Adds everything <paramref name="other"/> has counted.</summary>
    public void Merge(FailureLog other)
    {
        Total += other.Total;
        for (var kind = 0; kind < Kinds; kind++)
        {
            _counts[kind] += other._counts[kind];
            if (other._examples[kind] is { } more)
            {
                var examples = _examples[kind] ??= [];
                examples.AddRange(more.Take(ExamplesPerKind - examples.Count));
            }
        }
    }
}
