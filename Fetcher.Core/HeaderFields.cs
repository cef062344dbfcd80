using System.Text;
using System.Text.Unicode;

namespace Fetcher.Core;

/// <summary>
/// The header section of the last response, copied because somebody asked for it; null in a result of which nobody did. Values are UTF-8: bytes that are not
/// are read as Latin-1. Used again for the next response.
/// </summary>
/// <param name="names">Names of the fields that reports show; empty for all, null for none.</param>
/// <param name="keepsAll">Whether the others are kept too, for what reads them by name.</param>
internal sealed class HeaderFields(IReadOnlyList<string>? names, bool keepsAll)
{
    private readonly List<Place> _places = [];
    private byte[] _bytes = [];
    private int _length;

    /// <summary>Whether reports show fields.</summary>
    public bool IsShown => names is not null;

    /// <summary>The text behind the status code; empty when there was none, as in HTTP/2.</summary>
    public Utf8Text Reason { get; } = new();

    /// <summary>Fields that are kept.</summary>
    public int Count => _places.Count;

    /// <summary>What the options ask for; null when that is nothing.</summary>
    public static HeaderFields? For(FetchOptions options) => options is { IncludeHeaders: null, HeadRecording: HeadRecording.None }
        ? null
        : new HeaderFields(options.IncludeHeaders, options.HeadRecording.HasFlag(HeadRecording.Fields));

    /// <summary>Name of a field, spelled as received; valid until the next change.</summary>
    public ReadOnlySpan<byte> NameAt(int index) => _bytes.AsSpan(_places[index].Start, _places[index].NameLength);

    /// <summary>Its value, likewise.</summary>
    public ReadOnlySpan<byte> ValueAt(int index) => _bytes.AsSpan(_places[index].Start + _places[index].NameLength, _places[index].ValueLength);

    /// <summary>Whether reports show it.</summary>
    public bool IsShownAt(int index) => _places[index].IsShown;

    /// <summary>Forgets the response.</summary>
    public void Clear()
    {
        _places.Clear();
        _length = 0;
        Reason.Clear();
    }

    /// <summary>Copies a field, if it is one that is wanted.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var isShown = Shows(name);
        if (!isShown && !keepsAll)
        {
            return;
        }

        var room = name.Length + (2 * value.Length);
        if (_bytes.Length - _length < room)
        {
            Array.Resize(ref _bytes, Math.Max(_length + room, 2 * _bytes.Length));
        }

        name.CopyTo(_bytes.AsSpan(_length));
        var valueLength = CopyText(value, _bytes.AsSpan(_length + name.Length));
        _places.Add(new Place(_length, name.Length, valueLength, isShown));
        _length += name.Length + valueLength;
    }

    /// <summary>The fields that reports show, as values that stay; null when they show none.</summary>
    public IReadOnlyList<ResponseHeader>? ToList() => !IsShown ? null :
    [
        .. from index in Enumerable.Range(0, Count)
           where IsShownAt(index)
           select new ResponseHeader(Encoding.ASCII.GetString(NameAt(index)), Encoding.UTF8.GetString(ValueAt(index))),
    ];

    /// <summary>Text that a server sent, in UTF-8.</summary>
    public static string TextOf(ReadOnlySpan<byte> value) => (Utf8.IsValid(value) ? Encoding.UTF8 : Encoding.Latin1).GetString(value);

    private static int CopyText(ReadOnlySpan<byte> value, Span<byte> target)
    {
        if (Utf8.IsValid(value))
        {
            value.CopyTo(target);
            return value.Length;
        }

        var length = 0;
        foreach (var latin1 in value)
        {
            length += new Rune((char)latin1).EncodeToUtf8(target[length..]);
        }

        return length;
    }

    private bool Shows(ReadOnlySpan<byte> name)
    {
        if (names is null or { Count: 0 })
        {
            return names is not null;
        }

        foreach (var shown in names)
        {
            if (Ascii.EqualsIgnoreCase(name, shown))
            {
                return true;
            }
        }

        return false;
    }

    private readonly record struct Place(int Start, int NameLength, int ValueLength, bool IsShown);
}
