namespace Fetcher.Core.Http.Http2;

/// <summary>The fields that the server has added on a connection, newest first; the oldest make room (RFC 7541, sections 2.3.2 and 4).</summary>
/// <param name="most">The size that it may have at most, in bytes.</param>
internal sealed class HpackDynamicTable(int most)
{
    private readonly int _most = most;
    private Entry[] _entries = [];
    private byte[] _lines = [];
    private int _end;
    private int _limit = most;
    private int _newest;

    /// <summary>How many entries there are.</summary>
    public int Count { get; private set; }

    /// <summary>Their size, as it counts.</summary>
    public int Size { get; private set; }

    /// <summary>Counts up whenever the table changes, so that what an index means may have changed too.</summary>
    public int Version { get; private set; }

    public ReadOnlySpan<byte> NameAt(int age) => _lines.AsSpan(EntryAt(age).Line, EntryAt(age).NameLength);

    public ReadOnlySpan<byte> ValueAt(int age) => _lines.AsSpan(EntryAt(age).Value, EntryAt(age).ValueLength);

    public FieldKind KindAt(int age) => EntryAt(age).Kind;

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

    /// <summary>Adds those fields of a section that are to be added, from the one at <paramref name="first"/>.</summary>
    public void Add(HpackSection section, int first)
    {
        var fields = section.Fields;
        for (var i = first; i < fields.Length; i++)
        {
            var start = i;
            while (i < fields.Length && fields[i].IsAdded)
            {
                i++;
            }

            if (i > start)
            {
                AddRun(section, start, i - start);
            }
        }
    }

    /// <summary>
    /// Adds fields that stand side by side, at once. One for which those behind it leave no room has emptied the table, and is not kept, as if each were added by
    /// itself.
    /// </summary>
    private void AddRun(HpackSection section, int first, int count)
    {
        Version++;
        var fields = section.Fields.Slice(first, count);
        var (kept, size) = (count, 0);
        while (kept > 0 && size + fields[kept - 1].Size <= _limit)
        {
            size += fields[--kept].Size;
        }

        EvictDownTo(kept > 0 ? 0 : _limit - size);
        var lines = section.Lines(first + kept, count - kept);
        if (_end + lines.Length > _lines.Length)
        {
            MoveToFront();
        }

        lines.CopyTo(_lines.AsSpan(_end));
        for (var i = kept; i < count; i++)
        {
            ref readonly var field = ref fields[i];
            Push(new Entry(_end + field.Line - fields[kept].Line, field.NameLength, field.ValueLength, field.Kind));
        }

        _end += lines.Length;
        Size += size;
    }

    private ref Entry EntryAt(int age) => ref _entries[_newest - age + (age > _newest ? _entries.Length : 0)];

    private void EvictDownTo(int size)
    {
        while (Size > size)
        {
            Size -= EntryAt(Count - 1).Size;
            Count--;
        }
    }

    private void Push(in Entry entry)
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

    /// <summary>Moves all entries, which lie side by side, to the front. What is added takes no more room than they do, and there is as much again.</summary>
    private void MoveToFront()
    {
        if (_lines.Length == 0)
        {
            _lines = new byte[3 * _most];
        }

        var start = Count == 0 ? _end : EntryAt(Count - 1).Line;
        _lines.AsSpan(start.._end).CopyTo(_lines);
        _end -= start;
        for (var age = 0; age < Count; age++)
        {
            ref var entry = ref EntryAt(age);
            entry = entry with { Line = entry.Line - start };
        }
    }

    private readonly record struct Entry(int Line, int NameLength, int ValueLength, FieldKind Kind)
    {
        /// <summary>Where its value begins, behind a colon and a space.</summary>
        public int Value => Line + NameLength + 2;

        public int Size => NameLength + ValueLength + HpackTable.EntryOverhead;
    }
}
