namespace Fetcher.Core.Exchange;

/// <summary>
/// How fast a transfer may receive (<c>--limit-rate</c>): what came is paid for with time before more is taken, so that TCP makes the server wait.
/// Moments are nanoseconds of the clock of whoever asks.
/// </summary>
/// <param name="bytesPerSecond">The rate, at least 1.</param>
internal sealed class ReceivePace(long bytesPerSecond)
{
    /// <summary>How much lateness is made up for. A pause of the server's is not.</summary>
    private const long Window = 125_000_000;

    /// <summary>Bytes to take at once: a hundredth of a second's, since what is taken last is paid for by nobody.</summary>
    public int MostAtOnce { get; } = (int)Math.Clamp(bytesPerSecond / 100, 1, 1 << 20);

    /// <summary>When more may be received.</summary>
    public long DueAt { get; private set; }

    /// <summary>A transfer begins to receive.</summary>
    public void Begin(long now) => DueAt = now;

    /// <summary>Something has been received.</summary>
    public void Count(int bytes, long now) => DueAt = Math.Max(DueAt, now - Window) + (long)(bytes * 1e9 / bytesPerSecond);

    /// <summary>The pace of a run's transfers; null when they have none.</summary>
    public static ReceivePace? Of(FetchOptions options) => options.LimitRate > 0 ? new ReceivePace(options.LimitRate) : null;
}
