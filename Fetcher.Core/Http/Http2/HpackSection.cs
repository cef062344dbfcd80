using System.Runtime.InteropServices;

namespace Fetcher.Core.Http.Http2;

/// <summary>
/// A header section that has been read, field by field. The next one is compared with it: as a whole, and each field with the one in its place, since a server
/// answers like requests alike, and undoing the Huffman code is half of what an answer costs (bench/NOTES.md).
/// </summary>
internal sealed class HpackSection
{
    private readonly List<Field> _fields = [];
    private byte[] _coded = [];
    private byte[] _text = [];
    private int _length = -1;
    private int _codedEnd;
    private int _textEnd;
    private int _version;

    /// <summary>How many fields it has.</summary>
    public int Count => _fields.Count;

    /// <summary>Whether it says something by the table of the connection's own fields, or about it.</summary>
    public bool UsesTable { get; set; }

    /// <summary>Size of what it adds to that table, as it counts there.</summary>
    public int AddedSize { get; private set; }

    /// <summary>Begins another section, while that table has <paramref name="version"/>.</summary>
    public void Begin(int version)
    {
        _fields.Clear();
        (_length, _codedEnd, _textEnd, _version, UsesTable, AddedSize) = (-1, 0, 0, version, false, 0);
    }

    /// <summary>Adds its next field.</summary>
    /// <param name="length">Bytes of the section that it takes.</param>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    /// <param name="isAdded">Whether it goes to the table.</param>
    /// <param name="isFree">Whether it says the same whatever the table holds.</param>
    public void Add(int length, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool isAdded, bool isFree)
    {
        var end = _textEnd + name.Length + value.Length;
        if (_text.Length < end)
        {
            Array.Resize(ref _text, Math.Max(1024, 2 * end));
        }

        name.CopyTo(_text.AsSpan(_textEnd));
        value.CopyTo(_text.AsSpan(_textEnd + name.Length));
        _fields.Add(new Field(_codedEnd, length, _textEnd, name.Length, value.Length, isAdded, isFree));
        (_codedEnd, _textEnd) = (_codedEnd + length, end);
        AddedSize += isAdded ? name.Length + value.Length + HpackTable.EntryOverhead : 0;
    }

    /// <summary>Skips bytes of it that are no field.</summary>
    public void Skip(int length) => _codedEnd += length;

    /// <summary>The section is whole.</summary>
    public void End(ReadOnlySpan<byte> section)
    {
        if (_coded.Length < section.Length)
        {
            _coded = new byte[Math.Max(512, section.Length)];
        }

        section.CopyTo(_coded);
        _length = section.Length;
    }

    /// <summary>
    /// Whether <paramref name="section"/> is this one, to the byte, and means the same still: the table has not changed since, not even by this section, or it does
    /// not matter.
    /// </summary>
    /// <param name="section">The section.</param>
    /// <param name="version">That of the table now.</param>
    public bool IsRepeatedBy(ReadOnlySpan<byte> section, int version) =>
        section.Length == _length && (!UsesTable || _version == version) && section.SequenceEqual(_coded.AsSpan(0, _length));

    /// <summary>Whether <paramref name="rest"/> begins with the field in this place, and that says the same still.</summary>
    public bool TryRepeat(int place, ReadOnlySpan<byte> rest, out Field field)
    {
        if (place < _fields.Count && _length >= 0)
        {
            field = CollectionsMarshal.AsSpan(_fields)[place];
            return field.IsFree && rest.StartsWith(_coded.AsSpan(field.Start, field.Length));
        }

        field = default;
        return false;
    }

    public ReadOnlySpan<byte> NameOf(scoped in Field field) => _text.AsSpan(field.Text, field.NameLength);

    public ReadOnlySpan<byte> ValueOf(scoped in Field field) => _text.AsSpan(field.Text + field.NameLength, field.ValueLength);

    /// <summary>Adds to <paramref name="table"/> what it adds, once more.</summary>
    public void AddTo(HpackDynamicTable table)
    {
        foreach (ref readonly var field in CollectionsMarshal.AsSpan(_fields))
        {
            if (field.IsAdded)
            {
                table.Add(NameOf(field), ValueOf(field));
            }
        }
    }

    /// <summary>A field: where it stands in the section and in the text, and how it was written.</summary>
    internal readonly record struct Field(int Start, int Length, int Text, int NameLength, int ValueLength, bool IsAdded, bool IsFree);
}
