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

    // The section that was read last or is being read, the one before it, and how often the last has come again since.
    private HpackSection _last = new(), _before = new();
    private long _repeats;

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
    /// Reads <paramref name="section"/> if it is the one that was read last, to the byte, and means the same still. What it adds to the table, it adds again once
    /// another one is read.
    /// </summary>
    /// <returns>Whether it was; else it is to be decoded.</returns>
    public bool TryRepeat(ReadOnlySpan<byte> section)
    {
        if (!_last.IsRepeatedBy(section, _table.Version))
        {
            return false;
        }

        _repeats += _last.AddedSize > 0 ? 1 : 0;
        return true;
    }

    /// <summary>Reads one section.</summary>
    /// <param name="section">The section, whole.</param>
    /// <param name="fields">Takes its fields, or null when nobody wants them.</param>
    /// <returns>What is wrong, which ends the connection; or null.</returns>
    public Http2Failure? Decode(ReadOnlySpan<byte> section, IFieldSink? fields)
    {
        AddRepeats();
        (_last, _before) = (_before, _last);
        _last.Begin(_table.Version);
        var rest = section;
        var (size, count) = (0L, 0);
        while (!rest.IsEmpty)
        {
            if ((rest[0] & 0xE0) == 0x20)
            {
                // Only before the first field (RFC 7541, section 4.2).
                var left = rest.Length;
                if (count > 0 || HpackInteger.Read(ref rest, 5) is var limit && (limit < 0 || !_table.TryLimit(limit)))
                {
                    return Invalid("a change of the table's size that is not allowed");
                }

                _last.UsesTable = true;
                _last.Skip(left - rest.Length);
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

        _last.End(section);
        return null;
    }

    private static Http2Failure Invalid(string reason) => new(Http2Error.CompressionError, reason);

    private string? ReadField(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var coded = rest.Length;
        bool isAdded, isFree;
        if (_before.TryRepeat(_last.Count, rest, out var known))
        {
            name = _before.NameOf(known);
            value = _before.ValueOf(known);
            (isAdded, isFree) = (known.IsAdded, true);
            rest = rest[known.Length..];
        }
        else if (ReadField(ref rest, out name, out value, out isAdded, out isFree) is { } reason)
        {
            return reason;
        }

        _last.UsesTable |= !isFree;
        _last.Add(coded - rest.Length, name, value, isAdded, isFree);
        if (isAdded)
        {
            _table.Add(name, value);
        }

        return null;
    }

    private string? ReadField(
        ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value, out bool isAdded, out bool isFree)
    {
        var first = rest[0];
        var isIndexed = (first & 0x80) != 0;
        isAdded = !isIndexed && (first & 0x40) != 0;
        var index = HpackInteger.Read(ref rest, isIndexed ? 7 : isAdded ? 6 : 4);
        name = value = default;
        isFree = index <= HpackTable.Count;
        if (index < 0 || index > HpackTable.Count + _table.Count || (isIndexed && index == 0))
        {
            return "an index that stands for nothing";
        }

        var age = index - HpackTable.Count - 1;
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
        return null;
    }

    /// <summary>Adds what repeated sections would have added: as often as the table can hold it, for the rest has been evicted.</summary>
    private void AddRepeats()
    {
        if (_repeats == 0)
        {
            return;
        }

        for (var left = Math.Min(_repeats, (limits.TableSize / _last.AddedSize) + 2); left > 0; left--)
        {
            _last.AddTo(_table);
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
