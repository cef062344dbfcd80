namespace Fetcher.Terminal;

/// <summary>The rate of a counter over the last few seconds, so that an estimate follows a run that becomes faster or slower.</summary>
internal sealed class RateMeter(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private readonly Queue<(long Timestamp, long Count)> _samples = new();

    /// <summary>Counts a second, of the samples of the last five seconds; 0 until there are two.</summary>
    public double PerSecond { get; private set; }

    /// <summary>Takes the counter as it is now.</summary>
    public void Sample(long count)
    {
        var now = time.GetTimestamp();
        _samples.Enqueue((now, count));
        while (_samples.Count > 2 && time.GetElapsedTime(_samples.Peek().Timestamp, now) > Window)
        {
            _samples.Dequeue();
        }

        var (oldest, then) = _samples.Peek();
        var elapsed = time.GetElapsedTime(oldest, now);
        PerSecond = elapsed > TimeSpan.Zero ? (count - then) / elapsed.TotalSeconds : 0;
    }
}
