namespace Fetcher.Core.Http.Http2;

/// <summary>The fields that the server has added on a connection, newest first; the oldest make room (RFC 7541, sections 2.3.2 and 4).</summary>
/// <param name="most">The size that it may have at most, in bytes.</param>
internal sealed class HpackDynamicTable(int most)
{
    private readonly int _most = most;
    private Entry[] _entries = [];
    private byte[] _bytes = [];
    private byte[] _spare = [];
    private int _end;
    private int _limit = most;
    private int _newest;

    /// <summary>How many entries there are.</summary>
    public int Count { get; private set; }

    /// <summary>Their size, as it counts.</summary>
    public int Size { get; private set; }

    /// <summary>Counts up whenever the table changes, so that what an index means may have changed too.</summary>
    public int Version { get; private set; }

    public ReadOnlySpan<byte> NameAt(int age) => NameOf(EntryAt(age));

    public ReadOnlySpan<byte> ValueAt(int age) => ValueOf(EntryAt(age));

    /// <summary>Sets the size that the table may have; false when it is more than was agreed on.</summary>
    public bool TryLimit(int size)
    {
        if (size > _most)
        {
            return false;
        }

        _limit = size;
        Version++;
        EvictDownTo(size);
        return true;
    }

    /// <summary>Adds a field. One that is larger than the table empties it, and is not kept.</summary>
    /// <param name="name">Its name, which may be one of the table's own.</param>
    /// <param name="value">Its value.</param>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Version++;
        var length = name.Length + value.Length;
        var size = (long)length + HpackTable.EntryOverhead;
        if (size > _limit)
        {
            EvictDownTo(0);
            return;
        }

        // Bytes behind the last entry are free, whatever is evicted, so that a name out of the table is still there when it is copied.
        if (_end + length > _bytes.Length)
        {
            MoveToFront(length);
        }

        name.CopyTo(_bytes.AsSpan(_end));
        value.CopyTo(_bytes.AsSpan(_end + name.Length));
        EvictDownTo(_limit - (int)size);
        Push(new Entry(_end, name.Length, value.Length));
        _end += length;
        Size += (int)size;
    }

    private ref Entry EntryAt(int age) => ref _entries[_newest - age + (age > _newest ? _entries.Length : 0)];

    private ReadOnlySpan<byte> NameOf(Entry entry) => _bytes.AsSpan(entry.Start, entry.NameLength);

    private ReadOnlySpan<byte> ValueOf(Entry entry) => _bytes.AsSpan(entry.Start + entry.NameLength, entry.ValueLength);

    private void EvictDownTo(int size)
    {
        while (Size > size)
        {
            Size -= EntryAt(Count - 1).Size;
            Count--;
        }
    }

    private void Push(Entry entry)
    {
        if (_entries.Length == 0)
        {
            // As many as fit when all are empty, so that the ring never grows.
            _entries = new Entry[(_most / HpackTable.EntryOverhead) + 1];
        }

        _newest = _newest + 1 == _entries.Length ? 0 : _newest + 1;
        _entries[_newest] = entry;
        Count++;
    }

    /// <summary>
    /// Moves all entries to the front of another array, with room behind them. The old one stays as it is for whoever reads it, until the next move.
    /// </summary>
    private void MoveToFront(int room)
    {
        var bytes = _spare.Length >= (2 * _most) + room ? _spare : new byte[(2 * _most) + room];
        var end = 0;
        for (var age = Count - 1; age >= 0; age--)
        {
            ref var entry = ref EntryAt(age);
            _bytes.AsSpan(entry.Start, entry.Length).CopyTo(bytes.AsSpan(end));
            entry = entry with { Start = end };
            end += entry.Length;
        }

        (_spare, _bytes, _end) = (_bytes, bytes, end);
    }

    private readonly record struct Entry(int Start, int NameLength, int ValueLength)
    {
        public int Length => NameLength + ValueLength;

        public int Size => Length + HpackTable.EntryOverhead;
    }
}
