namespace Fetcher.Core.Http;

/// <summary>
/// The side of the head that is written when a response comes by HTTP/2. Its bytes are those that HTTP/1.1 would have, for archives and whoever else wants to
/// see them.
/// </summary>
internal sealed partial class ResponseHead
{
    // Which head this is a copy of, and the edition of it; how often this one has been written over.
    private ResponseHead? _original;
    private int _originalEdition;
    private int _edition;

    /// <summary>Begins another head.</summary>
    internal void BeginHttp2() => Reset();

    /// <summary>Writes the status line.</summary>
    internal void AppendStatus(int status)
    {
        var template = "HTTP/1.1 000 \r\n"u8;
        var line = Extend(template.Length);
        template.CopyTo(line);
        _ = status.TryFormat(line[9..], out _);
        SetStatusLine(1, status, _length - 2, 0);
    }

    /// <summary>Writes a field.</summary>
    internal void AppendField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        AddField(_length, name.Length, _length + name.Length + 2, value.Length);
        var line = Extend(name.Length + value.Length + 4);
        name.CopyTo(line);
        ": "u8.CopyTo(line[name.Length..]);
        value.CopyTo(line[(name.Length + 2)..]);
        "\r\n"u8.CopyTo(line[^2..]);
    }

    /// <summary>All fields are there: judges what they say of the body.</summary>
    /// <returns>Null, or what is wrong.</returns>
    internal string? EndHttp2(bool isHead)
    {
        Append("\r\n"u8);
        ParsedLength = _length;
        _isHead = isHead;
        var reason = BodyFramingRules.Apply(this, isHead);
        MarkHttp2();
        KeepAlive = true;
        return reason;
    }

    /// <summary>It came by HTTP/2, where a frame tells the end of the body, as a last chunk would.</summary>
    internal void MarkHttp2()
    {
        IsHttp2 = true;
        Framing = Framing == BodyFraming.CloseDelimited ? BodyFraming.Chunked : Framing;
    }

    /// <summary>Takes over another head, unless it is the one that was taken over last: responses on one connection often have the same.</summary>
    internal void CopyFrom(ResponseHead other)
    {
        if (_original == other && _originalEdition == other._edition)
        {
            return;
        }

        Reset();
        Reserve(other._length);
        other.Raw.CopyTo(_bytes);
        if (_fields.Length < other.FieldCount)
        {
            _fields = new FieldRange[Math.Max(16, other.FieldCount)];
        }

        other._fields.AsSpan(0, other.FieldCount).CopyTo(_fields);
        other._codings.CopyTo(_codings, 0);
        (_length, _isHead, FieldCount, _codingCount) = (other._length, other._isHead, other.FieldCount, other._codingCount);
        (MinorVersion, Status, _reasonStart, _reasonLength) = (other.MinorVersion, other.Status, other._reasonStart, other._reasonLength);
        (Framing, ContentLength, KeepAlive, IsHttp2, ParsedLength) = (other.Framing, other.ContentLength, other.KeepAlive, other.IsHttp2, other.ParsedLength);
        (HasBareLineFeed, HasFold) = (other.HasBareLineFeed, other.HasFold);
        (_original, _originalEdition) = (other, other._edition);
    }

    private void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Extend(bytes.Length));

    /// <summary>Makes the bytes longer; gives what is to be written.</summary>
    private Span<byte> Extend(int length)
    {
        if (_length + length > _bytes.Length)
        {
            Reserve(Math.Max(_length + length, 2 * _bytes.Length));
        }

        _length += length;
        return _bytes.AsSpan(_length - length, length);
    }
}
