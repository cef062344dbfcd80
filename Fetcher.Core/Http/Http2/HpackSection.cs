using System.Runtime.CompilerServices;

namespace Fetcher.Core.Http.Http2;

/// <summary>
/// A header section that has been read, as the lines that HTTP/1.1 would send: <c>name: value</c> and CR LF. The next section begins with what it repeats of
/// this one, since a server answers like requests alike, and undoing the Huffman code is half of what an answer costs (bench/NOTES.md).
/// </summary>
internal sealed class HpackSection
{
    private Field[] _fields = [];
    private byte[] _coded = [];
    private byte[] _lines = [];
    private int _codedLength = -1;
    private int _end;
    private int _version;

    /// <summary>Counts up whenever another section is read into this object.</summary>
    public int Edition { get; private set; }

    /// <summary>How many fields it has.</summary>
    public int Count { get; private set; }

    /// <summary>Its fields.</summary>
    public ReadOnlySpan<Field> Fields => _fields.AsSpan(0, Count);

    /// <summary>Its size, counted as RFC 9113, section 6.5.2 does.</summary>
    public int Size { get; private set; }

    /// <summary>Size of what it adds to the table of the connection's own fields.</summary>
    public int AddedSize { get; private set; }

    /// <summary>Whether it says something by that table, or about it.</summary>
    public bool UsesTable { get; set; }

    /// <summary>Where the lines end so far.</summary>
    public int Position => _end;

    public ReadOnlySpan<byte> NameAt(int index) => _lines.AsSpan(_fields[index].Line, _fields[index].NameLength);

    public ReadOnlySpan<byte> ValueAt(int index) => _lines.AsSpan(_fields[index].Value, _fields[index].ValueLength);

    /// <summary>The lines of <paramref name="count"/> fields from the one at <paramref name="first"/>.</summary>
    public ReadOnlySpan<byte> Lines(int first, int count) => count == 0 ? default : _lines.AsSpan(_fields[first].Line.._fields[first + count - 1].LineEnd);

    /// <summary>Begins another section, while the table has <paramref name="version"/>.</summary>
    public void Begin(int version)
    {
        Edition++;
        (_codedLength, _end, _version) = (-1, 0, version);
        (Count, Size, AddedSize, UsesTable) = (0, 0, 0, false);
    }

    /// <summary>
    /// Begins with the fields that <paramref name="before"/> begins with, as far as both are the same to the byte, and those mean the same still.
    /// </summary>
    /// <param name="before">The section before.</param>
    /// <param name="section">This one.</param>
    /// <param name="version">That of the table now.</param>
    /// <returns>The bytes of the section that they take, or 0.</returns>
    public int TakeBeginning(HpackSection before, ReadOnlySpan<byte> section, int version)
    {
        var same = section.CommonPrefixLength(before._coded.AsSpan(0, Math.Max(0, before._codedLength)));
        var isTableSame = before._version == version;
        var fields = before.Fields;
        var count = 0;
        while (count < fields.Length && fields[count].End <= same && (fields[count].IsFree || isTableSame))
        {
            CountIn(fields[count++]);
        }

        if (count == 0)
        {
            return 0;
        }

        if (_fields.Length < count)
        {
            _fields = new Field[before._fields.Length];
        }

        fields[..count].CopyTo(_fields);
        before.Lines(0, count).CopyTo(Room(fields[count - 1].LineEnd));
        (Count, _end) = (count, fields[count - 1].LineEnd);
        return fields[count - 1].End;
    }

    /// <summary>
    /// Takes the next field over from <paramref name="before"/>, if it stands there in the same place, to the byte, and means the same still.
    /// </summary>
    /// <param name="before">The section before.</param>
    /// <param name="section">This one.</param>
    /// <param name="start">Where the field begins.</param>
    /// <param name="version">That of the table before this section.</param>
    /// <returns>Where it ends in the section, or 0.</returns>
    public int TakeField(HpackSection before, ReadOnlySpan<byte> section, int start, int version)
    {
        if (Count >= before.Count || before._codedLength < 0)
        {
            return 0;
        }

        ref var field = ref before._fields[Count];
        if (!(field.IsFree || (before._version == version && AddedSize == 0)) || !section[start..].StartsWith(before._coded.AsSpan(field.Start..field.End)))
        {
            return 0;
        }

        var line = _end;
        Append(before.Lines(Count, 1));
        var end = start + field.End - field.Start;
        Add(field with { Start = start, End = end, Line = line });
        return end;
    }

    /// <summary>Appends a name or value to the line of the field that is being read.</summary>
    public void Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        _end += text.Length;
    }

    /// <summary>Appends a name or value in the Huffman code; false when it is not coded by the rules.</summary>
    public bool TryAppendHuffman(ReadOnlySpan<byte> coded)
    {
        var length = Huffman.Decode(coded, Room(Huffman.MostDecoded(coded.Length)));
        _end += Math.Max(0, length);
        return length >= 0;
    }

    /// <summary>What has been appended since the position was <paramref name="start"/>.</summary>
    public ReadOnlySpan<byte> Since(int start) => _lines.AsSpan(start.._end);

    /// <summary>The name is whole.</summary>
    public void EndName() => Append((byte)':', (byte)' ');

    /// <summary>The field is whole.</summary>
    public void EndField(in Field field)
    {
        Append((byte)'\r', (byte)'\n');
        Add(field);
    }

    /// <summary>The section is whole.</summary>
    public void End(ReadOnlySpan<byte> section)
    {
        if (_coded.Length < section.Length)
        {
            _coded = new byte[Math.Max(512, section.Length)];
        }

        section.CopyTo(_coded);
        _codedLength = section.Length;
    }

    /// <summary>
    /// Whether <paramref name="section"/> is this one, to the byte, and means the same still: the table has not changed since, not even by this section, or it does
    /// not matter.
    /// </summary>
    /// <param name="section">The section.</param>
    /// <param name="version">That of the table now.</param>
    public bool IsRepeatedBy(ReadOnlySpan<byte> section, int version) =>
        section.Length == _codedLength && (!UsesTable || _version == version) && section.SequenceEqual(_coded.AsSpan(0, _codedLength));

    private void Append(byte first, byte second)
    {
        var room = Room(2);
        room[1] = second;
        room[0] = first;
        _end += 2;
    }

    private void Add(in Field field)
    {
        if (Count == _fields.Length)
        {
            Array.Resize(ref _fields, Math.Max(16, 2 * Count));
        }

        _fields[Count++] = field;
        CountIn(field);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CountIn(in Field field)
    {
        Size += field.Size;
        AddedSize += field.IsAdded ? field.Size : 0;
        UsesTable |= !field.IsFree;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Room(int length)
    {
        if (_lines.Length - _end < length)
        {
            Grow(length);
        }

        return _lines.AsSpan(_end);
    }

    private void Grow(int length) => Array.Resize(ref _lines, Math.Max(1024, 2 * (_end + length)));

    /// <summary>A field of a section.</summary>
    /// <param name="Start">Where it begins in the section.</param>
    /// <param name="End">Where it ends there.</param>
    /// <param name="Line">Where its line begins.</param>
    /// <param name="NameLength">Bytes of its name.</param>
    /// <param name="ValueLength">Bytes of its value.</param>
    /// <param name="IsAdded">Whether it goes to the table of the connection's own fields.</param>
    /// <param name="IsFree">Whether it says the same whatever that table holds.</param>
    /// <param name="Kind">What it may be, as far as its name and value tell.</param>
    internal readonly record struct Field(int Start, int End, int Line, int NameLength, int ValueLength, bool IsAdded, bool IsFree, FieldKind Kind)
    {
        /// <summary>Where its value begins, behind a colon and a space.</summary>
        public int Value => Line + NameLength + 2;

        /// <summary>Where its line ends, behind CR LF.</summary>
        public int LineEnd => Value + ValueLength + 2;

        /// <summary>Its size, as it counts in the table and for the section.</summary>
        public int Size => NameLength + ValueLength + HpackTable.EntryOverhead;
    }
}
