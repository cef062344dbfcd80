using System.Net;

namespace Fetcher.Core.Http.Cookies;

/// <summary>A cookie as it is kept (RFC 6265, section 5.3). Text is bytes as Latin-1.</summary>
/// <param name="Name">Its name, not empty.</param>
/// <param name="Value">Its value, with any quotes.</param>
/// <param name="Domain">In lowercase, without a dot before it.</param>
/// <param name="IsHostOnly">Whether it goes to that host alone, and not to those below it.</param>
/// <param name="Path">Begins with a slash.</param>
/// <param name="IsSecure">Whether it goes over https alone.</param>
/// <param name="IsHttpOnly">Whether scripts must not see it; here it is only kept.</param>
/// <param name="Expires">When it ends; null for the end of the session.</param>
internal sealed record Cookie(
    string Name, string Value, string Domain, bool IsHostOnly, string Path, bool IsSecure, bool IsHttpOnly, DateTimeOffset? Expires)
{
    /// <summary>The jar's own: its age among all.</summary>
    public long Number { get; init; }

    /// <summary>Whether <paramref name="other"/> takes the place of this one (section 5.3, step 11).</summary>
    public bool IsReplacedBy(Cookie other) => (Name, Domain, IsHostOnly, Path) == (other.Name, other.Domain, other.IsHostOnly, other.Path);

    /// <summary>Whether it is sent with a request for <paramref name="path"/> of <paramref name="host"/> (section 5.4).</summary>
    public bool IsFor(string host, string path, bool isHttps, DateTimeOffset now) =>
        (!IsSecure || isHttps)
        && (Expires is not { } end || end > now)
        && (IsHostOnly ? host == Domain : Covers(Domain, host))
        && (path == Path || (path.StartsWith(Path, StringComparison.Ordinal) && (Path[^1] == '/' || path[Path.Length] == '/')));

    /// <summary>Whether <paramref name="host"/> is <paramref name="domain"/> or lies below it (section 5.1.3). Nothing lies below an address.</summary>
    public static bool Covers(string domain, string host) =>
        host == domain || (host.EndsWith("." + domain, StringComparison.Ordinal) && !IPAddress.TryParse(host, out _));
}
