using System.Runtime.CompilerServices;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Net;

/// <summary>
/// A socket's bytes as a stream: try the call, wait as the mode waits, try again. The only place that reads or writes a socket.
/// </summary>
internal sealed class SocketStream(EventLoop loop, LoopSocket socket) : Stream
{
    /// <summary>How this stream waits. A mode may change it between the request and the body.</summary>
    public IReadiness Readiness { get; set; } = loop;

    /// <summary>Longest silence, in nanoseconds.</summary>
    public long Timeout { get; set; } = LoopTimer.Never;

    /// <summary>When the whole transfer has to be over, on the loop's clock in nanoseconds.</summary>
    public long TotalDeadline { get; set; } = LoopTimer.Never;

    public LoopSocket Socket => socket;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reads what is there, at least a byte; 0 is the end.</summary>
    /// <exception cref="FetchException">Silence past the deadline, or the connection broke.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var deadline = NextDeadline();
        while (true)
        {
            Readiness.Prepare(socket, Interest.Read, deadline);
            if (socket.IsReady(Interest.Read))
            {
                if (buffer.IsEmpty)
                {
                    // SslStream asks whether there is anything to read before it takes a buffer for it.
                    return 0;
                }

                var received = socket.TryReceive(buffer.Span);
                if (received.Value > 0)
                {
                    return received.Value;
                }

                if (!received.WouldBlock)
                {
                    // The end may be our own doing: a stop shuts the socket down to end a blocking call.
                    loop.ThrowIfStopping();
                    return !received.IsError ? 0 : throw new FetchException(FetchErrorKind.Receive, $"receiving failed: {received.Message}", 56);
                }
            }

            if (!await Readiness.WaitAsync(socket, Interest.Read, deadline).ConfigureAwait(false))
            {
                throw TimedOut("received");
            }
        }
    }

    /// <summary>Sends all of <paramref name="data"/>. What the kernel does not take at once is copied, since <paramref name="data"/> may be lent.</summary>
    /// <exception cref="FetchException">Silence past the deadline, or the connection broke.</exception>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        var deadline = NextDeadline();
        Readiness.Prepare(socket, Interest.Write, deadline);
        var sent = Sent(socket.TrySend(data.Span));
        return sent == data.Length ? ValueTask.CompletedTask : SendRestAsync(data[sent..].ToArray(), deadline);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        // Nothing is held back.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            socket.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Sent(SysResult result)
    {
        if (result.IsError && !result.WouldBlock)
        {
            loop.ThrowIfStopping();
            throw new FetchException(FetchErrorKind.Send, $"sending failed: {result.Message}", 55);
        }

        return Math.Max(0, result.Value);
    }

    private async ValueTask SendRestAsync(ReadOnlyMemory<byte> rest, long deadline)
    {
        while (!rest.IsEmpty)
        {
            if (!await Readiness.WaitAsync(socket, Interest.Write, deadline).ConfigureAwait(false))
            {
                throw TimedOut("sent");
            }

            Readiness.Prepare(socket, Interest.Write, deadline);
            var sent = Sent(socket.TrySend(rest.Span));
            if (sent > 0)
            {
                rest = rest[sent..];
                deadline = NextDeadline();
            }
        }
    }

    private long NextDeadline() => Timeout == LoopTimer.Never ? TotalDeadline : Math.Min(loop.GetTimestamp() + Timeout, TotalDeadline);

    private FetchException TimedOut(string what) => loop.GetTimestamp() >= TotalDeadline
        ? new FetchException(FetchErrorKind.Timeout, "the time for the whole URL is over", 28)
        : new FetchException(FetchErrorKind.Timeout, $"nothing could be {what} for {Timeout / 1e9:0.###} s", 28);
}
