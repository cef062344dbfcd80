namespace Fetcher.Core.Http;

/// <summary>
/// The side of the head that is written when a response comes by HTTP/2. Its bytes are those that HTTP/1.1 would have, for archives and whoever else wants to
/// see them.
/// </summary>
internal sealed partial class ResponseHead
{
    /// <summary>What the head was read from, so that the same is not read again; the default before that, and where something was wrong.</summary>
    internal HeadSource Source { get; set; }

    /// <summary>Begins another head.</summary>
    internal void BeginHttp2(ReadOnlySpan<byte> status)
    {
        Reset();
        var template = "HTTP/1.1 000 \r\n"u8;
        var line = Extend(template.Length);
        template.CopyTo(line);
        status.CopyTo(line["HTTP/1.1 ".Length..]);
        SetStatusLine(1, ((status[0] - '0') * 100) + ((status[1] - '0') * 10) + (status[2] - '0'), _length - 2, 0);
    }

    /// <summary>Writes the lines of fields, with their ends, which are then added one by one.</summary>
    /// <returns>Where they begin.</returns>
    internal int AppendLines(ReadOnlySpan<byte> lines)
    {
        lines.CopyTo(Extend(lines.Length));
        return _length - lines.Length;
    }

    /// <summary>All fields are there: judges what they say of the body.</summary>
    /// <param name="isHead">Whether the request was HEAD.</param>
    /// <param name="isWhole">Whether the response ends with it.</param>
    /// <returns>Null, or what is wrong.</returns>
    internal string? EndHttp2(bool isHead, bool isWhole)
    {
        AppendLines("\r\n"u8);
        ParsedLength = _length;
        _isHead = isHead;
        var reason = BodyFramingRules.Apply(this, isHead);
        MarkHttp2();
        Framing = isWhole && ContentLength <= 0 ? BodyFraming.None : Framing;
        KeepAlive = true;
        return reason;
    }

    /// <summary>It came by HTTP/2, where a frame tells the end of the body, as a last chunk would.</summary>
    internal void MarkHttp2()
    {
        IsHttp2 = true;
        Framing = Framing == BodyFraming.CloseDelimited ? BodyFraming.Chunked : Framing;
    }

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

/// <summary>What a head was read from, and for what.</summary>
/// <param name="Section">The section.</param>
/// <param name="Edition">Which of those that were read into that object.</param>
/// <param name="IsHead">Whether the request was HEAD.</param>
/// <param name="IsWhole">Whether the response ended with it.</param>
internal readonly record struct HeadSource(object? Section, int Edition, bool IsHead, bool IsWhole)
{
    public bool Equals(HeadSource other) => ReferenceEquals(Section, other.Section) && Edition == other.Edition && IsHead == other.IsHead && IsWhole == other.IsWhole;

    public override int GetHashCode() => HashCode.Combine(Section, Edition, IsHead, IsWhole);
}
