namespace Fetcher.Core.Http.Http2;

/// <summary>
/// Reads header sections as HPACK has packed them (RFC 7541). One a connection, and it has to read every section on it, wanted or not: each may change what
/// the next ones mean. Bounds count what comes out, so that a short section cannot become a long one.
/// </summary>
internal sealed class HpackDecoder(Http2Limits limits)
{
    private readonly HpackDynamicTable _table = new(limits.TableSize);
    private HpackSection _before = new();

    // Fields of the section that the table has been told of, and how often the whole section has come again.
    private int _added;
    private long _repeats;

    /// <summary>The section that was read last. It is written over by the next.</summary>
    public HpackSection Section { get; private set; } = new();

    /// <summary>Size of the table of the connection's own fields.</summary>
    public int TableSize
    {
        get
        {
            AddRepeats();
            return _table.Size;
        }
    }

    /// <summary>
    /// Reads one section. One that is the one before, to the byte, and means the same still, leaves <see cref="Section"/> as it is, with its edition; what it adds to
    /// the table, it adds again once another one is read.
    /// </summary>
    /// <param name="section">The section, whole.</param>
    /// <returns>What is wrong, which ends the connection; or null.</returns>
    public Http2Failure? Decode(ReadOnlySpan<byte> section)
    {
        if (Section.IsRepeatedBy(section, _table.Version))
        {
            _repeats += Section.AddedSize > 0 ? 1 : 0;
            return null;
        }

        AddRepeats();
        (Section, _before) = (_before, Section);
        Section.Begin(_table.Version);
        _added = 0;
        if (!TryReadLimits(section, out var read))
        {
            return Invalid("a change of the table's size that is not allowed");
        }

        var version = _table.Version;
        for (read = Math.Max(read, Section.TakeBeginning(_before, section, version)); read < section.Length;)
        {
            if (Section.TakeField(_before, section, read, version) is > 0 and var end)
            {
                read = end;
            }
            else if (ReadField(section, ref read) is { } reason)
            {
                return Invalid(reason);
            }

            if (Section.Size > limits.HeaderList || Section.Count > limits.Fields)
            {
                return new Http2Failure(
                    Http2Error.EnhanceYourCalm,
                    Section.Count > limits.Fields ? $"more than {limits.Fields} fields" : $"a header section longer than {limits.HeaderList} bytes");
            }
        }

        AddFields();
        Section.End(section);
        return null;
    }

    private static Http2Failure Invalid(string reason) => new(Http2Error.CompressionError, reason);

    /// <summary>Reads the changes of the table's size, which stand before the first field (RFC 7541, section 4.2).</summary>
    private bool TryReadLimits(ReadOnlySpan<byte> section, out int read)
    {
        var rest = section;
        while (!rest.IsEmpty && IsLimit(rest[0]))
        {
            Section.UsesTable = true;
            if (HpackInteger.Read(ref rest, 5) is var limit && (limit < 0 || !_table.TryLimit(limit)))
            {
                read = 0;
                return false;
            }
        }

        read = section.Length - rest.Length;
        return true;
    }

    private static bool IsLimit(byte first) => (first & 0xE0) == 0x20;

    private string? ReadField(ReadOnlySpan<byte> section, ref int read)
    {
        var (start, line) = (read, Section.Position);
        var rest = section[start..];
        var first = rest[0];
        if (IsLimit(first))
        {
            return "a change of the table's size that is not allowed";
        }

        var isIndexed = (first & 0x80) != 0;
        var isAdded = !isIndexed && (first & 0x40) != 0;
        var index = HpackInteger.Read(ref rest, isIndexed ? 7 : isAdded ? 6 : 4);
        var age = index - HpackTable.Count - 1;
        if (age >= 0)
        {
            AddFields();
        }

        if (index < 0 || age >= _table.Count || (isIndexed && index == 0))
        {
            return "an index that stands for nothing";
        }

        if (index != 0)
        {
            Section.Append(age < 0 ? HpackTable.NameAt(index) : _table.NameAt(age));
        }
        else if (!TryReadString(ref rest))
        {
            return "a string that is cut off or not in the Huffman code";
        }

        var name = Section.Since(line);
        var kind = index == 0 || (age >= 0 && !isIndexed) ? FieldKinds.OfName(name) : age < 0 ? HpackTable.KindAt(index) : _table.KindAt(age);
        var nameLength = name.Length;
        Section.EndName();
        var valueStart = Section.Position;
        if (isIndexed)
        {
            Section.Append(age < 0 ? HpackTable.ValueAt(index) : _table.ValueAt(age));
        }
        else if (!TryReadString(ref rest))
        {
            return "a string that is cut off or not in the Huffman code";
        }

        read = section.Length - rest.Length;
        var value = Section.Since(valueStart);
        Section.EndField(new(start, read, line, nameLength, value.Length, isAdded, IsFree: age < 0, isIndexed ? kind : kind.With(value)));
        return null;
    }

    /// <summary>Tells the table of the fields that it has not been told of: once something is looked up there, or the section is whole.</summary>
    private void AddFields()
    {
        _table.Add(Section, _added);
        _added = Section.Count;
    }

    /// <summary>Adds what repeated sections would have added: as often as the table can hold it, for the rest has been evicted.</summary>
    private void AddRepeats()
    {
        if (_repeats == 0)
        {
            return;
        }

        for (var left = Math.Min(_repeats, (limits.TableSize / Section.AddedSize) + 2); left > 0; left--)
        {
            _table.Add(Section, 0);
        }

        _repeats = 0;
    }

    /// <summary>Reads a string to the line of the field that is being read.</summary>
    private bool TryReadString(ref ReadOnlySpan<byte> rest)
    {
        var isHuffman = !rest.IsEmpty && (rest[0] & 0x80) != 0;
        var length = HpackInteger.Read(ref rest, 7);
        if (length < 0 || length > rest.Length)
        {
            return false;
        }

        var text = rest[..length];
        rest = rest[length..];
        if (isHuffman)
        {
            return Section.TryAppendHuffman(text);
        }

        Section.Append(text);
        return true;
    }
}
