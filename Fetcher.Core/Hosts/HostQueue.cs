using System.Diagnostics.CodeAnalysis;

namespace Fetcher.Core.Hosts;

/// <summary>
/// Who waits for one host, how much is under way there, and when the next may start. Used under the table's lock. Moments are nanoseconds of the
/// run's clock.
/// </summary>
/// <param name="origin">The host.</param>
internal sealed class HostQueue(byte[] origin)
{
    /// <summary>Before every moment of a run, with room to count from.</summary>
    public const long LongAgo = long.MinValue / 2;

    /// <summary>A slot gets a line of a host with a rate so long before its moment and waits for that by itself, since timers are coarse.</summary>
    public const long EarlyStart = 5_000_000;

    /// <summary>Where a host begins with <c>--adaptive</c>.</summary>
    private const int FirstLimit = 2;

    private readonly Queue<UrlItem> _lines = new();
    private readonly PriorityQueue<Returning, long> _returning = new();
    private long _heldUntil = LongAgo;
    private long _lastStart;

    /// <summary>The order in which hosts are served: who has the least under way, then who has waited longest.</summary>
    public static IComparer<HostQueue> ByTurn { get; } = Comparer<HostQueue>.Create((a, b) =>
        a.UnderWay != b.UnderWay ? a.UnderWay.CompareTo(b.UnderWay)
        : a._lastStart != b._lastStart ? a._lastStart.CompareTo(b._lastStart)
        : a.Origin.AsSpan().SequenceCompareTo(b.Origin));

    /// <summary>Scheme, host and port.</summary>
    public byte[] Origin => origin;

    /// <summary>How many transfers the options allow to be under way.</summary>
    public int Most { get; init; } = int.MaxValue;

    /// <summary>How many experience allows, or null: there is none.</summary>
    public AdaptiveLimit? Limit { get; set; }

    /// <summary>Spaces the requests, or null: nobody asked for that.</summary>
    public HostRate? Rate { get; init; }

    /// <summary>Transfers under way.</summary>
    public int UnderWay { get; private set; }

    /// <summary>Transfers that went well so far.</summary>
    public long Successes { get; private set; }

    /// <summary>Whether lines of the list wait.</summary>
    public bool HasLines => _lines.Count > 0;

    /// <summary>Whether anything waits.</summary>
    public bool HasWork => HasLines || _returning.Count > 0;

    /// <summary>Whether as many are under way as may be.</summary>
    public bool IsFull => UnderWay >= Most || UnderWay >= (Limit?.Value ?? int.MaxValue);

    /// <summary>When the next may be taken; a moment that may have passed.</summary>
    public long OpensAt => Math.Max(_heldUntil, (Rate?.Next ?? LongAgo) - EarlyStart);

    /// <summary>The scheduler's own: whether it stands among those that something can be taken from.</summary>
    public bool IsReady { get; set; }

    /// <summary>The wake-ups' own: when it will be looked at again.</summary>
    public long LooksAt { get; set; } = long.MaxValue;

    /// <summary>A host with the limits that the options have for each. Lines that are no URLs have none, and ask nobody.</summary>
    /// <param name="origin">The host; empty for such lines.</param>
    /// <param name="options">The limits.</param>
    public static HostQueue Of(byte[] origin, FetchOptions options) => origin.Length == 0 ? new HostQueue(origin) : new HostQueue(origin)
    {
        Most = options.PerHost == 0 ? int.MaxValue : options.PerHost,
        Limit = options.Adaptive ? new AdaptiveLimit(FirstLimit, options.Concurrency) : null,
        Rate = options.StartIntervalPerHost > TimeSpan.Zero ? new HostRate(Nanoseconds.From(options.StartIntervalPerHost)) : null,
    };

    /// <summary>Whether nothing waits or is under way, and the host need not be left alone.</summary>
    public bool IsIdle(long now) => !HasWork && UnderWay == 0 && _heldUntil <= now && Rate?.IsOver(now) is not false;

    /// <summary>A line of the list waits.</summary>
    public void Add(UrlItem line) => _lines.Enqueue(line);

    /// <summary>A transfer that gave its place away waits to go on; the one that was started first goes first.</summary>
    /// <returns>Completed, on any thread, once it has a place. Cancelled when it does not want one any more.</returns>
    public TaskCompletionSource AddReturning(HostPlace place)
    {
        var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _returning.Enqueue(new Returning(place, granted), place.FirstStart);
        return granted;
    }

    /// <summary>Takes the line that has waited longest.</summary>
    public UrlItem TakeLine() => _lines.Dequeue();

    /// <summary>Tells the next of those that still want to go on that it may.</summary>
    public bool TryTakeReturning([NotNullWhen(true)] out HostPlace? place)
    {
        while (_returning.TryDequeue(out var next, out _))
        {
            if (next.Granted.TrySetResult())
            {
                place = next.Place;
                return true;
            }
        }

        place = null;
        return false;
    }

    /// <summary>A transfer takes a place.</summary>
    /// <param name="place">Its own, which is then here.</param>
    /// <param name="number">The number of this start among all starts, from 1.</param>
    /// <param name="now">Now.</param>
    /// <returns>When it is to start: a moment that is near, or has passed.</returns>
    public long Start(HostPlace place, long number, long now)
    {
        UnderWay++;
        _lastStart = number;
        place.Queue = this;
        place.FirstStart = place.FirstStart == 0 ? number : place.FirstStart;
        return Rate?.Grant(now) ?? now;
    }

    /// <summary>A transfer gives its place back.</summary>
    public void Leave(bool wentWell)
    {
        UnderWay--;
        Rate?.Leave(UnderWay);
        if (wentWell)
        {
            Successes++;
            Limit?.OnSuccess();
        }
    }

    /// <summary>Nothing more starts until the host has had the pause that it asked for.</summary>
    /// <param name="pause">For how long.</param>
    /// <param name="sentAt">When it was asked.</param>
    /// <param name="now">Now.</param>
    /// <param name="most">How many transfers there are at once, where no limit is known yet.</param>
    public void Hold(TimeSpan pause, long sentAt, long now, int most)
    {
        _heldUntil = Math.Max(_heldUntil, now + Nanoseconds.From(pause));
        Limit ??= new AdaptiveLimit(most, most);
        Limit.OnHold(sentAt, now);
    }

    /// <summary>A transfer that gave its place away and wants to go on, and how it is told.</summary>
    private readonly record struct Returning(HostPlace Place, TaskCompletionSource Granted);
}
