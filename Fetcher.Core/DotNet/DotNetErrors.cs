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
            if (inner is FetchException ours)
            {
                return ours;
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

    private static HttpRequestError KindOf(Exception e) => e switch
    {
        HttpRequestException request => request.HttpRequestError,
        HttpIOException body => body.HttpRequestError,
        _ => HttpRequestError.Unknown,
    };
}
