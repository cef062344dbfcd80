namespace Fetcher.Core.Fetch;

/// <summary>Counts the transfers that have left their slots to wait for their next attempt, over all loops, since each keeps some memory.</summary>
internal sealed class Pauses
{
    /// <summary>How many may: about 10 kB each.</summary>
    public const int Most = 1024;

    private int _count;

    public bool TryBegin()
    {
        if (Interlocked.Increment(ref _count) <= Most)
        {
            return true;
        }

        Interlocked.Decrement(ref _count);
        return false;
    }

    public void End() => Interlocked.Decrement(ref _count);
}
