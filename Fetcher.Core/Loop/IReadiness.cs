namespace Fetcher.Core.Loop;

/// <summary>
/// How a transfer waits once a system call has said EAGAIN: the one seam between the modes. A mode is a choice of two of these, one for the request and one
/// for the body.
/// </summary>
internal interface IReadiness
{
    /// <summary>Called before each connect, send or receive that may have to wait.</summary>
    /// <param name="socket">The socket about to be used.</param>
    /// <param name="interest">Whether the call reads or writes.</param>
    /// <param name="deadline">When to give up, on the loop's clock in nanoseconds.</param>
    void Prepare(LoopSocket socket, Interest interest, long deadline);

    /// <summary>Called after EAGAIN: ends when the call is worth trying again.</summary>
    /// <returns>False when the deadline passed first.</returns>
    /// <exception cref="OperationCanceledException">The run is being stopped.</exception>
    LoopTask<bool> WaitAsync(LoopSocket socket, Interest interest, long deadline);

    /// <summary>Called when a connection becomes idle and is kept for later requests: from here on it is noticed, where that is possible, that the peer closes it.</summary>
    void Idle(LoopSocket socket);
}
