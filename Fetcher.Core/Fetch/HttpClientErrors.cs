namespace Fetcher.Core.Fetch;

/// <summary>What the exceptions of .NET's own client mean in our terms.</summary>
internal static class HttpClientErrors
{
    /// <summary>The failure of an exchange.</summary>
    /// <param name="e">What the client, or the stream of a body, threw.</param>
    /// <param name="hasFirstByte">Whether the response had begun.</param>
    /// <param name="isBody">Whether the header section had been read.</param>
    public static FetchException Explain(Exception e, bool hasFirstByte, bool isBody)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is FetchException ours)
            {
                return ours;
            }
        }

        var why = e.GetBaseException().Message.TrimEnd('.');
        return KindOf(e) switch
        {
            HttpRequestError.ResponseEnded when isBody =>
                new FetchException(FetchErrorKind.Receive, "the server closed the connection before the end of the body", 18, e),
            HttpRequestError.ResponseEnded when hasFirstByte =>
                new FetchException(FetchErrorKind.Receive, "the server closed the connection within the header section", 56, e),
            HttpRequestError.ResponseEnded =>
                new FetchException(FetchErrorKind.Receive, "the server closed the connection without an answer", 52, e),
            HttpRequestError.InvalidResponse when isBody =>
                new FetchException(FetchErrorKind.Protocol, $"the body is not valid: {why}", 56, e),
            HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded =>
                new FetchException(FetchErrorKind.Protocol, $"the response is not valid HTTP/1.1: {why}", 8, e),
            _ => new FetchException(FetchErrorKind.Receive, $"the connection broke: {why}", 56, e),
        };
    }

    private static HttpRequestError KindOf(Exception e) => e switch
    {
        HttpRequestException request => request.HttpRequestError,
        HttpIOException body => body.HttpRequestError,
        _ => HttpRequestError.Unknown,
    };
}
