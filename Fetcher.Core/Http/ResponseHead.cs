using System.Buffers;

namespace Fetcher.Core.Http;

/// <summary>A coding that was applied to a body (RFC 9110, section 8.4.1).</summary>
internal enum ContentCoding : byte
{
    /// <summary>None. A head's list leaves it out, so an empty list means a plain body.</summary>
    Identity,
    Gzip,
    Deflate,
    Brotli,
    Zstandard,

    /// <summary>One that this program cannot decode.</summary>
    Unknown,
}

/// <summary>
/// The header section of one response: status line, fields, and what they say about the body. Filled by <see cref="ResponseParser"/> and
/// written over for the next response. It keeps a copy of the bytes, so every span it hands out is valid until the next parse or <see
/// cref="Reset"/>.
/// </summary>
internal sealed partial class ResponseHead
{
    /// <summary>A larger buffer is given back on <see cref="Reset"/>, so that ten thousand idle heads stay small. Bytes.</summary>
    public const int KeptBufferSize = 4096;

    /// <summary>A larger field table is given back on <see cref="Reset"/>. Fields.</summary>
    public const int KeptFields = 64;

    /// <summary>Codings listed one by one; a longer list is reported as one <see cref="ContentCoding.Unknown"/>.</summary>
    public const int MaxContentCodings = 4;

    private readonly ContentCoding[] _codings = new ContentCoding[MaxContentCodings];
    private byte[] _bytes = [];
    private int _length;
    private bool _isHead;
    private FieldRange[] _fields = [];
    private int _codingCount;
    private int _reasonStart;
    private int _reasonLength;

    // Asked for of every response, and most heads are the ones before, so it is searched for once.
    private int? _contentType;

    /// <summary>Status code, 100 to 999; 0 when the head is empty.</summary>
    public int Status { get; private set; }

    /// <summary>Minor version of HTTP/1: 0 or 1.</summary>
    public int MinorVersion { get; private set; }

    /// <summary>Whether it came by HTTP/2.</summary>
    public bool IsHttp2 { get; private set; }

    /// <summary>The version of HTTP, as reports have it: 1.0, 1.1 or 2.</summary>
    public string Version => IsHttp2 ? "2" : MinorVersion == 1 ? "1.1" : "1.0";

    /// <summary>The text after the status code, often empty.</summary>
    public ReadOnlySpan<byte> ReasonPhrase => _bytes.AsSpan(_reasonStart, _reasonLength);

    /// <summary>How the end of the body is known.</summary>
    public BodyFraming Framing { get; internal set; }

    /// <summary>The Content-Length field in bytes, or -1 without one. With <see cref="BodyFraming.None"/> it is only informative.</summary>
    public long ContentLength { get; internal set; }

    /// <summary>
    /// Whether the connection may carry another request once the body has been read: by version, Connection field and unambiguous framing.
    /// </summary>
    public bool KeepAlive { get; internal set; }

    /// <summary>The codings of the body, in the order they were applied: the last is undone first. Empty for a plain body.</summary>
    public ReadOnlySpan<ContentCoding> ContentCodings => _codings.AsSpan(0, _codingCount);

    /// <summary>The header section as received, with the empty line that ends it.</summary>
    public ReadOnlySpan<byte> Raw => _bytes.AsSpan(0, _length);

    /// <summary>Bytes that the head holds on to.</summary>
    internal int BufferSize => _bytes.Length;

    /// <summary>Number of fields, repeated ones counted each time.</summary>
    public int FieldCount { get; private set; }

    public ReadOnlySpan<byte> ContentType => (_contentType ??= IndexOf("Content-Type"u8, 0)) is var index and >= 0 ? ValueAt(index) : default;

    /// <summary>The Content-Type as text, once somebody has made it; forgotten with the head.</summary>
    public string? ContentTypeText { get; set; }

    public ReadOnlySpan<byte> Location => Field("Location"u8);

    public ReadOnlySpan<byte> RetryAfter => Field("Retry-After"u8);

    public ReadOnlySpan<byte> ETag => Field("ETag"u8);

    public ReadOnlySpan<byte> LastModified => Field("Last-Modified"u8);

    public ReadOnlySpan<byte> ContentRange => Field("Content-Range"u8);

    /// <summary>
    /// All values of Set-Cookie, which is the one field whose values may not be joined by commas (RFC 9110, section 5.3).
    /// </summary>
    public FieldValues SetCookies => new(this, "Set-Cookie"u8);

    /// <summary>Name of the field at <paramref name="index"/>, spelled as received.</summary>
    public ReadOnlySpan<byte> NameAt(int index) => _bytes.AsSpan(_fields[index].NameStart, _fields[index].NameLength);

    public int NameLengthAt(int index) => _fields[index].NameLength;

    /// <summary>Value of the field at <paramref name="index"/>, without the white space around it.</summary>
    public ReadOnlySpan<byte> ValueAt(int index) => _bytes.AsSpan(_fields[index].ValueStart, _fields[index].ValueLength);

    /// <summary>The first value of the field <paramref name="name"/>, in any case; empty when there is none.</summary>
    public ReadOnlySpan<byte> Field(ReadOnlySpan<byte> name)
    {
        TryGetField(name, out var value);
        return value;
    }

    /// <summary>Finds the first field called <paramref name="name"/>, in any case.</summary>
    public bool TryGetField(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var index = IndexOf(name, 0);
        value = index < 0 ? default : ValueAt(index);
        return index >= 0;
    }

    /// <summary>
    /// Every value of the field <paramref name="name"/>, in the order received: <c>foreach (var value in head.Values("Via"u8))</c>.
    /// </summary>
    public FieldValues Values(ReadOnlySpan<byte> name) => new(this, name);

    /// <summary>Replaces <paramref name="fields"/> by those of this head, in the order received, and the reason phrase.</summary>
    public void CopyTo(HeaderFields fields)
    {
        fields.Clear();
        fields.Reason.Set(ReasonPhrase);
        for (var i = 0; i < FieldCount; i++)
        {
            fields.Add(NameAt(i), ValueAt(i));
        }
    }

    /// <summary>Empties the head, and gives back what it holds beyond the kept sizes.</summary>
    public void Reset()
    {
        if (_bytes.Length > KeptBufferSize)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }

        if (_fields.Length > KeptFields)
        {
            _fields = [];
        }

        Status = MinorVersion = FieldCount = 0;
        _length = _reasonStart = _reasonLength = _codingCount = 0;
        Framing = BodyFraming.None;
        ContentLength = -1;
        KeepAlive = IsHttp2 = false;
        ParsedLength = 0;
        HasBareLineFeed = HasFold = false;
        (_contentType, ContentTypeText, Source) = (null, null, default);
    }

    private int IndexOf(ReadOnlySpan<byte> name, int from)
    {
        for (var i = from; i < FieldCount; i++)
        {
            if (_fields[i].NameLength == name.Length && HttpGrammar.IsName(NameAt(i), name))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Walks through the values of one field.</summary>
    internal ref struct FieldValues(ResponseHead head, ReadOnlySpan<byte> name)
    {
        private readonly ReadOnlySpan<byte> _name = name;
        private int _index = -1;

        public readonly ReadOnlySpan<byte> Current => head.ValueAt(_index);

        public readonly FieldValues GetEnumerator() => this;

        public bool MoveNext()
        {
            _index = head.IndexOf(_name, _index + 1);
            return _index >= 0;
        }
    }

    /// <summary>Where a field's name and value lie in the bytes.</summary>
    private readonly record struct FieldRange(int NameStart, int NameLength, int ValueStart, int ValueLength);
}
