using System.Diagnostics.CodeAnalysis;

namespace Fetcher.Core.Fetch.Hosts;

/// <summary>A transfer that gave its slot away and wants to go on.</summary>
/// <param name="Transfer">Who.</param>
/// <param name="Granted">Completed, on any thread, once the host has a place for it.</param>
internal readonly record struct ReturningTransfer(Transfer Transfer, TaskCompletionSource Granted);

/// <summary>
/// What <see cref="HostScheduler"/> knows of one host: what waits for it, how much is under way, and when the next may start. A host is a scheme,
/// a name and a port, as for connections. Used under the scheduler's lock.
/// </summary>
internal sealed class HostState(byte[] origin)
{
    /// <summary>Before every moment of a run, with room to count from.</summary>
    public const long LongAgo = long.MinValue / 2;

    /// <summary>Scheme, host and port, as <see cref="Http.HttpUrl.Origin"/>.</summary>
    public byte[] Origin => origin;

    /// <summary>Lines of the list that wait, in the order of the list.</summary>
    public Queue<UrlItem> Waiting { get; } = new();

    /// <summary>Transfers that wait to go on; the one that was started first goes first.</summary>
    public PriorityQueue<ReturningTransfer, long> Returning { get; } = new();

    /// <summary>Transfers under way.</summary>
    public int UnderWay { get; set; }

    /// <summary>When something was last started, as the number of that start.</summary>
    public long LastStart { get; set; }

    /// <summary>Nothing starts before this: the host asked for a pause. Nanoseconds of the run's clock.</summary>
    public long HeldUntil { get; set; } = LongAgo;

    /// <summary>When the rate allows the next start.</summary>
    public long NextStart { get; set; } = LongAgo;

    /// <summary>How many may be under way as experience has it, or null.</summary>
    public AdaptiveLimit? Limit { get; set; }

    /// <summary>Transfers that went well so far.</summary>
    public long Successes { get; set; }

    /// <summary>The scheduler's own: whether it stands among the hosts that something can be taken from.</summary>
    public bool IsReady { get; set; }

    /// <summary>The scheduler's own: when it will be looked at again.</summary>
    public long LooksAt { get; set; } = long.MaxValue;

    /// <summary>Whether something waits.</summary>
    public bool HasWork => Waiting.Count > 0 || Returning.Count > 0;

    /// <summary>The order in which hosts are served: who has the least under way, then who has waited longest.</summary>
    public static IComparer<HostState> ByTurn { get; } = Comparer<HostState>.Create((a, b) =>
        a.UnderWay != b.UnderWay ? a.UnderWay.CompareTo(b.UnderWay)
        : a.LastStart != b.LastStart ? a.LastStart.CompareTo(b.LastStart)
        : a.Origin.AsSpan().SequenceCompareTo(b.Origin));

    /// <summary>Takes the next of those that still want to go on.</summary>
    public bool TryNextReturning([NotNullWhen(true)] out Transfer? transfer)
    {
        while (Returning.TryDequeue(out var next, out _))
        {
            if (next.Granted.TrySetResult())
            {
                transfer = next.Transfer;
                return true;
            }
        }

        transfer = null;
        return false;
    }
}
