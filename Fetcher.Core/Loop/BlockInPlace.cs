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
        var left = deadline == LoopTimer.Never ? 0 : deadline - loop.GetTimestamp();
        if (left < 0)
        {
            // The kernel would go on as long as a peer that floods lets no call wait.
            socket.SetBlocking(false);
            socket.ForgetReady(interest);
            return;
        }

        // The kernel keeps the deadline, since nobody else can: SO_RCVTIMEO and SO_SNDTIMEO.
        socket.SetBlocking(true);
        socket.SetBlockingTimeout(interest, left);
    }

    /// <summary>A blocking call says EAGAIN only when its time is over, or most of it.</summary>
    public LoopTask<bool> WaitAsync(LoopSocket socket, Interest interest, long deadline)
    {
        loop.ThrowIfStopping();
        return new LoopTask<bool>(loop.GetTimestamp() < deadline);
    }

    /// <summary>
    /// Nobody watches while this thread stands in a call, so anything may have come by the next request: a stray response must not pass for its answer.
    /// </summary>
    public void Idle(LoopSocket socket) => socket.SuspectNews();
}
