namespace Fetcher.Core.Http;

/// <summary>Resolves references, as Location fields hold them, against a base URL (RFC 3986, section 5.2).</summary>
internal static class HttpUrlReference
{
    /// <summary>
    /// The absolute URL that <paramref name="reference"/> means. Its dot segments are still in it. Allocates: redirects are rare.
    /// </summary>
    public static ReadOnlySpan<byte> Resolve(HttpUrl baseUrl, ReadOnlySpan<byte> reference)
    {
        if (HttpUrlText.SchemeLength(reference) > 0)
        {
            return reference;
        }

        if (reference.StartsWith("//"u8))
        {
            return (byte[])[.. baseUrl.IsHttps ? "https:"u8 : "http:"u8, .. reference];
        }

        var target = baseUrl.PathAndQuery;
        var query = target.IndexOf((byte)'?');
        var path = query < 0 ? target : target[..query];
        var kept = reference.IsEmpty || reference[0] == '#' ? target
            : reference[0] == '?' ? path
            : reference[0] == '/' ? default
            : path[..(path.LastIndexOf((byte)'/') + 1)];
        var scheme = baseUrl.IsHttps ? "https://"u8 : "http://"u8;
        return baseUrl.UserInfo.IsEmpty
            ? (byte[])[.. baseUrl.Origin, .. kept, .. reference]
            : (byte[])[.. scheme, .. baseUrl.UserInfo, (byte)'@', .. baseUrl.HostHeader, .. kept, .. reference];
    }
}
