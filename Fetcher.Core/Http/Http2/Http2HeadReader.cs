using System.Buffers;

namespace Fetcher.Core.Http.Http2;

/// <summary>
/// Makes a <see cref="ResponseHead"/> of the fields of a response's header section, or of nothing when they are its trailers, and judges them (RFC 9113,
/// sections 8.1 to 8.3).
/// </summary>
internal sealed class Http2HeadReader : IFieldSink
{
    /// <summary>Bytes of a field name: of a token, but for the letters in uppercase (RFC 9113, section 8.2.1).</summary>
    private static readonly SearchValues<byte> LowercaseToken = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"u8);

    private bool _isTrailer;
    private string? _reason;

    /// <summary>What was read.</summary>
    public ResponseHead Head { get; } = new();

    /// <summary>Begins a section.</summary>
    /// <param name="isTrailer">Whether it stands behind a body, where its fields mean nothing to us.</param>
    public void Begin(bool isTrailer)
    {
        (_isTrailer, _reason) = (isTrailer, null);
        if (!isTrailer)
        {
            Head.BeginHttp2();
        }
    }

    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => _reason ??= Judge(name, value);

    /// <summary>The section is whole.</summary>
    /// <param name="isHead">Whether the request was HEAD.</param>
    /// <returns>What is wrong with it, or null.</returns>
    public string? End(bool isHead)
    {
        if (_reason is null && !_isTrailer)
        {
            _reason = Head.Status == 0 ? "no :status" : Head.EndHttp2(isHead);
        }

        return _reason;
    }

    private string? Judge(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.IsEmpty)
        {
            return "an empty field name";
        }

        if (name[0] == ':')
        {
            return _isTrailer ? "a pseudo-field in the trailers"
                : !name.SequenceEqual(":status"u8) ? "a pseudo-field that no response has"
                : Head.Status != 0 || Head.FieldCount > 0 ? "a second :status, or one behind other fields"
                : ReadStatus(value);
        }

        if (name.ContainsAnyExcept(LowercaseToken))
        {
            return "a character in a field name that cannot stand there";
        }

        if (value.ContainsAny(HttpGrammar.Control) || (!value.IsEmpty && (HttpGrammar.IsBlank(value[0]) || HttpGrammar.IsBlank(value[^1]))))
        {
            return "a character in a field value that cannot stand there";
        }

        if (IsOfConnection(name))
        {
            return "a field about a connection of HTTP/1.1";
        }

        if (!_isTrailer)
        {
            if (Head.Status == 0)
            {
                return "a field before :status";
            }

            Head.AppendField(name, value);
        }

        return null;
    }

    private string? ReadStatus(ReadOnlySpan<byte> value)
    {
        if (value.Length != 3 || value.ContainsAnyExceptInRange((byte)'0', (byte)'9') || value[0] == '0')
        {
            return "a :status that is not three digits";
        }

        if (value.SequenceEqual("101"u8))
        {
            return "status 101, which HTTP/2 does not have";
        }

        Head.AppendStatus(((value[0] - '0') * 100) + ((value[1] - '0') * 10) + (value[2] - '0'));
        return null;
    }

    /// <summary>RFC 9113, section 8.2.2. The lengths differ, so they pick the one name to compare with.</summary>
    private static bool IsOfConnection(ReadOnlySpan<byte> name) => name.Length switch
    {
        7 => name.SequenceEqual("upgrade"u8),
        10 => name.SequenceEqual("connection"u8) || name.SequenceEqual("keep-alive"u8),
        16 => name.SequenceEqual("proxy-connection"u8),
        17 => name.SequenceEqual("transfer-encoding"u8),
        _ => false,
    };
}
