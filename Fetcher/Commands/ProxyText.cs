using System.Text;
using Fetcher.Core;
using Fetcher.Core.Http;

namespace Fetcher.Commands;

/// <summary>
/// Reads the address of a proxy as curl does: <c>[scheme://][user:password@]host[:port]</c>. No scheme is http; the port is 1080 by default, 443 for an
/// https proxy. No message repeats the text, since a password may be in it.
/// </summary>
internal static class ProxyText
{
    private const int DefaultPort = 1080, DefaultHttpsPort = 443;

    /// <exception cref="FormatException">It is no address of a proxy.</exception>
    public static ProxyAddress Parse(string text)
    {
        var schemeEnd = text.IndexOf("://", StringComparison.Ordinal);
        var scheme = schemeEnd < 0 ? ProxyScheme.Http : Scheme(text[..schemeEnd]);
        var rest = schemeEnd < 0 ? text : text[(schemeEnd + 3)..];
        var end = rest.IndexOfAny(['/', '?', '#']);
        rest = end < 0 ? rest : rest[..end];
        var at = rest.LastIndexOf('@');
        var authority = Encoding.UTF8.GetBytes(rest[(at + 1)..]);
        if (!HttpUrlHost.TrySplitPort(authority, out var host, out var port, out var reason))
        {
            throw Wrong(reason);
        }

        var name = new byte[Math.Max(host.Length, HttpUrlHost.MaxLength + 1)];
        var length = HttpUrlHost.Write(host, name, out reason);
        if (reason is not null)
        {
            throw Wrong(reason);
        }

        var credentials = at < 0 ? null : Credentials(rest[..at]);
        return new ProxyAddress(
            scheme,
            Encoding.ASCII.GetString(name, 0, length).Trim('[', ']'),
            port > 0 ? port : scheme == ProxyScheme.Https ? DefaultHttpsPort : DefaultPort,
            credentials is null ? null : Encoding.UTF8.GetString(credentials))
        {
            RawCredentials = credentials,
        };
    }

    /// <summary>The bytes that the text stands for. A user name without a password has an empty one.</summary>
    private static byte[] Credentials(string userInfo) =>
        [.. HttpUrlText.PercentDecode(Encoding.UTF8.GetBytes(userInfo)), .. userInfo.Contains(':', StringComparison.Ordinal) ? ""u8 : ":"u8];

    private static ProxyScheme Scheme(string text) => text.ToLowerInvariant() switch
    {
        "http" => ProxyScheme.Http,
        "https" => ProxyScheme.Https,
        "socks5" => ProxyScheme.Socks5,
        "socks5h" => ProxyScheme.Socks5h,
        _ => throw new FormatException("the scheme of a proxy is http, https, socks5 or socks5h"),
    };

    private static FormatException Wrong(string? reason) => new($"it is no address of a proxy like http://host:3128: {reason}");
}
