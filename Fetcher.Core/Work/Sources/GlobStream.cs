namespace Fetcher.Core.Work.Sources;

/// <summary>The URLs of a pattern, a line each, made while they are read. It can be read again from its beginning.</summary>
internal sealed class GlobStream(UrlGlob glob) : ReadOnlyStream
{
    private readonly byte[] _line = new byte[glob.MaxLength + 1];
    private long _next;
    private int _start;
    private int _end;

    public override bool CanSeek => true;

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
