namespace Fetcher.Core.Loop;

/// <summary>
/// Waiting by standing still: the descriptor is made blocking, so the system call itself does not return until it has something, and its
/// thread does nothing else meanwhile. In a loop's thread this is the classic mistake; on a thread of its own it is how programs were
/// written before loops.
/// </summary>
internal sealed class BlockInPlace(EventLoop loop) : IReadiness
{
    /// <exception cref="OperationCanceledException">The run is being stopped.</exception>
    public void Prepare(LoopSocket socket, Interest interest, long deadline)
    {
        loop.BlockedIn = socket;
        loop.ThrowIfStopping();
        socket.SetBlocking(true);

        // The kernel keeps the deadline, since nobody else can: SO_RCVTIMEO and SO_SNDTIMEO.
        socket.SetBlockingTimeout(interest, deadline == LoopTimer.Never ? 0 : Math.Max(1, deadline - loop.GetTimestamp()));
    }

    /// <summary>A blocking call says EAGAIN only when its time is over, or most of it.</summary>
    public LoopTask<bool> WaitAsync(LoopSocket socket, Interest interest, long deadline)
    {
        loop.ThrowIfStopping();
        return new LoopTask<bool>(loop.GetTimestamp() < deadline);
    }

    public void Idle(LoopSocket socket)
    {
        // Nobody watches while this thread stands in a call: the next request finds out.
    }
}
