namespace Fetcher.Core;

/// <summary>A URL to fetch, and what is said of it alone. A string and a <see cref="Uri"/> are requests, too.</summary>
/// <param name="Url">The URL: http or https. Whether it is one is said by its outcome.</param>
public sealed record FetchRequest(string Url) : UrlOptions
{
    /// <summary>The URL, without user info.</summary>
    public override string ToString() => UserInfo.Remove(Url);

    /// <summary>The request of a URL.</summary>
    public static implicit operator FetchRequest(string url) => new(url);

    /// <summary>As <see cref="FromUri"/>.</summary>
    public static implicit operator FetchRequest(Uri url) => FromUri(url);

    /// <summary>The request of a URL, as it is sent: percent-encoded.</summary>
    public static FetchRequest FromUri(Uri url) => new(url.IsAbsoluteUri ? url.AbsoluteUri : url.OriginalString);
}
