using System.Collections.Concurrent;
using Fetcher.Core.Http;
using Fetcher.Core.Net;

namespace Fetcher.Core.Fetch;

/// <summary>What is known of each origin's robots.txt, over all loops (<c>--robots</c>).</summary>
internal sealed class RobotsFiles(FetchOptions options)
{
    /// <summary>A list of a million hosts must not leave a million files behind. Forgotten ones are fetched anew.</summary>
    private const int Most = 65_536;

    private readonly ConcurrentDictionary<byte[], RobotsFile> _files = new(Utf8Comparer.Instance);

    /// <summary>The product token that files know this client by.</summary>
    public string Token { get; } = RobotsRules.TokenOf(
        options.Headers.LastOrDefault(field => field.Name.Equals("User-Agent", StringComparison.OrdinalIgnoreCase)).Value ?? options.UserAgent);

    /// <summary>The file of <paramref name="origin"/>.</summary>
    public RobotsFile Get(ReadOnlySpan<byte> origin)
    {
        if (_files.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(origin, out var known))
        {
            return known;
        }

        if (_files.Count >= Most)
        {
            _files.Clear();
        }

        return _files.GetOrAdd(origin.ToArray(), _ => new RobotsFile(1 + options.Retry));
    }
}

/// <summary>One origin's robots.txt: fetched once, by whoever needs it first, while the others wait.</summary>
/// <param name="tries">How often it may fail before nothing of the origin is allowed.</param>
internal sealed class RobotsFile(int tries)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _fetching;
    private int _triesLeft = tries;

    /// <summary>What it says, or null while that is not known.</summary>
    public RobotsRules? Rules { get; private set; }

    /// <summary>Why it could not be had the last time; null when nothing is held against it.</summary>
    public FetchError? Failure { get; private set; }

    /// <summary>Begins to fetch it.</summary>
    /// <returns>Null when it is the caller's to fetch; else what ends when another has tried.</returns>
    public Task? Begin()
    {
        lock (_gate)
        {
            if (Rules is not null)
            {
                return Task.CompletedTask;
            }

            if (_fetching is not null)
            {
                return _fetching.Task;
            }

            _fetching = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return null;
        }
    }

    /// <summary>The caller has tried.</summary>
    /// <param name="rules">What the file says; null when it could not be had.</param>
    /// <param name="failure">Why it could not, when that is the origin's doing.</param>
    public void End(RobotsRules? rules, FetchError? failure)
    {
        lock (_gate)
        {
            Failure = failure;
            Rules = failure is not null && --_triesLeft == 0 ? RobotsRules.DisallowAll : rules;
            _fetching!.SetResult();
            _fetching = null;
        }
    }
}
