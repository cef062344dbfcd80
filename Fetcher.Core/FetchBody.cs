namespace Fetcher.Core;

/// <summary>A body that is being received, and what is known of it by then.</summary>
public sealed class FetchBody
{
    internal FetchBody(FetchResult result, long? contentLength, Stream content)
    {
        (Index, Id, Status, ContentType, Attempt) = (result.Index, result.Id, result.Status, result.ContentType, result.Attempts);
        (Url, FinalUrl) = (result.Url.ToString(), result.FinalUrl.ToString());
        (ContentLength, Content) = (contentLength, content);
    }

    /// <summary>As <see cref="FetchOutcome.Index"/> of its outcome.</summary>
    public long Index { get; }

    /// <summary>The name that the URL was given, or null.</summary>
    public UrlId? Id { get; }

    /// <summary>The URL as given, without user info.</summary>
    public string Url { get; }

    /// <summary>The URL that answered, after redirects.</summary>
    public string FinalUrl { get; }

    /// <summary>The status code, which is one of those that are accepted.</summary>
    public int Status { get; }

    /// <summary>The Content-Type field, or null.</summary>
    public string? ContentType { get; }

    /// <summary>Bytes that are to come, or null when the server does not say, or sends them in a coding that is undone.</summary>
    public long? ContentLength { get; }

    /// <summary>Which attempt at the URL this is, from 1. A body that breaks off comes again, from its beginning, when it is tried again.</summary>
    public int Attempt { get; }

    /// <summary>
    /// The body, with its content coding undone. Reading it is what makes the server send: what is not read waits, up to 64 KiB of it here. A body that
    /// breaks off ends in an <see cref="IOException"/>.
    /// </summary>
    public Stream Content { get; }
}
