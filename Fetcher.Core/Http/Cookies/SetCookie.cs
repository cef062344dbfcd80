using System.Globalization;
using System.Text;

namespace Fetcher.Core.Http.Cookies;

/// <summary>
/// Reads a Set-Cookie field as user agents do (RFC 6265, section 5.2), with what the draft of its successor adds: the prefixes of names, and that no
/// plain http response sets a cookie for https.
/// </summary>
internal static class SetCookie
{
    /// <summary>Longest name and value together, in bytes.</summary>
    public const int MostBytes = 4096;

    /// <summary>The cookie that a response sets.</summary>
    /// <param name="field">The field's value.</param>
    /// <param name="url">Who answered.</param>
    /// <param name="now">What a Max-Age counts from.</param>
    /// <param name="suffixes">Domains that are nobody's to set cookies for, or null.</param>
    /// <returns>Null when it is none, or none that this host may set. One that has expired takes another's place and is then dropped.</returns>
    public static Cookie? Parse(ReadOnlySpan<byte> field, HttpUrl url, DateTimeOffset now, PublicSuffixes? suffixes = null)
    {
        var parts = Encoding.Latin1.GetString(field).Split(';');
        var equals = parts[0].IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
        {
            return null;
        }

        var (name, value) = (Trim(parts[0][..equals]), Trim(parts[0][(equals + 1)..]));
        if (name.Length == 0 || name.Length + value.Length > MostBytes || (name + value).AsSpan().IndexOfAnyInRange('\0', '\x1f') >= 0)
        {
            return null;
        }

        var host = url.HostString;
        var cookie = new Cookie(name, value, host, IsHostOnly: true, DefaultPath(url.PathAndQuery), IsSecure: false, IsHttpOnly: false, Expires: null);
        DateTimeOffset? endOfAge = null;
        string? domain = null;
        foreach (var part in parts.AsSpan(1))
        {
            var sign = part.IndexOf('=', StringComparison.Ordinal);
            var (key, text) = sign < 0 ? (Trim(part), "") : (Trim(part[..sign]), Trim(part[(sign + 1)..]));
            switch (key.ToLowerInvariant())
            {
                case "expires" when CookieDate.TryParse(text, out var date):
                    cookie = cookie with { Expires = date };
                    break;
                case "max-age" when TryAge(text, now, out var end):
                    endOfAge = end;
                    break;
                case "domain" when text.TrimStart('.').Length > 0:
                    domain = (text[0] == '.' ? text[1..] : text).ToLowerInvariant();
                    break;
                case "path":
                    cookie = cookie with { Path = text.StartsWith('/') ? text : DefaultPath(url.PathAndQuery) };
                    break;
                case "secure":
                    cookie = cookie with { IsSecure = true };
                    break;
                case "httponly":
                    cookie = cookie with { IsHttpOnly = true };
                    break;
                default:
                    break;
            }
        }

        cookie = cookie with { Expires = endOfAge ?? cookie.Expires };
        return WithDomain(cookie, domain, host, suffixes) is { } whole && MaySet(whole, url) ? whole : null;
    }

    /// <summary>
    /// Gives the cookie its domain, which the host must be in. A domain without a dot is a top-level one, and nobody's to set cookies for, as others in a list
    /// are; a host that is one itself keeps its cookies to itself (section 5.3, step 5).
    /// </summary>
    private static Cookie? WithDomain(Cookie cookie, string? domain, string host, PublicSuffixes? suffixes) =>
        domain is null || (domain == host && IsPublic(domain, suffixes)) ? cookie
        : !Cookie.Covers(domain, host) || IsPublic(domain, suffixes) ? null
        : cookie with { Domain = domain, IsHostOnly = host == domain && System.Net.IPAddress.TryParse(host, out _) };

    private static bool IsPublic(string domain, PublicSuffixes? suffixes) =>
        !domain.Contains('.', StringComparison.Ordinal) || suffixes?.Contains(domain) == true;

    private static bool MaySet(Cookie cookie, HttpUrl url)
    {
        if (cookie.IsSecure && !url.IsHttps)
        {
            return false;
        }

        return KeepsPrefix(cookie);
    }

    /// <summary>Whether the cookie is what the prefix of its name promises.</summary>
    public static bool KeepsPrefix(Cookie cookie) =>
        cookie.Name.StartsWith("__Host-", StringComparison.OrdinalIgnoreCase) ? cookie is { IsSecure: true, IsHostOnly: true, Path: "/" }
            : !cookie.Name.StartsWith("__Secure-", StringComparison.OrdinalIgnoreCase) || cookie.IsSecure;

    private static bool TryAge(string text, DateTimeOffset now, out DateTimeOffset end)
    {
        end = DateTimeOffset.MinValue;
        if (!(text.TrimStart('-') is { Length: > 0 } digits && digits.All(char.IsAsciiDigit) && text.Length - digits.Length <= 1))
        {
            return false;
        }

        if (text[0] != '-' && text.Any(digit => digit != '0'))
        {
            // Longer than that is for ever.
            var age = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : long.MaxValue;
            end = age < (DateTimeOffset.MaxValue - now).TotalSeconds - 1 ? now.AddSeconds(age) : DateTimeOffset.MaxValue;
        }

        return true;
    }

    /// <summary>The folder of the path that answered (section 5.1.4).</summary>
    private static string DefaultPath(ReadOnlySpan<byte> pathAndQuery)
    {
        var query = pathAndQuery.IndexOf((byte)'?');
        var path = query < 0 ? pathAndQuery : pathAndQuery[..query];
        var slash = path.LastIndexOf((byte)'/');
        return slash <= 0 ? "/" : Encoding.Latin1.GetString(path[..slash]);
    }

    private static string Trim(string text) => text.Trim(' ', '\t');
}
