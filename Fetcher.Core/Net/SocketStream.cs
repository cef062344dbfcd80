using Fetcher.Core.Interop;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Net;

/// <summary>
/// A socket's bytes as a stream, for <see cref="Connection"/> and for TLS. There are two: <see cref="ReadinessStream"/> asks when a call is worth trying,
/// <see cref="UringStream"/> has the kernel make the calls.
/// </summary>
internal abstract class SocketStream(EventLoop loop, LoopSocket socket) : DuplexStream
{
    /// <summary>How this stream waits. A mode may change it between the request and the body.</summary>
    public IReadiness Readiness
    {
        get;
        set => Kept.Set(ref field, value);
    } = loop;

    /// <summary>Longest silence, in nanoseconds.</summary>
    public long Timeout { get; set; } = LoopTimer.Never;

    /// <summary>When the whole transfer has to be over, on the loop's clock in nanoseconds.</summary>
    public long TotalDeadline { get; set; } = LoopTimer.Never;

    /// <summary>
    /// Since when the response has been silent, where a byte of the socket's need be none of it: over TLS, whose peer can send records without end that hold
    /// nothing. 0 where each byte counts.
    /// </summary>
    public long SilentSince { get; private set; }

    /// <summary>How slow it may be, or null. <see cref="TotalDeadline"/> is not later than its own.</summary>
    public SpeedFloor? Floor
    {
        get;
        set => Kept.Set(ref field, value);
    }

    /// <summary>The failure when what is being done to open the connection takes too long, and with whom it is done; null once it is open.</summary>
    public (Failure Slow, string With)? Step { get; set; }

    /// <summary>Bytes that one <see cref="ReceiveAsync"/> takes at most.</summary>
    public int MostReceived { get; set; } = int.MaxValue;

    public LoopSocket Socket => socket;

    /// <summary>Whether something that was taken to be sent has not been.</summary>
    public virtual bool HasUnsent => false;

    /// <summary>Where the last <see cref="ReceiveAsync"/> put what it received, at the start; lent until the next await.</summary>
    public abstract ArraySegment<byte> Received { get; }

    protected EventLoop Loop => loop;

    /// <summary>Receives what is there, at least a byte, into <see cref="Received"/>; 0 is the end.</summary>
    /// <exception cref="FetchException">Silence past the deadline, or the connection broke.</exception>
    public abstract LoopTask<int> ReceiveAsync();

    /// <summary>
    /// Receives and drops what is there, at least a byte and at most <paramref name="most"/>: where the kernel can, without copying it.
    /// </summary>
    /// <returns>How much that was; 0 is the end. Negative where there is nothing to be gained: nothing has been done.</returns>
    /// <exception cref="FetchException">Silence past the deadline, or the connection broke.</exception>
    public virtual LoopTask<int> DropAsync(long most) => new(-1);

    /// <summary>Holds nothing while the connection is put by, but notices, where it can, that the peer closes it.</summary>
    public abstract void Rest(IReadiness readiness);

    /// <summary>What is received from now on is no news of the response, until <see cref="EndSilence"/>.</summary>
    public void BeginSilence() => SilentSince = loop.RecentTimestamp;

    /// <summary>Something of the response has come.</summary>
    public void EndSilence() => SilentSince = 0;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            socket.Dispose();
        }

        base.Dispose(disposing);
    }

    protected FetchException NotSent(Errno error)
    {
        loop.ThrowIfStopping();
        return Failures.NotSent.Of(SysResult.Describe(error)).Thrown();
    }

    protected FetchException NotReceived(Errno error)
    {
        loop.ThrowIfStopping();
        return Failures.NotReceived.Of(SysResult.Describe(error)).Thrown();
    }

    protected long NextDeadline() => Timeout == LoopTimer.Never
        ? TotalDeadline
        : Math.Min((SilentSince == 0 ? loop.RecentTimestamp : SilentSince) + Timeout, TotalDeadline);

    /// <summary>Some of the request has been sent, which may go on while the response is waited for: its silence begins now.</summary>
    protected void NoteSent()
    {
        SilentSince = SilentSince == 0 ? 0 : loop.RecentTimestamp;
        socket.ProlongRead(NextDeadline());
    }

    protected FetchException TimedOut(string what) =>
        Step is { } step ? step.Slow.Of(step.With).Thrown()
        : loop.GetTimestamp() < TotalDeadline ? Failures.Silence.Of(what, Timeout / 1e9).Thrown()
        : Floor is { } floor && floor.Deadline <= TotalDeadline ? floor.TooSlow
        : Failures.TimeOver.Of().Thrown();
}
