using System.Globalization;
using System.Text;

namespace Fetcher.Core.Http;

/// <summary>
/// An http or https URL, taken apart and normalised (RFC 3986; RFC 9110, section 4.2). Works on UTF-8 bytes and is written over for the
/// next URL, so that a plain ASCII URL costs no allocation. Every span it hands out is valid until the next parse.
/// </summary>
/// <remarks>
/// Normalised: scheme and host in lowercase, host names beyond ASCII by UTS 46 (<see cref="Names.DomainName"/>), IPv4 addresses in any notation of inet_aton(3) as four decimal numbers
/// (as curl and browsers do, so that one address is one connection pool), IPv6 addresses compressed, the default port left out, dot
/// segments removed, bytes outside ASCII in path and query percent-encoded. Path and query are otherwise sent as written. The fragment is
/// dropped. Refused, though RFC 3986 has them: percent-encoding in the host, and IPv6 zone identifiers.
/// </remarks>
internal sealed class HttpUrl
{
    /// <summary>Longest URL, in bytes before percent-encoding.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>A larger buffer is dropped when the next URL does not need it, so that ten thousand of these stay small. Bytes.</summary>
    private const int KeptBufferSize = 4096;

    // The buffer holds Text and behind it UserInfo. Text is scheme://host:port/path?query.
    private byte[] _buffer = [];
    private int _hostHeaderStart;
    private int _hostStart;
    private int _hostLength;
    private int _originLength;
    private int _textLength;
    private int _userInfoLength;

    /// <summary>Whether the scheme is https rather than http.</summary>
    public bool IsHttps { get; private set; }

    /// <summary>Port, 1 to 65535; the scheme's default when the URL names none. 0 while there is no URL.</summary>
    public int Port { get; private set; }

    /// <summary>Host name in lowercase or address; an IPv6 address without brackets.</summary>
    public ReadOnlySpan<byte> Host => _buffer.AsSpan(_hostStart, _hostLength);

    /// <summary><see cref="Host"/> as a new string.</summary>
    public string HostString => Encoding.ASCII.GetString(Host);

    /// <summary>What the Host field says: the host, an IPv6 address in brackets, and the port unless it is the scheme's default.</summary>
    public ReadOnlySpan<byte> HostHeader => _buffer.AsSpan(_hostHeaderStart, _originLength - _hostHeaderStart);

    /// <summary>
    /// Scheme, host and port, like <c>http://host:8080</c>; the default port is left out. URLs with the same origin can share connections.
    /// </summary>
    public ReadOnlySpan<byte> Origin => _buffer.AsSpan(0, _originLength);

    /// <summary>What the request line says: the path, at least <c>/</c>, and the query with its question mark.</summary>
    public ReadOnlySpan<byte> PathAndQuery => _buffer.AsSpan(_originLength, _textLength - _originLength);

    /// <summary>The normalised URL without user info and fragment.</summary>
    public ReadOnlySpan<byte> Text => _buffer.AsSpan(0, _textLength);

    /// <summary>What stood before the <c>@</c>, still percent-encoded; often empty.</summary>
    public ReadOnlySpan<byte> UserInfo => _buffer.AsSpan(_textLength, _userInfoLength);

    /// <summary>Takes a URL apart. On failure the object is empty.</summary>
    /// <param name="text">An absolute URL, without white space around it. Not a span of this object.</param>
    /// <param name="reason">A short clause that says what is wrong.</param>
    public bool TryParse(ReadOnlySpan<byte> text, out string? reason)
    {
        reason = Parse(text, isReference: false);
        return Finish(reason);
    }

    /// <summary>
    /// Becomes the URL that <paramref name="reference"/>, the value of a Location field, means seen from <paramref name="baseUrl"/> (RFC
    /// 3986, section 5). A relative reference inherits the user info. Spaces, which some servers send, are percent-encoded, and one slash or three
    /// before the host count as two, as in curl. On failure the object is empty.
    /// </summary>
    /// <param name="baseUrl">The URL that answered; may be this object.</param>
    /// <param name="reference">A URL or a part of one. Not a span of this object.</param>
    /// <param name="reason">A short clause that says what is wrong.</param>
    public bool TryResolve(HttpUrl baseUrl, ReadOnlySpan<byte> reference, out string? reason)
    {
        reason = Parse(HttpUrlReference.Resolve(baseUrl, reference), isReference: true);
        return Finish(reason);
    }

    /// <summary>Turns an http URL into the https URL of the same host and path; the default port becomes https's, any other stays (RFC 6797, section 8.3). A URL
    /// that would be too long stays as it is.</summary>
    public void MakeHttps()
    {
        byte[] text = UserInfo.IsEmpty
            ? [.. "https://"u8, .. HostHeader, .. PathAndQuery]
            : [.. "https://"u8, .. UserInfo, (byte)'@', .. HostHeader, .. PathAndQuery];
        var https = new HttpUrl();
        if (https.TryParse(text, out _))
        {
            CopyFrom(https);
        }
    }

    /// <summary>Becomes a copy of <paramref name="other"/>.</summary>
    public void CopyFrom(HttpUrl other)
    {
        if (ReferenceEquals(this, other))
        {
            return;
        }

        var used = other._textLength + other._userInfoLength;
        Reserve(used);
        other._buffer.AsSpan(0, used).CopyTo(_buffer);
        IsHttps = other.IsHttps;
        Port = other.Port;
        _hostHeaderStart = other._hostHeaderStart;
        _hostStart = other._hostStart;
        _hostLength = other._hostLength;
        _originLength = other._originLength;
        _textLength = other._textLength;
        _userInfoLength = other._userInfoLength;
    }

    /// <summary>The normalised URL without user info and fragment.</summary>
    public override string ToString() => Encoding.ASCII.GetString(Text);

    private bool Finish(string? reason)
    {
        if (reason is not null)
        {
            IsHttps = false;
            Port = _hostHeaderStart = _hostStart = _hostLength = _originLength = _textLength = _userInfoLength = 0;
        }

        return reason is null;
    }

    private string? Parse(ReadOnlySpan<byte> text, bool isReference)
    {
        if (text.Length > MaxLength)
        {
            return $"a URL longer than {MaxLength} bytes";
        }

        if (StartsWithThisOrigin(text) && HttpUrlText.IsPlainTarget(text[_originLength..]))
        {
            text[_originLength..].CopyTo(_buffer.AsSpan(_originLength));
            (_textLength, _userInfoLength) = (text.Length, 0);
            return null;
        }

        var plain = HttpUrlText.CheckCharacters(text, isReference, out var reason);
        if (reason is not null)
        {
            return reason;
        }

        // Room for the worst case: every byte of the path becomes %XX, and an internationalised host grows up to its longest form.
        Reserve((plain ? text.Length : text.Length * 3) + HttpUrlHost.MaxLength + 16);
        if (!HttpUrlText.TryReadScheme(text, isReference, out var isHttps, out var position, out reason))
        {
            return reason;
        }

        IsHttps = isHttps;
        var rest = text[position..];
        var authorityEnd = rest.IndexOfAny("/?#"u8);
        var authority = authorityEnd < 0 ? rest : rest[..authorityEnd];
        var target = rest[authority.Length..];
        var userInfoEnd = authority.IndexOf((byte)'@');
        var userInfo = userInfoEnd < 0 ? default : authority[..userInfoEnd];
        if (userInfo.Contains((byte)'\\'))
        {
            // Browsers end the authority here, RFC 3986 does not: two readers would see two hosts.
            return "a backslash before the host";
        }

        var length = WriteOrigin(authority[(userInfoEnd + 1)..], out reason);
        if (reason is not null)
        {
            return reason;
        }

        _originLength = length;
        SetTarget(target, plain);
        userInfo.CopyTo(_buffer.AsSpan(_textLength));
        _userInfoLength = userInfo.Length;
        return null;
    }

    /// <summary>Whether <paramref name="text"/> starts like the last URL, as in most lists, and there is room for it; what follows may belong to another host still.</summary>
    private bool StartsWithThisOrigin(ReadOnlySpan<byte> text) =>
        _originLength > 0
        && text.Length < Math.Min(_buffer.Length, KeptBufferSize)
        && text.StartsWith(Origin);

    private void SetTarget(ReadOnlySpan<byte> target, bool plain) =>
        _textLength = _originLength + HttpUrlText.WriteTarget(target, plain, _buffer.AsSpan(_originLength));

    /// <summary>Writes <c>scheme://host:port</c> and returns its length.</summary>
    private int WriteOrigin(ReadOnlySpan<byte> hostAndPort, out string? reason)
    {
        var scheme = IsHttps ? "https://"u8 : "http://"u8;
        scheme.CopyTo(_buffer);
        _hostHeaderStart = scheme.Length;
        if (!HttpUrlHost.TrySplitPort(hostAndPort, out var host, out var port, out reason))
        {
            return 0;
        }

        var defaultPort = IsHttps ? 443 : 80;
        Port = port == 0 ? defaultPort : port;
        var isIPv6 = host[0] == '[';
        var end = scheme.Length + HttpUrlHost.Write(host, _buffer.AsSpan(scheme.Length), out reason);
        _hostStart = isIPv6 ? scheme.Length + 1 : scheme.Length;
        _hostLength = (isIPv6 ? end - 1 : end) - _hostStart;
        if (reason is null && Port != defaultPort)
        {
            _buffer[end++] = (byte)':';
            Port.TryFormat(_buffer.AsSpan(end), out var digits, default, CultureInfo.InvariantCulture);
            end += digits;
        }

        return end;
    }

    /// <summary>Makes room, and does not hold on to much more; what the buffer held is lost.</summary>
    private void Reserve(int size)
    {
        if (_buffer.Length < size || _buffer.Length > Math.Max(size, KeptBufferSize))
        {
            _buffer = new byte[Math.Max(size + (size / 4), 64)];
        }
    }
}
