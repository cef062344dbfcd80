using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Fetcher.Lab;

/// <summary>The bytes of an accepted connection as they go over the wire (under TLS), counted where the server hands them to the socket's queue.</summary>
internal sealed class CountedTransport(IDuplexPipe inner, Socket socket) : IDuplexPipe
{
    private const int IpProtoTcp = 6;
    private const int TcpInfo = 11;
    private const int TcpInfoUnacknowledged = 24;
    private const int TcpInfoBytesSent = 200;
    private const int TcpInfoBytesRetransmitted = 208;

    private readonly CountedWriter _output = new(inner.Output);

    /// <inheritdoc/>
    public PipeReader Input => inner.Input;

    /// <inheritdoc/>
    public PipeWriter Output => _output;

    /// <summary>Waits until the client's kernel has all that was written so far: what it had to drop of it could not be sent again after an RST.</summary>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        while (!IsDelivered())
        {
            await Task.Delay(1, cancellation);
        }
    }

    // struct tcp_info of linux/tcp.h; all are there since Linux 4.19. What is sent again counts as sent, and is no news.
    private bool IsDelivered()
    {
        Span<byte> info = stackalloc byte[TcpInfoBytesRetransmitted + sizeof(ulong)];
        socket.GetRawSocketOption(IpProtoTcp, TcpInfo, info);
        var sent = BinaryPrimitives.ReadUInt64LittleEndian(info[TcpInfoBytesSent..])
            - BinaryPrimitives.ReadUInt64LittleEndian(info[TcpInfoBytesRetransmitted..]);
        return sent >= _output.Written && BinaryPrimitives.ReadUInt32LittleEndian(info[TcpInfoUnacknowledged..]) == 0;
    }

    private sealed class CountedWriter(PipeWriter inner) : PipeWriter
    {
        private ulong _written;

        public ulong Written => Volatile.Read(ref _written);

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Advance(int bytes)
        {
            inner.Advance(bytes);
            Volatile.Write(ref _written, _written + (ulong)bytes);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
    }
}
