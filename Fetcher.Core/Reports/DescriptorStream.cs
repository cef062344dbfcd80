using Fetcher.Core.Interop;

namespace Fetcher.Core.Reports;

/// <summary>
/// Writes to an inherited descriptor with plain write(2). Console's own stream keeps EPIPE to itself, so that a run into a closed pipe would never know;
/// a FileStream writes to positions of its own, over what others write to the same file.
/// </summary>
internal sealed class DescriptorStream(int descriptor) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="IOException">The write failed; the HResult is the error number.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (StandardStreams.IsClosed(descriptor))
        {
            throw new IOException("it is closed", (int)Errno.EBADF);
        }

        while (!buffer.IsEmpty)
        {
            var written = Libc.Write(descriptor, buffer);
            if (written.WouldBlock)
            {
                // Somebody made the descriptor non-blocking, as a terminal's other users may.
                Thread.Sleep(1);
            }
            else if (written.IsError)
            {
                throw new IOException(written.Message, (int)written.Error);
            }

            buffer = buffer[Math.Max(0, written.Value)..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Nothing is held back.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
