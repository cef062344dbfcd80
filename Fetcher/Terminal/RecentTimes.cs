using Fetcher.Core;

namespace Fetcher.Terminal;

/// <summary>Durations over the last few seconds, out of a histogram that goes on growing: its copies of once a second are taken away from it.</summary>
internal sealed class RecentTimes(TimeProvider time)
{
    /// <summary>How far back it looks, in copies.</summary>
    public const int Seconds = 10;

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private readonly Queue<Histogram> _earlier = new();
    private long _copiedAt = time.GetTimestamp();

    /// <summary>All durations so far.</summary>
    public Histogram All { get; } = new();

    /// <summary>Those of the last seconds.</summary>
    public Histogram Recent { get; } = new();

    /// <summary>Takes the histogram as it is now.</summary>
    public void Sample(Histogram now)
    {
        All.CopyFrom(now);
        Recent.CopyFrom(now);
        if (_earlier.TryPeek(out var oldest))
        {
            Recent.Subtract(oldest);
        }

        if (time.GetElapsedTime(_copiedAt) >= Step)
        {
            _copiedAt = time.GetTimestamp();
            var copy = _earlier.Count == Seconds ? _earlier.Dequeue() : new Histogram();
            copy.CopyFrom(now);
            _earlier.Enqueue(copy);
        }
    }
}
