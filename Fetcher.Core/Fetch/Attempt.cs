namespace Fetcher.Core.Fetch;

/// <summary>How one attempt at a URL ended, redirects and all.</summary>
/// <param name="Error">Why it failed, or null.</param>
/// <param name="Last">What its last request came to.</param>
/// <param name="IsHeld">Whether the host asked to wait, and is left alone by everybody until then.</param>
/// <param name="IsPutOff">Whether it has served others since it last asked this transfer to wait: waiting uses up no retry.</param>
internal readonly record struct Attempt(FetchError? Error, Reply Last, bool IsHeld = false, bool IsPutOff = false)
{
    /// <summary>How long the host asked to wait, or null.</summary>
    public TimeSpan? RetryAfter => Last.RetryAfter;

    /// <summary>An attempt that was broken off because the run is being stopped, or before it began.</summary>
    public static Attempt InVain(FetchError error) => new(error, Reply.NotMade(error));
}
