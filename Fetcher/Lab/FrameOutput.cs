using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;

namespace Fetcher.Lab;

/// <summary>
/// What the server sends on an HTTP/2 connection, into which a fault can put bytes of its own (inside TLS if there is TLS). The server flushes whole frames
/// only, so that is where they go.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "A semaphore without a wait handle holds nothing.")]
internal sealed class FrameOutput(PipeWriter inner) : PipeWriter
{
    /// <summary>Bytes of a frame before its payload (RFC 9113, section 4.1).</summary>
    private const int HeaderSize = 9;

    private readonly ArrayBufferWriter<byte> _written = new();
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>A frame.</summary>
    /// <param name="type">Its type (RFC 9113, section 6).</param>
    /// <param name="stream">The stream it is for; 0 is the connection.</param>
    /// <param name="payload">What it holds.</param>
    public static byte[] Frame(byte type, int stream, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[HeaderSize + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = type;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(HeaderSize));
        return frame;
    }

    /// <summary>Sends <paramref name="bytes"/> between two frames of the server.</summary>
    public async Task InsertAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            await inner.WriteAsync(bytes, cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    public override void Advance(int bytes) => _written.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _written.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _written.GetSpan(sizeHint);

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            inner.Write(_written.WrittenSpan);
            _written.ResetWrittenCount();
            return await inner.FlushAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
}
