namespace Fetcher.Core.Http.Http2;

/// <summary>Takes the fields of a header section one by one.</summary>
internal interface IFieldSink
{
    void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);
}

/// <summary>
/// Reads header sections as HPACK has packed them (RFC 7541). One a connection, and it has to read every section on it, wanted or not: each may change what
/// the next ones mean. Bounds count what comes out, so that a short section cannot become a long one.
/// </summary>
internal sealed class HpackDecoder(Http2Limits limits)
{
    private readonly HpackDynamicTable _table = new(limits.TableSize);
    private byte[] _text = [];
    private readonly List<(int Name, int Value)> _added = [];
    private byte[] _last = [];
    private byte[] _addedText = [];
    private int _addedLength;
    private int _addedSize;
    private long _repeats;
    private int _lastLength = -1;
    private int _lastVersion;
    private bool _lastIsFree;
    private bool _usesTable;

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
    /// Reads <paramref name="section"/> if it is the one that was read last, to the byte, and means the same still. A server answers like requests alike, and
    /// undoing the Huffman code is half of what an answer costs (bench/NOTES.md). What the section adds to the table, it adds again once another one is read.
    /// </summary>
    /// <returns>Whether it was; else it is to be decoded.</returns>
    public bool TryRepeat(ReadOnlySpan<byte> section)
    {
        if (section.Length != _lastLength || (_lastVersion != _table.Version && !_lastIsFree) || !section.SequenceEqual(_last.AsSpan(0, _lastLength)))
        {
            return false;
        }

        _repeats += _added.Count > 0 ? 1 : 0;
        return true;
    }

    /// <summary>Reads one section.</summary>
    /// <param name="section">The section, whole.</param>
    /// <param name="fields">Takes its fields, or null when nobody wants them.</param>
    /// <returns>What is wrong, which ends the connection; or null.</returns>
    public Http2Failure? Decode(ReadOnlySpan<byte> section, IFieldSink? fields)
    {
        AddRepeats();
        var before = _table.Version;
        (_lastLength, _addedLength, _addedSize, _usesTable) = (-1, 0, 0, false);
        _added.Clear();
        var rest = section;
        var (size, count) = (0L, 0);
        while (!rest.IsEmpty)
        {
            if ((rest[0] & 0xE0) == 0x20)
            {
                // Only before the first field (RFC 7541, section 4.2).
                _usesTable = true;
                if (count > 0 || HpackInteger.Read(ref rest, 5) is var limit && (limit < 0 || !_table.TryLimit(limit)))
                {
                    return Invalid("a change of the table's size that is not allowed");
                }

                continue;
            }

            var reason = ReadField(ref rest, out var name, out var value);
            if (reason is not null)
            {
                return Invalid(reason);
            }

            size += name.Length + value.Length + HpackTable.EntryOverhead;
            if (size > limits.HeaderList || ++count > limits.Fields)
            {
                return new Http2Failure(
                    Http2Error.EnhanceYourCalm, count > limits.Fields ? $"more than {limits.Fields} fields" : $"a header section longer than {limits.HeaderList} bytes");
            }

            fields?.Add(name, value);
        }

        Remember(section, before);
        return null;
    }

    private static Http2Failure Invalid(string reason) => new(Http2Error.CompressionError, reason);

    /// <summary>Keeps a section that has changed nothing, or that means the same whatever the table holds.</summary>
    private void Remember(ReadOnlySpan<byte> section, int before)
    {
        if (before != _table.Version && _usesTable)
        {
            return;
        }

        if (_last.Length < section.Length)
        {
            _last = new byte[Math.Max(512, section.Length)];
        }

        section.CopyTo(_last);
        (_lastLength, _lastVersion, _lastIsFree) = (section.Length, before, !_usesTable);
    }

    private string? ReadField(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var first = rest[0];
        var isIndexed = (first & 0x80) != 0;
        var isAdded = !isIndexed && (first & 0x40) != 0;
        var index = HpackInteger.Read(ref rest, isIndexed ? 7 : isAdded ? 6 : 4);
        name = value = default;
        if (index < 0 || index > HpackTable.Count + _table.Count || (isIndexed && index == 0))
        {
            return "an index that stands for nothing";
        }

        var age = index - HpackTable.Count - 1;
        _usesTable |= age >= 0;
        if (isIndexed)
        {
            name = age < 0 ? HpackTable.NameAt(index) : _table.NameAt(age);
            value = age < 0 ? HpackTable.ValueAt(index) : _table.ValueAt(age);
            return null;
        }

        var used = 0;
        if (index == 0 && !TryReadString(ref rest, ref used, out name))
        {
            return "a string that is cut off or not in the Huffman code";
        }

        var nameInText = index == 0 && used > 0 ? used : -1;
        if (!TryReadString(ref rest, ref used, out value))
        {
            return "a string that is cut off or not in the Huffman code";
        }

        name = index == 0 ? (nameInText >= 0 ? _text.AsSpan(0, nameInText) : name) : age < 0 ? HpackTable.NameAt(index) : _table.NameAt(age);
        if (isAdded)
        {
            _table.Add(name, value);
            NoteAdded(name, value);
        }

        return null;
    }

    private void NoteAdded(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var end = _addedLength + name.Length + value.Length;
        if (_addedText.Length < end)
        {
            Array.Resize(ref _addedText, Math.Max(1024, 2 * end));
        }

        name.CopyTo(_addedText.AsSpan(_addedLength));
        value.CopyTo(_addedText.AsSpan(_addedLength + name.Length));
        _added.Add((name.Length, value.Length));
        _addedLength = end;
        _addedSize += name.Length + value.Length + HpackTable.EntryOverhead;
    }

    /// <summary>Adds what repeated sections would have added: as often as the table can hold it, for the rest has been evicted.</summary>
    private void AddRepeats()
    {
        if (_repeats == 0)
        {
            return;
        }

        for (var left = Math.Min(_repeats, (limits.TableSize / _addedSize) + 2); left > 0; left--)
        {
            var rest = _addedText.AsSpan();
            foreach (var (name, value) in _added)
            {
                _table.Add(rest[..name], rest.Slice(name, value));
                rest = rest[(name + value)..];
            }
        }

        _repeats = 0;
    }

    /// <summary>Reads a string: a part of the section itself, or decoded to the text behind what is <paramref name="used"/> of it.</summary>
    private bool TryReadString(ref ReadOnlySpan<byte> rest, scoped ref int used, out ReadOnlySpan<byte> text)
    {
        text = default;
        var isHuffman = !rest.IsEmpty && (rest[0] & 0x80) != 0;
        var length = HpackInteger.Read(ref rest, 7);
        if (length < 0 || length > rest.Length)
        {
            return false;
        }

        text = rest[..length];
        rest = rest[length..];
        if (!isHuffman)
        {
            return true;
        }

        var room = used + Huffman.MostDecoded(length);
        if (_text.Length < room)
        {
            Array.Resize(ref _text, Math.Max(1024, room));
        }

        var decoded = Huffman.Decode(text, _text.AsSpan(used));
        if (decoded < 0)
        {
            return false;
        }

        text = _text.AsSpan(used, decoded);
        used += decoded;
        return true;
    }
}
