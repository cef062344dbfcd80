namespace Fetcher.Core.DotNet;

/// <summary>What the exceptions of .NET's own client mean in our terms.</summary>
internal static class DotNetErrors
{
    /// <summary>The failure of an exchange.</summary>
    /// <param name="e">What the client, or the stream of a body, threw.</param>
    /// <param name="hasFirstByte">Whether the response had begun.</param>
    /// <param name="isBody">Whether the header section had been read.</param>
    public static FetchException Explain(Exception e, bool hasFirstByte, bool isBody)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case FetchException ours:
                    return ours;
                case IOException when Failures.IsRenegotiation(inner):
                    return Failures.Renegotiated.Of().Thrown(e);
                case HttpProtocolException http2:
                    return Explain(http2).Thrown(e);
            }
        }

        var why = e.GetBaseException().Message.TrimEnd('.');
        return KindOf(e) switch
        {
            HttpRequestError.ResponseEnded when isBody =>
                Failures.BodyCut.Of("before the end of the body").Thrown(e),
            HttpRequestError.ResponseEnded when hasFirstByte =>
                Failures.HeadCut.Of().Thrown(e),
            HttpRequestError.ResponseEnded =>
                Failures.NoAnswer.Of().Thrown(e),
            HttpRequestError.InvalidResponse when isBody =>
                Failures.BodyInvalid.Of(why).Thrown(e),
            HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded =>
                Failures.HeadInvalid.Of(why).Thrown(e),
            _ => Failures.Broken.Of(why).Thrown(e),
        };
    }

    /// <summary>Whether the server has ended an HTTP/2 connection in order.</summary>
    public static bool IsGoodbye(HttpRequestException e) => e.InnerException is HttpProtocolException { ErrorCode: 0 } ended && IsEnd(ended);

    /// <summary>Whether the server has not processed a request of HTTP/2 (REFUSED_STREAM; RFC 9113, section 8.7).</summary>
    public static bool IsRefusal(Exception e)
    {
        const int RefusedStream = 7;
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is HttpProtocolException { ErrorCode: RefusedStream } refusal)
            {
                return IsReset(refusal);
            }
        }

        return false;
    }

    /// <summary>What broke HTTP/2. Which of three it was, the server's RST_STREAM or GOAWAY or what we found wrong, is told by the text alone.</summary>
    private static FetchError Explain(HttpProtocolException e)
    {
        var code = (uint)e.ErrorCode;
        return IsReset(e) ? Failures.OfStreamReset(code)
            : IsEnd(e) ? Failures.OfGoAway(code)
            : Failures.Http2Invalid.Of(Failures.Http2ErrorName(code));
    }

    private static bool IsReset(HttpProtocolException e) => e.Message.Contains("reset the stream", StringComparison.Ordinal);

    private static bool IsEnd(HttpProtocolException e) => e.Message.Contains("closed the connection", StringComparison.Ordinal);

    private static HttpRequestError KindOf(Exception e) => e switch
    {
        HttpRequestException request => request.HttpRequestError,
        HttpIOException body => body.HttpRequestError,
        _ => HttpRequestError.Unknown,
    };
}
