namespace Fetcher.Core.Http.Http2;

/// <summary>Makes a <see cref="ResponseHead"/> of a header section, and judges it and trailers (RFC 9113, sections 8.1 to 8.3).</summary>
internal static class Http2HeadReader
{
    /// <summary>Reads a head, unless the section is the one that it was read from last: responses on one connection often have the same.</summary>
    /// <param name="head">The head, which is written over.</param>
    /// <param name="section">The section.</param>
    /// <param name="isHead">Whether the request was HEAD.</param>
    /// <param name="isWhole">Whether the response ends with it.</param>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? Read(ResponseHead head, HpackSection section, bool isHead, bool isWhole)
    {
        var source = new HeadSource(section, section.Edition, isHead, isWhole);
        if (head.Source == source)
        {
            return null;
        }

        if ((section.Count == 0 ? "no :status" : Judge(section, isTrailer: false) ?? JudgeStatus(section.ValueAt(0))) is { } reason)
        {
            return reason;
        }

        head.BeginHttp2(section.ValueAt(0));
        var fields = section.Fields[1..];
        var shift = head.AppendLines(section.Lines(1, fields.Length)) - section.Fields[0].LineEnd;
        foreach (ref readonly var field in fields)
        {
            head.AddField(field.Line + shift, field.NameLength, field.Value + shift, field.ValueLength);
        }

        reason = head.EndHttp2(isHead, isWhole);
        head.Source = reason is null ? source : default;
        return reason;
    }

    /// <summary>What is wrong with the fields of a header section or of trailers, each by itself and by its place; or null.</summary>
    public static string? Judge(HpackSection section, bool isTrailer)
    {
        var fields = section.Fields;
        for (var i = 0; i < fields.Length; i++)
        {
            if ((fields[i].Kind != FieldKind.Ordinary || i == 0) && Judge(fields[i].Kind, i, isTrailer) is { } reason)
            {
                return reason;
            }
        }

        return null;
    }

    private static string? Judge(FieldKind kind, int place, bool isTrailer) => kind switch
    {
        FieldKind.Ordinary => isTrailer || place > 0 ? null : "a field before :status",
        FieldKind.NoName => "an empty field name",
        FieldKind.InvalidName => "a character in a field name that cannot stand there",
        FieldKind.InvalidValue => "a character in a field value that cannot stand there",
        FieldKind.OfConnection => "a field about a connection of HTTP/1.1",
        _ when isTrailer => "a pseudo-field in the trailers",
        FieldKind.OtherPseudo => "a pseudo-field that no response has",
        _ => place == 0 ? null : "a second :status, or one behind other fields",
    };

    private static string? JudgeStatus(ReadOnlySpan<byte> value) =>
        value.Length != 3 || value.ContainsAnyExceptInRange((byte)'0', (byte)'9') || value[0] == '0' ? "a :status that is not three digits"
        : value.SequenceEqual("101"u8) ? "status 101, which HTTP/2 does not have"
        : null;
}
