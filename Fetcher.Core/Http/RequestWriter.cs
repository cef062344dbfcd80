using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Fetcher.Core.Net;

namespace Fetcher.Core.Http;

/// <summary>Writes requests (RFC 9112, section 3). What is the same for every request of a run is rendered once.</summary>
internal sealed class RequestWriter
{
    private readonly bool _isHttp10;
    private readonly byte[] _fields;
    private readonly byte[] _fieldsWithoutSecrets;
    private readonly byte[]? _host;
    private readonly bool _ownAuthorization;
    private readonly Netrc? _netrc;
    private readonly bool _isNetrcOptional;

    public RequestWriter(FetchOptions options)
    {
        _isHttp10 = options.Protocol == HttpProtocol.Http10;
        var given = options.Headers;
        var fields = new List<RequestHeader>();
        AddDefault("User-Agent", options.UserAgent);
        AddDefault("Accept", "*/*");
        if (options.Compressed)
        {
            AddDefault("Accept-Encoding", "gzip, deflate, br, zstd");
        }

        if (options.Credentials is not null)
        {
            AddDefault("Authorization", Basic(Encoding.UTF8.GetBytes(options.Credentials)));
        }

        if (options.BearerToken is { } token)
        {
            AddDefault("Authorization", "Bearer " + token);
        }

        if (options is { Cookie: { } cookie, CookieFiles: [], CookieJarPath: null })
        {
            AddDefault("Cookie", cookie);
        }

        fields.AddRange(given.Where(h => !Is(h, "Host")));
        _fields = Render(fields);
        _fieldsWithoutSecrets = Render(fields.Where(h => !Is(h, "Authorization") && !Is(h, "Cookie") && !Is(h, "Proxy-Authorization")));
        _host = given.LastOrDefault(h => Is(h, "Host")).Value is { } host ? Encoding.UTF8.GetBytes(host) : null;
        HasCookie = fields.Any(h => Is(h, "Cookie")) || options.RemovedHeaders.Contains("Cookie", StringComparer.OrdinalIgnoreCase);
        _ownAuthorization = fields.Any(h => Is(h, "Authorization"));
        _netrc = _ownAuthorization ? null : options.Netrc;
        _isNetrcOptional = options.NetrcOptional;
        HasTraceParent = given.Any(h => Is(h, TraceContext.Name)) || options.RemovedHeaders.Contains(TraceContext.Name, StringComparer.OrdinalIgnoreCase);
        AsksForPart = fields.Any(h => Is(h, "Range"));
        AsksForChange = fields.Any(h => Is(h, "If-None-Match") || Is(h, "If-Modified-Since"));

        void AddDefault(string name, string value)
        {
            var isRemoved = options.RemovedHeaders.Contains(name, StringComparer.OrdinalIgnoreCase);
            if (!isRemoved && value.Length > 0 && !given.Any(h => Is(h, name)))
            {
                fields.Add(new RequestHeader(name, value));
            }
        }
    }

    /// <summary>Whether a Cookie field is the user's own affair.</summary>
    public bool HasCookie { get; }

    /// <summary>Whether a traceparent field is the user's own affair.</summary>
    public bool HasTraceParent { get; }

    /// <summary>Whether the user asks for a part: a 206 is an answer to that.</summary>
    public bool AsksForPart { get; }

    /// <summary>Whether the user asks for what has changed: a 304 is an answer to that.</summary>
    public bool AsksForChange { get; }

    /// <summary>Writes a GET or HEAD request for <paramref name="url"/>.</summary>
    /// <param name="buffer">Where to write; another is made when the URL is too long for it.</param>
    /// <param name="url">What to ask for.</param>
    /// <param name="isFirstOrigin">
    /// Whether the request goes where the user sent us. After a redirect to another origin it does not, and gets no credentials and no given Host.
    /// </param>
    /// <param name="more">Further fields, each with its line end, or null.</param>
    /// <param name="isHead">Whether only the header section is asked for.</param>
    /// <param name="forwarder">The proxy that the request is sent to, which has to be told the whole URL (RFC 9112, section 3.2.2), or null.</param>
    /// <returns>The request, lent like <paramref name="buffer"/>.</returns>
    public ReadOnlyMemory<byte> Write(
        byte[] buffer, HttpUrl url, bool isFirstOrigin, byte[]? more = null, bool isHead = false, ForwardProxy? forwarder = null)
    {
        var host = HostFor(url, isFirstOrigin);
        var fields = FieldsFor(isFirstOrigin);
        var authorization = AuthorizationFor(url, isFirstOrigin);
        var target = forwarder is null ? url.PathAndQuery : url.Text;
        var length = target.Length + host.Length + fields.Length + authorization.Length + (more?.Length ?? 0)
            + (forwarder?.Authorization.Length ?? 0) + 64;
        if (length > buffer.Length)
        {
            buffer = new byte[length];
        }

        var to = new SpanWriter(buffer);
        AddMethod(ref to, isHead);
        to.Add(target);
        AddVersion(ref to);
        to.Add(host);
        to.Add(fields);
        if (forwarder is not null || authorization.Length > 0 || more is not null)
        {
            to.Add(forwarder?.Authorization);
            to.Add(authorization);
            to.Add(more);
        }

        to.Add("\r\n"u8);
        return buffer.AsMemory(0, to.Written);
    }

    /// <summary>The host that a request names.</summary>
    public ReadOnlySpan<byte> HostFor(HttpUrl url, bool isFirstOrigin) => isFirstOrigin && _host is not null ? _host : url.HostHeader;

    /// <summary>The lines of the fields that all requests have in common, with a line end before each and after the last: always the same array.</summary>
    public byte[] FieldsFor(bool isFirstOrigin) => isFirstOrigin ? _fields : _fieldsWithoutSecrets;

    /// <summary>Whether there may be a line of credentials for <paramref name="url"/>.</summary>
    public bool MayAuthorize(HttpUrl url, bool isFirstOrigin) => _netrc is not null || (isFirstOrigin && !url.UserInfo.IsEmpty);

    /// <summary>The line of the credentials that <paramref name="url"/> has in it, or a file has of its host, with its line end, or nothing.</summary>
    public byte[] AuthorizationFor(HttpUrl url, bool isFirstOrigin)
    {
        if (!MayAuthorize(url, isFirstOrigin))
        {
            return [];
        }

        var own = isFirstOrigin && !_ownAuthorization ? url.UserInfo : default;
        var credentials = _netrc is null || (_isNetrcOptional && own.Contains((byte)':')) ? Credentials(own) : OfNetrc(url, own);
        return credentials.Length == 0 || (own.IsEmpty && credentials.Length == 1) ? [] : Encoding.ASCII.GetBytes($"Authorization: {Basic(credentials)}\r\n");
    }

    /// <summary>What the file has of the URL's host; with --netrc nothing else counts, but whose password is looked for may stand in the URL.</summary>
    private byte[] OfNetrc(HttpUrl url, ReadOnlySpan<byte> own)
    {
        var user = own.IsEmpty ? null : Encoding.UTF8.GetString(Credentials(own)).Split(':', 2)[0];
        return _netrc!.Find(url.HostString, user) is { } found ? Encoding.UTF8.GetBytes(found) : _isNetrcOptional ? Credentials(own) : [];
    }

    // The texts that follow are known to the compiler one by one, and copied by a few instructions.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddMethod(ref SpanWriter to, bool isHead)
    {
        if (isHead)
        {
            to.Add("HEAD "u8);
        }
        else
        {
            to.Add("GET "u8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddVersion(ref SpanWriter to)
    {
        if (_isHttp10)
        {
            to.Add(" HTTP/1.0\r\nHost: "u8);
        }
        else
        {
            to.Add(" HTTP/1.1\r\nHost: "u8);
        }
    }

    private static bool Is(RequestHeader header, string name) => name.Equals(header.Name, StringComparison.OrdinalIgnoreCase);

    private static string Basic(byte[] credentials) => "Basic " + Convert.ToBase64String(credentials);

    /// <summary>A user name without a password has an empty one, as with curl: there is always a colon (RFC 7617, section 2).</summary>
    private static byte[] Credentials(ReadOnlySpan<byte> userInfo) =>
        [.. HttpUrlText.PercentDecode(userInfo), .. userInfo.Contains((byte)':') ? ""u8 : ":"u8];

    /// <summary>The fields behind that of the host, whose line end is the first of it.</summary>
    private static byte[] Render(IEnumerable<RequestHeader> fields)
    {
        var text = new StringBuilder();
        foreach (var field in fields)
        {
            text.Append(CultureInfo.InvariantCulture, $"\r\n{field.Name}: {field.Value}");
        }

        return Encoding.UTF8.GetBytes(text.Append("\r\n").ToString());
    }

    private ref struct SpanWriter(Span<byte> to)
    {
        private readonly Span<byte> _to = to;

        public int Written { get; private set; }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_to[Written..]);
            Written += bytes.Length;
        }
    }
}
