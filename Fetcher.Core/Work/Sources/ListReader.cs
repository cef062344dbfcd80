namespace Fetcher.Core.Work.Sources;

/// <summary>
/// Reads all inputs, one after the other, in blocks of whole lines. It waits where an input waits, and hands on what one read
/// brought.
/// </summary>
internal sealed class ListReader
{
    private readonly IReadOnlyList<UrlInput> _inputs;
    private byte[] _carry = [];
    private int _carried;
    private int _nextInput;
    private UrlInput? _input;
    private long _lines;
    private bool _atEnd;
    private bool _skipping;

    public ListReader(IReadOnlyList<UrlInput> inputs) => _inputs = inputs;

    /// <summary>Starts the list again.</summary>
    public void Restart() => _nextInput = 0;

    /// <summary>Fills <paramref name="block"/> with the next lines; false at the end of the list.</summary>
    /// <exception cref="SourceException">An input failed.</exception>
    public bool Read(LineBlock block)
    {
        while (true)
        {
            if (_input is null)
            {
                if (_nextInput == _inputs.Count)
                {
                    return false;
                }

                var next = _inputs[_nextInput++];
                if (next.Url is not null)
                {
                    block.SetArgument(next.Url, next.Problem);
                    return true;
                }

                next.Start();
                _input = next;
                _lines = 0;
                _atEnd = _skipping = false;
            }

            if (ReadLines(_input, block))
            {
                return true;
            }

            _input.Stop();
            _input = null;
        }
    }

    private bool ReadLines(UrlInput input, LineBlock block)
    {
        var bytes = block.Bytes;
        var filled = _carried;
        _carry.AsSpan(0, _carried).CopyTo(bytes);
        _carried = 0;
        while (!_atEnd && filled < bytes.Length)
        {
            var read = input.Read(bytes.AsSpan(filled));
            if (read == 0)
            {
                // Not asked again: a terminal would want a second end of file.
                _atEnd = true;
                break;
            }

            if (_skipping)
            {
                read = DropLongLine(bytes.AsSpan(0, read));
            }

            var newline = bytes.AsSpan(filled, read).LastIndexOf((byte)'\n');
            filled += read;
            if (newline >= 0)
            {
                var whole = filled - read + newline + 1;
                Carry(bytes.AsSpan(whole, filled - whole));
                SetLines(input, block, whole);
                return true;
            }
        }

        if (_atEnd)
        {
            SetLines(input, block, filled);
            return filled > 0;
        }

        block.SetLongLine(input.Name, _lines);
        _skipping = true;
        return true;
    }

    private void SetLines(UrlInput input, LineBlock block, int length)
    {
        if (_lines == 0 && WideEncodingOf(block.Bytes.AsSpan(0, length)) is { } encoding)
        {
            throw new SourceException($"{input.Name} is in {encoding}, and lists are read as UTF-8: iconv -f {encoding} -t UTF-8 converts it");
        }

        block.SetLines(input.Name, _lines, length, isNumbered: input.Glob is null);
        _lines += block.Bytes.AsSpan(0, length).Count((byte)'\n');
    }

    /// <summary>The encoding of text whose characters are wider than a byte, by its byte order mark or by its first characters; null for others.</summary>
    private static string? WideEncodingOf(ReadOnlySpan<byte> start) => start switch
    {
        [0xFF, 0xFE, 0, 0, ..] or [0, 0, 0xFE, 0xFF, ..] or [not 0, 0, 0, 0, ..] or [0, 0, 0, not 0, ..] => "UTF-32",
        [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] => "UTF-16",
        [not 0, 0, not 0, 0, ..] => "UTF-16LE",
        [0, not 0, 0, not 0, ..] => "UTF-16BE",
        _ => null,
    };

    private void Carry(ReadOnlySpan<byte> beginningOfLine)
    {
        if (_carry.Length < beginningOfLine.Length)
        {
            _carry = new byte[LineBlock.Size];
        }

        beginningOfLine.CopyTo(_carry);
        _carried = beginningOfLine.Length;
    }

    /// <summary>Drops the rest of a line that is too long and moves what follows it to the front; how much that is.</summary>
    private int DropLongLine(Span<byte> bytes)
    {
        var newline = bytes.IndexOf((byte)'\n');
        if (newline < 0)
        {
            return 0;
        }

        _skipping = false;
        _lines++;
        var rest = bytes[(newline + 1)..];
        rest.CopyTo(bytes);
        return rest.Length;
    }
}
