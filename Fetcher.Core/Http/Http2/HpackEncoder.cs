namespace Fetcher.Core.Http.Http2;

/// <summary>How a field may be sent (RFC 7541, section 6.2).</summary>
internal enum HpackIndexing
{
    /// <summary>The same in further requests: it is added to the server's table, and an index stands for it from then on.</summary>
    Added,

    /// <summary>Of this request alone.</summary>
    Once,

    /// <summary>A secret: nobody on the way may add it to a table either (section 7.1.3).</summary>
    Never,
}

/// <summary>
/// Packs the header sections of requests (RFC 7541). One a connection. Its table only grows until it is full, so that an index keeps its meaning. Strings
/// are sent as they are: the Huffman code would cost more than the bytes it saves.
/// </summary>
internal sealed class HpackEncoder
{
    private const int MostTable = 4096;

    private readonly List<(byte[] Name, byte[] Value)> _added = [];
    private byte[] _section = new byte[512];
    private int _length;
    private int _limit = MostTable;
    private int _size;
    private bool _hasNewLimit;

    /// <summary>Counts up whenever the table changes: what was encoded before would mean something else.</summary>
    public int Version { get; private set; }

    /// <summary>What has been encoded since <see cref="Begin"/>.</summary>
    public ReadOnlySpan<byte> Section => _section.AsSpan(0, _length);

    /// <summary>The server says how large its table may be (SETTINGS_HEADER_TABLE_SIZE).</summary>
    public void Limit(long size)
    {
        var limit = (int)Math.Min(size, MostTable);
        if (limit == _limit)
        {
            return;
        }

        // All is forgotten, which a limit of 0 in between tells the server too.
        (_limit, _size, _hasNewLimit) = (limit, 0, true);
        _added.Clear();
        Version++;
    }

    /// <summary>Begins a section.</summary>
    public void Begin()
    {
        _length = 0;
        if (_hasNewLimit)
        {
            _hasNewLimit = false;
            Number(0x20, 5, 0);
            Number(0x20, 5, _limit);
            Version++;
        }
    }

    /// <summary>Adds what was encoded before, as it is.</summary>
    public void Copy(ReadOnlySpan<byte> encoded)
    {
        encoded.CopyTo(Room(encoded.Length));
        _length += encoded.Length;
    }

    /// <summary>Adds a field of the table that everybody knows.</summary>
    public void Index(int index) => Number(0x80, 7, index);

    /// <summary>Adds a field of this request alone, whose name stands in the table that everybody knows, between what was encoded before.</summary>
    /// <param name="before">Stands before it.</param>
    /// <param name="name">The index of its name.</param>
    /// <param name="value">Its value.</param>
    /// <param name="behind">Stands behind it.</param>
    public void Once(ReadOnlySpan<byte> before, int name, ReadOnlySpan<byte> value, ReadOnlySpan<byte> behind)
    {
        // All at once: each part by itself is several times as dear (bench/NOTES.md).
        var room = Room(before.Length + value.Length + behind.Length + (2 * HpackInteger.MaxLength));
        before.CopyTo(room);
        var at = before.Length;
        at += HpackInteger.Write(room[at..], 0x00, 4, name);
        at += HpackInteger.Write(room[at..], 0x00, 7, value.Length);
        value.CopyTo(room[at..]);
        at += value.Length;
        behind.CopyTo(room[at..]);
        _length += at + behind.Length;
    }

    /// <summary>Adds a field.</summary>
    /// <param name="name">Its name, in lower case.</param>
    /// <param name="value">Its value.</param>
    /// <param name="indexing">How it may be sent.</param>
    public void Field(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, HpackIndexing indexing)
    {
        var size = name.Length + value.Length + HpackTable.EntryOverhead;
        if (indexing == HpackIndexing.Added)
        {
            if (IndexOf(name, value) is > 0 and var index)
            {
                Index(index);
                return;
            }

            if (_size + size <= _limit)
            {
                Literal(0x40, 6, name, value);
                _added.Add((name.ToArray(), value.ToArray()));
                _size += size;
                Version++;
                return;
            }
        }

        Literal((byte)(indexing == HpackIndexing.Never ? 0x10 : 0x00), 4, name, value);
    }

    private int IndexOf(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        for (var i = 0; i < _added.Count; i++)
        {
            if (value.SequenceEqual(_added[i].Value) && name.SequenceEqual(_added[i].Name))
            {
                return HpackTable.Count + _added.Count - i;
            }
        }

        return 0;
    }

    private void Literal(byte first, int prefix, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var index = HpackTable.IndexOf(name);
        Number(first, prefix, index);
        if (index == 0)
        {
            Text(name);
        }

        Text(value);
    }

    private void Text(ReadOnlySpan<byte> text)
    {
        Number(0, 7, text.Length);
        Copy(text);
    }

    private void Number(byte first, int prefix, int number) =>
        _length += HpackInteger.Write(Room(HpackInteger.MaxLength), first, prefix, number);

    private Span<byte> Room(int length)
    {
        if (_section.Length < _length + length)
        {
            Array.Resize(ref _section, Math.Max(_length + length, 2 * _section.Length));
        }

        return _section.AsSpan(_length);
    }
}
