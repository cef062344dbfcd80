using System.Runtime.CompilerServices;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Net;

/// <summary>A stream for everybody who waits for readiness: try the call, wait as the mode waits, try again.</summary>
internal sealed class ReadinessStream(EventLoop loop, LoopSocket socket) : SocketStream(loop, socket)
{
    private Receive? _receive;

    public override ArraySegment<byte> Received => Loop.ReceiveBuffer;

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

    private LoopTask<int> ReceiveAsync(Memory<byte> buffer, bool drop = false) => (_receive ??= new Receive(this)).StartAsync(buffer, drop);

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

    /// <summary>
    /// The receive of a stream, one at a time. By hand, where an async method would say the same: every response is waited for here, and the state of a method
    /// that waits is copied and cleared (bench/NOTES.md).
    /// </summary>
    private sealed class Receive : LoopPromise<int>
    {
        private readonly ReadinessStream _stream;
        private LoopTask<bool>.Awaiter _wait;
        private Memory<byte> _buffer;
        private bool _drop;
        private long _deadline;

        public Receive(ReadinessStream stream)
            : base(isOfLoop: true) => _stream = stream;

        /// <summary>Receives what is there, or waits for it.</summary>
        public LoopTask<int> StartAsync(Memory<byte> buffer, bool drop)
        {
            if (!_buffer.Equals(buffer))
            {
                _buffer = buffer;
            }

            (_drop, _deadline) = (drop, _stream.NextDeadline());
            if (TryReceive(out var received))
            {
                return new LoopTask<int>(received);
            }

            _wait.OnSettled(this);
            return new LoopTask<int>(this);
        }

        /// <summary>The wait is over.</summary>
        public override void GoOn()
        {
            int received;
            try
            {
                if (!_wait.GetResult())
                {
                    throw _stream.TimedOut("received");
                }

                if (!TryReceive(out received))
                {
                    _wait.OnSettled(this);
                    return;
                }
            }
            catch (Exception e)
            {
                SetException(e);
                return;
            }

            SetResult(received);
        }

        /// <summary>Receives what is there, at least a byte; 0 is the end. False when a wait for it has begun.</summary>
        private bool TryReceive(out int received)
        {
            var (readiness, socket) = (_stream.Readiness, _stream.Socket);
            while (true)
            {
                readiness.Prepare(socket, Interest.Read, _deadline);
                if (socket.IsReady(Interest.Read))
                {
                    // SslStream asks whether there is anything to read before it takes a buffer for it.
                    var result = _buffer.IsEmpty ? new SysResult(0) : socket.TryReceive(_buffer.Span, _drop);
                    received = result.Value;
                    if (received > 0 || _buffer.IsEmpty)
                    {
                        return true;
                    }

                    if (!result.WouldBlock)
                    {
                        // The end may be our own doing: a stop shuts the socket down to end a blocking call.
                        _stream.Loop.ThrowIfStopping();
                        return !result.IsError ? true : throw _stream.NotReceived(result.Error);
                    }
                }

                _wait = readiness.WaitAsync(socket, Interest.Read, _deadline).GetAwaiter();
                if (!_wait.IsCompleted)
                {
                    received = 0;
                    return false;
                }

                if (!_wait.GetResult())
                {
                    throw _stream.TimedOut("received");
                }
            }
        }
    }
}
