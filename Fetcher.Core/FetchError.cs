namespace Fetcher.Core;

/// <summary>What went wrong, by the phase in which it did. Printed in snake case (<c>bad_url</c>, <c>http_status</c>).</summary>
public enum FetchErrorKind
{
    /// <summary>What was given is no http or https URL.</summary>
    BadUrl,

    /// <summary>The name could not be resolved.</summary>
    Dns,

    /// <summary>No connection could be made.</summary>
    Connect,

    /// <summary>The TLS handshake failed, or the certificate is not accepted.</summary>
    Tls,

    /// <summary>The request could not be sent.</summary>
    Send,

    /// <summary>The connection broke while a response was under way.</summary>
    Receive,

    /// <summary>A limit for time was reached.</summary>
    Timeout,

    /// <summary>What came is not valid HTTP.</summary>
    Protocol,

    /// <summary>More redirects than are followed.</summary>
    TooManyRedirects,

    /// <summary>A status that does not count as fetched.</summary>
    HttpStatus,

    /// <summary>The body is longer than the limit.</summary>
    TooLarge,

    /// <summary>The content coding of the body could not be undone.</summary>
    Decode,

    /// <summary>The body could not be saved, or its reader threw.</summary>
    Write,

    /// <summary>The proxy could not be used.</summary>
    Proxy,

    /// <summary>The run was stopped before it was done.</summary>
    Cancelled,

    /// <summary>robots.txt does not allow it.</summary>
    Robots,

    /// <summary>It took several workers of a shared job down, and is not tried again.</summary>
    WorkerLost,

    /// <summary>The body is not the one whose checksum was given.</summary>
    Checksum,
}

/// <summary>Why a URL was not fetched.</summary>
/// <param name="Kind">The phase or rule that failed.</param>
/// <param name="Message">One sentence for people, without secrets.</param>
/// <param name="ExitCode">The exit code curl gives for the same failure (curl(1), EXIT CODES).</param>
public sealed record FetchError(FetchErrorKind Kind, string Message, int ExitCode)
{
    /// <summary>What it speaks against. One that was made elsewhere is nobody's.</summary>
    internal FailureBlame Blame { get; init; }

    /// <summary>Whether the host says by it that it is asked too much, without a status.</summary>
    internal bool IsCongestion { get; init; }

    /// <summary>Whether it may have passed at the next attempt.</summary>
    internal bool IsTransient => Blame is FailureBlame.Passing or FailureBlame.Host;

    /// <summary>As an exception.</summary>
    /// <param name="inner">What it was found by, or null.</param>
    internal FetchException Thrown(Exception? inner = null) => new(this, inner);

    /// <summary>The kind as it stands in reports.</summary>
    public string KindName => NameOf(Kind);

    /// <summary>The report's name of <paramref name="kind"/>.</summary>
    public static string NameOf(FetchErrorKind kind) => kind switch
    {
        FetchErrorKind.BadUrl => "bad_url",
        FetchErrorKind.Dns => "dns",
        FetchErrorKind.Connect => "connect",
        FetchErrorKind.Tls => "tls",
        FetchErrorKind.Send => "send",
        FetchErrorKind.Receive => "receive",
        FetchErrorKind.Timeout => "timeout",
        FetchErrorKind.Protocol => "protocol",
        FetchErrorKind.TooManyRedirects => "too_many_redirects",
        FetchErrorKind.HttpStatus => "http_status",
        FetchErrorKind.TooLarge => "too_large",
        FetchErrorKind.Decode => "decode",
        FetchErrorKind.Write => "write",
        FetchErrorKind.Proxy => "proxy",
        FetchErrorKind.Cancelled => "cancelled",
        FetchErrorKind.Robots => "robots",
        FetchErrorKind.WorkerLost => "worker_lost",
        FetchErrorKind.Checksum => "checksum",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}

/// <summary>A failure on the way to a result. Thrown inside one URL's fetch and turned into its result at one place, <c>Fetch</c>.</summary>
internal sealed class FetchException(FetchError error, Exception? inner = null) : Exception(error.Message, inner)
{
    public FetchError Error => error;
}
