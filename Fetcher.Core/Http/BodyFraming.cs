namespace Fetcher.Core.Http;

/// <summary>How the end of a response's body is known (RFC 9112, section 6.3).</summary>
internal enum BodyFraming
{
    /// <summary>No body: HEAD, 1xx, 204, 304.</summary>
    None,
    ContentLength,
    Chunked,

    /// <summary>The body ends where the connection does.</summary>
    CloseDelimited,
}
