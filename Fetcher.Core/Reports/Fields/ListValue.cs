namespace Fetcher.Core.Reports.Fields;

/// <summary>The value of a field that is a list, as JSON: header fields as pairs of name and value, redirects as objects.</summary>
internal readonly struct ListValue
{
    /// <summary>More than the punctuation, the names and the number of an item take.</summary>
    private const int RoomOfItem = 64;

    private readonly HeaderFields? _headers;
    private readonly List<RedirectStep>? _redirects;

    /// <param name="headers">Header fields; null where there are none.</param>
    public ListValue(HeaderFields? headers) => _headers = headers is { IsShown: true } ? headers : null;

    /// <param name="redirects">Redirects; null where there are none.</param>
    public ListValue(List<RedirectStep>? redirects) => _redirects = redirects;

    /// <summary>Whether there is no list; an empty one is one.</summary>
    public bool IsAbsent => _headers is null && _redirects is null;

    /// <summary>Room that it needs at most, also with each quotation mark doubled for CSV. Bytes.</summary>
    public int Room => IsAbsent ? 0 : RoomOfItems();

    /// <summary>Its JSON; empty when there is none.</summary>
    public byte[] ToJson()
    {
        if (IsAbsent)
        {
            return [];
        }

        var line = new Utf8Line(new byte[Room]);
        WriteTo(ref line);
        return line.Written.ToArray();
    }

    /// <summary>Writes its JSON.</summary>
    public void WriteTo(ref Utf8Line line)
    {
        line.Raw("["u8);
        if (_headers is not null)
        {
            WriteHeaders(ref line, _headers, "["u8, ","u8, "]"u8);
        }
        else
        {
            WriteRedirects(ref line, _redirects!);
        }

        line.Raw("]"u8);
    }

    /// <summary>Writes the fields that are shown, one after the other with commas between.</summary>
    /// <param name="line">Where to.</param>
    /// <param name="headers">The fields.</param>
    /// <param name="before">What stands before a name.</param>
    /// <param name="between">What stands between it and the value.</param>
    /// <param name="after">What stands behind that.</param>
    public static void WriteHeaders(
        ref Utf8Line line, HeaderFields headers, scoped ReadOnlySpan<byte> before, scoped ReadOnlySpan<byte> between, scoped ReadOnlySpan<byte> after)
    {
        var any = false;
        for (var i = 0; i < headers.Count; i++)
        {
            if (headers.IsShownAt(i))
            {
                line.Raw(any ? ","u8 : default);
                line.Raw(before);
                line.JsonString(headers.NameAt(i));
                line.Raw(between);
                line.JsonString(headers.ValueAt(i));
                line.Raw(after);
                any = true;
            }
        }
    }

    private int RoomOfItems()
    {
        var room = RoomOfItem;
        for (var i = 0; i < _headers?.Count; i++)
        {
            room += RoomOfItem + Utf8Line.EscapedLength(_headers.NameAt(i)) + Utf8Line.EscapedLength(_headers.ValueAt(i));
        }

        for (var i = 0; i < _redirects?.Count; i++)
        {
            room += RoomOfItem + Utf8Line.EscapedLength(_redirects[i].Url) + Utf8Line.EscapedLength(_redirects[i].Location);
        }

        return 2 * room;
    }

    private static void WriteRedirects(ref Utf8Line line, List<RedirectStep> redirects)
    {
        for (var i = 0; i < redirects.Count; i++)
        {
            line.Raw(i > 0 ? ",{\"url\":"u8 : "{\"url\":"u8);
            line.JsonString(redirects[i].Url);
            line.Raw(",\"status\":"u8);
            line.Number(redirects[i].Status);
            line.Raw(",\"location\":"u8);
            line.JsonString(redirects[i].Location);
            line.Raw("}"u8);
        }
    }
}
