namespace Fetcher.Core;

/// <summary>The user name and password in a URL (RFC 3986, section 3.2.1), which nothing prints.</summary>
internal static class UserInfo
{
    /// <summary>
    /// The text without whatever stands before an @ where a host would be. What is no URL may have a password in it too, so it need not be one, nor begin
    /// with a scheme.
    /// </summary>
    public static string Remove(string url)
    {
        var authority = url.IndexOf("://", StringComparison.Ordinal) is var scheme and >= 0 ? scheme + 3 : 0;
        var end = url.AsSpan(authority).IndexOfAny('/', '?', '#');
        var at = (end < 0 ? url.AsSpan(authority) : url.AsSpan(authority, end)).LastIndexOf('@');
        return at < 0 ? url : url.Remove(authority, at + 1);
    }
}
