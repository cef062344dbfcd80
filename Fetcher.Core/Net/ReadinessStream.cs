using System.Runtime.CompilerServices;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Net;

/// <summary>A stream for everybody who waits for readiness: try the call, wait as the mode waits, try again.</summary>
internal sealed class ReadinessStream(EventLoop loop, LoopSocket socket) : SocketStream(loop, socket)
{
    public override ReadOnlyMemory<byte> Received => Loop.ReceiveBuffer;

    public override LoopTask<int> ReceiveAsync() =>
        ReceiveAsync(MostReceived >= Loop.ReceiveBuffer.Length ? Loop.ReceiveBuffer : Loop.ReceiveBuffer.AsMemory(0, MostReceived));

    public override LoopTask<int> DropAsync(long most) =>
        ReceiveAsync(Loop.ReceiveBuffer.AsMemory(0, (int)Math.Min(most, Loop.ReceiveBuffer.Length)), drop: true);

    public override void Rest(IReadiness readiness) => readiness.Idle(Socket);

    /// <summary>Reads what is there, at least a byte; 0 is the end.</summary>
    /// <exception cref="FetchException">Silence past the deadline, or the connection broke.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        await ReceiveAsync(buffer).ConfigureAwait(false);

    private async LoopTask<int> ReceiveAsync(Memory<byte> buffer, bool drop = false)
    {
        var deadline = NextDeadline();
        while (true)
        {
            Readiness.Prepare(Socket, Interest.Read, deadline);
            if (Socket.IsReady(Interest.Read))
            {
                if (buffer.IsEmpty)
                {
                    // SslStream asks whether there is anything to read before it takes a buffer for it.
                    return 0;
                }

                var received = Socket.TryReceive(buffer.Span, drop);
                if (received.Value > 0)
                {
                    return received.Value;
                }

                if (!received.WouldBlock)
                {
                    // The end may be our own doing: a stop shuts the socket down to end a blocking call.
                    Loop.ThrowIfStopping();
                    return !received.IsError ? 0 : throw NotReceived(received.Error);
                }
            }

            if (!await Readiness.WaitAsync(Socket, Interest.Read, deadline).ConfigureAwait(false))
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
        Readiness.Prepare(Socket, Interest.Write, deadline);
        var sent = Sent(Socket.TrySend(data.Span));
        return sent == data.Length ? ValueTask.CompletedTask : SendRestAsync(data[sent..].ToArray(), deadline);
    }

    private int Sent(SysResult result) => result.IsError && !result.WouldBlock ? throw NotSent(result.Error) : Math.Max(0, result.Value);

    private async ValueTask SendRestAsync(ReadOnlyMemory<byte> rest, long deadline)
    {
        // The response may come meanwhile, and its body may be waited for in another way.
        var readiness = Readiness;
        while (!rest.IsEmpty)
        {
            if (!await readiness.WaitAsync(Socket, Interest.Write, deadline).ConfigureAwait(false))
            {
                throw TimedOut("sent");
            }

            readiness.Prepare(Socket, Interest.Write, deadline);
            var sent = Sent(Socket.TrySend(rest.Span));
            if (sent > 0)
            {
                rest = rest[sent..];
                NoteSent();
                deadline = NextDeadline();
            }
        }
    }
}
