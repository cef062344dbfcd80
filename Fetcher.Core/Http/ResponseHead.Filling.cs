using System.Buffers;

namespace Fetcher.Core.Http;

/// <summary>
/// The side of the head that its parser writes to. Until <see cref="Keep"/>, positions refer to the bytes the parser was lent.
/// </summary>
internal sealed partial class ResponseHead
{
    /// <summary>Bytes of the lines that have been read so far: where the parser goes on when more bytes have come.</summary>
    internal int ParsedLength { get; set; }

    /// <summary>Whether a line ended in LF without CR.</summary>
    internal bool HasBareLineFeed { get; set; }

    /// <summary>Whether a field was continued on a further line (<c>obs-fold</c>).</summary>
    internal bool HasFold { get; private set; }

    /// <summary>
    /// Whether <paramref name="data"/> begins with the very bytes that this head was read from last, for the same kind of request: reading them again
    /// would lead to what stands here already. A server answers like requests with like heads, and its Date changes once a second (bench/NOTES.md).
    /// </summary>
    internal bool IsRepeatedBy(ReadOnlySpan<byte> data, bool isHead) => _length > 0 && isHead == _isHead && data.StartsWith(Raw);

    internal void SetStatusLine(int minorVersion, int status, int reasonStart, int reasonLength)
    {
        MinorVersion = minorVersion;
        Status = status;
        _reasonStart = reasonStart;
        _reasonLength = reasonLength;
    }

    internal void AddField(int nameStart, int nameLength, int valueStart, int valueLength)
    {
        if (FieldCount == _fields.Length)
        {
            Array.Resize(ref _fields, Math.Max(8, FieldCount * 2));
        }

        _fields[FieldCount++] = new(nameStart, nameLength, valueStart, valueLength);
    }

    /// <summary>Makes the last field's value reach to <paramref name="end"/>, the end of a continuation line.</summary>
    internal void ExtendLastField(int end)
    {
        ref var last = ref _fields[FieldCount - 1];
        last = last with { ValueLength = end - last.ValueStart };
        HasFold = true;
    }

    /// <summary>Adds a coding to the list.</summary>
    internal void AddContentCoding(ContentCoding coding)
    {
        if (_codingCount == MaxContentCodings)
        {
            _codings[0] = ContentCoding.Unknown;
            _codingCount = 1;
        }
        else if (_codingCount != 1 || _codings[0] != ContentCoding.Unknown)
        {
            _codings[_codingCount++] = coding;
        }
    }

    /// <summary>Copies the whole head, because the parser's input is only lent.</summary>
    internal void Keep(ReadOnlySpan<byte> head, bool isHead)
    {
        _isHead = isHead;
        Reserve(head.Length);
        head.CopyTo(_bytes);
        _length = head.Length;
        if (HasFold)
        {
            Unfold();
        }
    }

    /// <summary>
    /// Replaces the line ends inside folded values by spaces, as RFC 9112, section 5.2 asks of a user agent. The values are written behind
    /// the raw bytes, which stay as received.
    /// </summary>
    private void Unfold()
    {
        var end = _length;
        for (var i = 0; i < FieldCount; i++)
        {
            if (ValueAt(i).Contains(HttpGrammar.LineFeed))
            {
                var length = _fields[i].ValueLength;
                Reserve(end + length);
                var copy = _bytes.AsSpan(end, length);
                ValueAt(i).CopyTo(copy);
                copy.Replace(HttpGrammar.CarriageReturn, HttpGrammar.Space);
                copy.Replace(HttpGrammar.LineFeed, HttpGrammar.Space);
                var start = copy.Length - copy.TrimStart(" \t"u8).Length;
                _fields[i] = _fields[i] with { ValueStart = end + start, ValueLength = HttpGrammar.TrimBlanks(copy).Length };
                end += length;
            }
        }
    }

    /// <summary>Makes room for <paramref name="size"/> bytes and keeps what is there.</summary>
    private void Reserve(int size)
    {
        if (_bytes.Length < size)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(size, 256));
            _bytes.CopyTo(larger, 0);
            if (_bytes.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_bytes);
            }

            _bytes = larger;
        }
    }
}
