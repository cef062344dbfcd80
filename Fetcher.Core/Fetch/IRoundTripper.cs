using Fetcher.Core.Loop;

namespace Fetcher.Core.Fetch;

/// <summary>
/// One request and its response: what stands between a URL's story (redirects, retries, its result) and the way bytes travel. HTTP/1.1 over raw sockets
/// is one, .NET's own client another.
/// </summary>
internal interface IRoundTripper
{
    /// <summary>
    /// Asks for <see cref="Transfer.Current"/>. Fills in the result's status, sizes, times and peer; gives the body to <see cref="Transfer.Body"/>, or
    /// drops it and sets <see cref="Transfer.Location"/> when the response is a redirect to be followed.
    /// </summary>
    /// <exception cref="FetchException">The exchange failed.</exception>
    /// <exception cref="OperationCanceledException">The run is being stopped.</exception>
    LoopTask RoundTripAsync(Transfer transfer);
}
