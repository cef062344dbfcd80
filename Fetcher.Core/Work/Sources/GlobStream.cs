namespace Fetcher.Core.Work.Sources;

/// <summary>The URLs of a pattern, a line each, made while they are read. It can be read again from its beginning.</summary>
internal sealed class GlobStream(UrlGlob glob) : Stream
{
    private readonly byte[] _line = new byte[glob.MaxLength + 1];
    private long _next;
    private int _start;
    private int _end;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    /// <summary>Only its beginning can be gone to.</summary>
    public override long Position
    {
        get => throw new NotSupportedException();
        set
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(value, 0);
            _next = 0;
            _start = _end = 0;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        var read = 0;
        while (read < buffer.Length && (_start < _end || TryMakeLine()))
        {
            var length = Math.Min(buffer.Length - read, _end - _start);
            _line.AsSpan(_start, length).CopyTo(buffer[read..]);
            _start += length;
            read += length;
        }

        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private bool TryMakeLine()
    {
        if (_next == glob.Count)
        {
            return false;
        }

        _end = glob.Write(_next++, _line);
        _line[_end++] = (byte)'\n';
        _start = 0;
        return true;
    }
}
