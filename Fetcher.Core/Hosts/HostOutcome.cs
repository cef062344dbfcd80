namespace Fetcher.Core.Hosts;

/// <summary>What a request says about the host that was asked.</summary>
internal enum HostVerdict
{
    /// <summary>Nothing: it was stopped, say, or TLS failed.</summary>
    Unclear,

    /// <summary>The host is there.</summary>
    Answered,

    /// <summary>The host is not there, or something in front of it says so.</summary>
    Failed,
}

/// <summary>How a request ended, as far as it concerns the host that was asked.</summary>
/// <param name="Verdict">What it says.</param>
/// <param name="Failure">Why the host counts as failed; else null.</param>
internal readonly record struct HostOutcome(HostVerdict Verdict, FetchError? Failure = null)
{
    /// <summary>
    /// What a request says about its host rather than about its URL: a host that did not answer at all has failed, and so has one for which a proxy or load
    /// balancer answers 502, 503 or 504 (RFC 9110, section 15.6). One that asks for a pause is alive.
    /// </summary>
    /// <param name="error">Why the request failed, or null.</param>
    /// <param name="status">The response's status, or 0: there was none.</param>
    /// <param name="asksForPause">Whether the response has a Retry-After.</param>
    public static HostOutcome Of(FetchError? error, int status, bool asksForPause) => (status, error?.Kind) switch
    {
        (502 or 503 or 504, FetchErrorKind.HttpStatus) when !asksForPause => new(HostVerdict.Failed, error),
        ( > 0, _) => new(HostVerdict.Answered),
        _ when error?.Blame == FailureBlame.Host => new(HostVerdict.Failed, error),
        _ => default,
    };
}
