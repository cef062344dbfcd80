using Fetcher.Core.Http;

namespace Fetcher.Core.Hosts;

/// <summary>What became of fetching a robots.txt. With neither, nothing: whoever tried was stopped, and another has to try.</summary>
/// <param name="Rules">What it allows, or null: that is not known.</param>
/// <param name="Failure">Why it could not be had, when that is the host's doing; else null.</param>
internal readonly record struct RobotsResult(RobotsRules? Rules, FetchError? Failure);

/// <summary>What <see cref="HostRobots.Look"/> answers: what is known, or who finds out. With neither, it is the caller.</summary>
/// <param name="Known">What became of it.</param>
/// <param name="Fetching">Ends when another has tried.</param>
internal readonly record struct RobotsLook(RobotsResult? Known, Task<RobotsResult>? Fetching);

/// <summary>One host's robots.txt: fetched once, by whoever needs it first, while the others wait.</summary>
/// <param name="tries">How often it may fail before nothing of the host is allowed.</param>
internal sealed class HostRobots(int tries)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<RobotsResult>? _fetching;
    private RobotsResult? _known;
    private int _triesLeft = tries;

    /// <summary>Whether somebody fetches it.</summary>
    public bool IsBeingFetched => Volatile.Read(ref _fetching) is not null;

    /// <summary>What is known; else the caller waits for another, or fetches it and then calls <see cref="End"/>.</summary>
    public RobotsLook Look()
    {
        lock (_gate)
        {
            if (_known is not null)
            {
                return new RobotsLook(_known, null);
            }

            if (_fetching is not null)
            {
                return new RobotsLook(null, _fetching.Task);
            }

            _fetching = new TaskCompletionSource<RobotsResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            return default;
        }
    }

    /// <summary>The caller has tried.</summary>
    /// <param name="rules">What the file says; null when it could not be had.</param>
    /// <param name="failure">Why it could not, when that is the host's doing.</param>
    /// <returns>What this means: after the last try that may fail, nothing of the host is allowed.</returns>
    public RobotsResult End(RobotsRules? rules, FetchError? failure)
    {
        lock (_gate)
        {
            var result = new RobotsResult(failure is not null && --_triesLeft == 0 ? RobotsRules.DisallowAll : rules, failure);
            _known = result.Rules is null ? null : result;
            _fetching!.SetResult(result);
            _fetching = null;
            return result;
        }
    }
}
