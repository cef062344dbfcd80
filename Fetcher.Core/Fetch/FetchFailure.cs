namespace Fetcher.Core.Fetch;

/// <summary>What an exception on the way to a result means.</summary>
internal static class FetchFailure
{
    /// <summary>The run was stopped while the URL was under way (curl's CURLE_ABORTED_BY_CALLBACK).</summary>
    public static readonly FetchError Stopped = new(FetchErrorKind.Cancelled, "stopped before it was done", 42);

    /// <summary>The error that stands for <paramref name="exception"/> in the result.</summary>
    public static FetchError Of(Exception exception) => exception switch
    {
        FetchException failure => failure.Error,

        // SslStream wraps what the socket said.
        IOException { InnerException: FetchException inner } => inner.Error,
        IOException { InnerException: OperationCanceledException } or OperationCanceledException => Stopped,
        IOException broken => new FetchError(FetchErrorKind.Receive, $"the connection broke: {broken.Message.TrimEnd('.')}", 56),

        // A fault of ours, which a stranger's bytes may have found: it must not take the other URLs down with it.
        _ => new FetchError(
            FetchErrorKind.Protocol, $"fetcher failed, which is a bug in it: {exception.GetType().Name}: {exception.Message}", 1),
    };
}
