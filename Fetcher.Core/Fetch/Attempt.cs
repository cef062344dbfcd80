namespace Fetcher.Core.Fetch;

/// <summary>An attempt at a URL that has ended, redirects and all, and what it means for the next.</summary>
/// <param name="Last">What its last request came to; a status that does not count as fetched is an error here.</param>
/// <param name="IsHeld">Whether the host asked to wait, and is left alone by everybody until then.</param>
/// <param name="IsPutOff">Whether it has served others since it last asked this transfer to wait: waiting uses up no retry.</param>
internal readonly record struct Attempt(Reply Last, bool IsHeld = false, bool IsPutOff = false)
{
    /// <summary>Why it failed, or null.</summary>
    public FetchError? Error => Last.Error;

    /// <summary>How long the host asked to wait, or null.</summary>
    public TimeSpan? RetryAfter => Last.RetryAfter;
}
