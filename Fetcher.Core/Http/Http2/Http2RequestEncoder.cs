using System.Text;

namespace Fetcher.Core.Http.Http2;

/// <summary>
/// Encodes the header sections of requests. What is the same for all of them but the path is encoded once and then copied.
/// </summary>
internal sealed class Http2RequestEncoder
{
    private const int MethodGet = 2, RootPath = 4, SchemeHttp = 6, SchemeHttps = 7;

    private readonly HpackEncoder _encoder = new();
    private byte[] _authority = [];
    private byte[]? _fields;
    private bool _isHead;
    private bool _isHttps;
    private int _version = -1;
    private byte[] _before = [];
    private byte[] _behind = [];

    /// <summary>The server says how large its table may be (SETTINGS_HEADER_TABLE_SIZE).</summary>
    public void LimitTable(long size) => _encoder.Limit(size);

    /// <summary>Encodes a GET or HEAD request.</summary>
    /// <param name="writer">Has the fields that all requests of the run, or of the line, have in common.</param>
    /// <param name="url">What is asked for.</param>
    /// <param name="isFirstOrigin">Whether it goes to the origin that the user named, and may carry credentials.</param>
    /// <param name="more">Fields of this request alone, each with its line end; null for none.</param>
    /// <param name="isHead">Whether only the header section is asked for.</param>
    /// <returns>The section, lent until the next call.</returns>
    public ReadOnlySpan<byte> Encode(RequestWriter writer, HttpUrl url, bool isFirstOrigin, byte[]? more, bool isHead)
    {
        var authority = writer.HostFor(url, isFirstOrigin);
        var fields = writer.FieldsFor(isFirstOrigin);
        _encoder.Begin();
        if (_version == _encoder.Version && fields == _fields && isHead == _isHead && url.IsHttps == _isHttps && authority.SequenceEqual(_authority))
        {
            EncodePath(_before, url, _behind);
        }
        else
        {
            EncodeAll(authority, fields, url, isHead);
        }

        if (more is not null || writer.MayAuthorize(url, isFirstOrigin))
        {
            EncodeLines(writer.AuthorizationFor(url, isFirstOrigin), HpackIndexing.Never);
            EncodeLines(more, HpackIndexing.Once);
        }

        return _encoder.Section;
    }

    private void EncodeAll(ReadOnlySpan<byte> authority, byte[] fields, HttpUrl url, bool isHead)
    {
        var start = _encoder.Section.Length;
        var version = _encoder.Version;
        if (isHead)
        {
            _encoder.Field(":method"u8, "HEAD"u8, HpackIndexing.Once);
        }
        else
        {
            _encoder.Index(MethodGet);
        }

        _encoder.Index(url.IsHttps ? SchemeHttps : SchemeHttp);
        _encoder.Field(":authority"u8, authority, HpackIndexing.Added);
        var before = _encoder.Section.Length;
        EncodePath([], url, []);
        var path = _encoder.Section.Length;
        EncodeLines(fields, HpackIndexing.Added);
        if (version != _encoder.Version)
        {
            return;
        }

        (_version, _fields, _isHead, _isHttps) = (version, fields, isHead, url.IsHttps);
        _authority = authority.ToArray();
        _before = _encoder.Section[start..before].ToArray();
        _behind = _encoder.Section[path..].ToArray();
    }

    /// <summary>Encodes the path, between what has been encoded before.</summary>
    private void EncodePath(ReadOnlySpan<byte> before, HttpUrl url, ReadOnlySpan<byte> behind)
    {
        var path = url.PathAndQuery;
        if (path is [(byte)'/'])
        {
            _encoder.Copy(before);
            _encoder.Index(RootPath);
            _encoder.Copy(behind);
        }
        else
        {
            _encoder.Once(before, RootPath, path, behind);
        }
    }

    /// <summary>Encodes fields as HTTP/1.1 has them, a line each.</summary>
    private void EncodeLines(ReadOnlySpan<byte> lines, HpackIndexing indexing)
    {
        Span<byte> lower = stackalloc byte[64];
        foreach (var range in lines.Split("\r\n"u8))
        {
            var line = lines[range];
            var colon = line.IndexOf((byte)':');
            if (colon <= 0)
            {
                continue;
            }

            var name = colon <= lower.Length ? lower[..colon] : new byte[colon];
            Ascii.ToLower(line[..colon], name, out _);
            if (!IsOfConnection(name))
            {
                _encoder.Field(name, HttpGrammar.TrimBlanks(line[(colon + 1)..]), IsSecret(name) ? HpackIndexing.Never : indexing);
            }
        }
    }

    private static bool IsSecret(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("authorization"u8) || name.SequenceEqual("cookie"u8) || name.SequenceEqual("proxy-authorization"u8);

    /// <summary>Fields about a connection of HTTP/1.1, which mean nothing here and are forbidden (RFC 9113, section 8.2.2).</summary>
    private static bool IsOfConnection(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("connection"u8) || name.SequenceEqual("keep-alive"u8) || name.SequenceEqual("proxy-connection"u8)
        || name.SequenceEqual("transfer-encoding"u8) || name.SequenceEqual("upgrade"u8) || name.SequenceEqual("te"u8) || name.SequenceEqual("host"u8);
}
