using static Fetcher.Core.FailureBlame;
using static Fetcher.Core.FetchErrorKind;

namespace Fetcher.Core;

/// <summary>
/// Every way in which a URL can fail: each sentence and each of curl's exit codes stands here and nowhere else, and docs/failures.md is made of it.
/// </summary>
internal static class Failures
{
    // The line and the URL.
    public static readonly Failure BadUrl = new(FetchErrorKind.BadUrl, 3, Final, "{0}{1}", "Correct the line that the message names.");
    public static readonly Failure NotForDotNet = new(
        FetchErrorKind.BadUrl, 3, Final, "the URL is none that .NET's client takes", "Use another mode than httpclient for it.");
    public static readonly Failure RedirectNotFollowed = new(
        Protocol, 1, Request, "the redirect cannot be followed: {0}", "The server's Location field is wrong; --no-location shows the response itself.");
    public static readonly Failure TooManyRedirects = new(
        FetchErrorKind.TooManyRedirects, 47, Request, "more than {0} redirects", "Raise --max-redirs, unless the redirects go round in a circle.");
    public static readonly Failure Disallowed = new(
        Robots, 9, Final, "robots.txt of {0} does not allow it", "Respect it; without --robots nobody asks.");
    public static readonly Failure DisallowedUnread = new(
        Robots, 9, Final, "robots.txt of {0} could not be had: {1}, so nothing of it is fetched", "Try again when the host can be reached (RFC 9309, section 2.3.1.4).");
    public static readonly Failure RobotsUnread = new(
        Robots, 9, Passing, "robots.txt of {0} could not be had: {1}", "Try again when the host can be reached.");

    // Connecting.
    public static readonly Failure NotResolved = new(Dns, 6, Host, "could not resolve host {0}: {1}", "Check the name, and the machine's resolver.");
    public static readonly Failure NoSuchAddress = new(Connect, 7, Host, "{0} is no {1}", "Leave out -4 or -6 for this host.");
    public static readonly Failure NotConnected = new(
        Connect, 7, Host, "could not connect to {0}: {1}", "The host is down, or a firewall stands in between; check the port.");
    public static readonly Failure NoRoom = new(
        Connect, 7, Passing, "could not connect to {0}: {1}", "Raise the limit of open files (ulimit -n), or lower --concurrency.");
    public static readonly Failure NotBound = new(
        Connect, 45, Request, "connections cannot begin at {0}: {1}", "Name an address or a network device of this machine in --interface.");
    public static readonly Failure LookUpSlow = new(
        FetchErrorKind.Timeout, 28, Host, "looking up {0} took too long", "Check the machine's resolver, or raise --connect-timeout.");
    public static readonly Failure ConnectSlow = new(
        FetchErrorKind.Timeout, 28, Host, "connecting to {0} took too long", "The host is down or far away; raise --connect-timeout.");
    public static readonly Failure HandshakeSlow = new(
        FetchErrorKind.Timeout, 28, Host, "the TLS handshake with {0} took too long", "Raise --connect-timeout.");
    public static readonly Failure ProxySlow = new(
        FetchErrorKind.Timeout, 28, Passing, "the handshake with the proxy {0} took too long", "Check that the proxy runs, or raise --connect-timeout.");
    public static readonly Failure TrustSlow = new(
        FetchErrorKind.Timeout, 28, Passing, "reading the system's trusted certificates took too long", "Raise --connect-timeout, or name the authority with --cacert.");
    public static readonly Failure CertificateRefused = new(
        Tls, 60, Request, "the certificate of {0} is not accepted: {1}", "Name its authority with --cacert, or accept any certificate with -k.");
    public static readonly Failure HandshakeFailed = new(
        Tls, 35, Request, "the TLS handshake with {0} failed: {1}", "Check --tls-min and --tls-max, and whether the port speaks TLS.");
    public static readonly Failure ProxyFailed = new(
        Proxy, 56, Passing, "the proxy {0} could not be used: {1}", "Check the proxy's address, and that it runs.");
    public static readonly Failure ProxyRefused = ProxyFailed with { ExitCode = 60, Blame = Request, Advice = "Name the proxy's authority with --proxy-cacert." };
    public static readonly Failure ProxyNotResolved = ProxyFailed with { ExitCode = 5 };
    public static readonly Failure SocksFailed = ProxyFailed with { ExitCode = 97 };
    public static readonly Failure SocksRefused = new(
        Proxy, 97, Request, "the SOCKS proxy could not be used: {0}", "Check the proxy's user name and password, and what it allows.");
    public static readonly Failure TunnelRefused = new(
        Proxy, 56, Request, "the HTTP proxy could not be used: {0}", "Check the proxy's user name and password, and what it allows.");
    public static readonly Failure TunnelFailed = TunnelRefused with { Blame = Passing, Advice = "Check the proxy; try again later." };

    // Sending and receiving.
    public static readonly Failure NotSent = new(Send, 55, Host, "sending failed: {0}", "The connection broke; try again.");
    public static readonly Failure NotReceived = new(Receive, 56, Host, "receiving failed: {0}", "The connection broke; try again.");
    public static readonly Failure Broken = new(Receive, 56, Host, "the connection broke: {0}", "The connection broke; try again.");
    public static readonly Failure Renegotiated = new(
        Receive, 56, Response, "the server wanted to renegotiate TLS, which is refused", "Ask the server's owner; TLS 1.3 has no renegotiation (--tls-min 1.3).");
    public static readonly Failure NoAnswer = new(
        Receive, 52, Host, "the server closed the connection without an answer", "The server is overloaded or restarts; try again.");
    public static readonly Failure HeadCut = new(
        Receive, 56, Host, "the server closed the connection within the header section", "The server failed while it answered; try again.");
    public static readonly Failure BodyCut = new(
        Receive, 18, Host, "the server closed the connection {0}", "The body is not whole; try again, with -C from where it broke off.");
    public static readonly Failure NotContinued = new(
        Receive, 33, Host, "the server would not continue the body", "Fetch it again from its beginning.");
    public static readonly Failure Silence = new(
        FetchErrorKind.Timeout, 28, Host, "nothing could be {0} for {1:0.###} s", "The server is slow; raise --read-timeout.");
    public static readonly Failure TooSlow = new(
        FetchErrorKind.Timeout, 28, Host, "fewer than {0} bytes/s came for {1:0.###} s", "The server is slow; lower --speed-limit, or raise --speed-time.");
    public static readonly Failure HeadInvalid = new(
        Protocol, 8, Response, "the response is not valid HTTP/1.1: {0}", "The server, or something on the way, breaks the protocol.");
    public static readonly Failure Http2Invalid = new(
        Protocol, 16, Response, "the response is not valid HTTP/2: {0}", "The server, or something on the way, breaks the protocol; try --http1.1.");
    public static readonly Failure Http2NotSpoken = new(
        Protocol, 16, Request, "{0} does not speak HTTP/2", "Leave out --http2-prior-knowledge.");
    public static readonly Failure Http2Ended = new(
        Receive, 16, Host, "the server ended the HTTP/2 connection: {0}", "The server is overloaded or restarts; try again.");
    public static readonly Failure StreamReset = new(
        Receive, 92, Response, "the HTTP/2 stream was not closed cleanly: {0}", "Ask the server's owner, or try --http1.1.");
    public static readonly Failure StreamResetNow = StreamReset with { Blame = Passing, Advice = "The server is busy or broken for now; try again later." };
    public static readonly Failure TooManyInterim = new(
        Protocol, 8, Response, "more than {0} interim (1xx) responses", "The server breaks the protocol.");
    public static readonly Failure ChunksInvalid = new(
        Protocol, 56, Response, "the body is not valid chunked coding: {0}", "The server, or something on the way, breaks the protocol.");
    public static readonly Failure BodyInvalid = new(
        Protocol, 56, Response, "the body is not valid: {0}", "The server, or something on the way, breaks the protocol.");
    public static readonly Failure NoStream = new(
        FetchErrorKind.Timeout, 28, Passing, "the server allowed no further stream in time", "The server is busy; raise --connect-timeout.");
    public static readonly Failure PartUnasked = new(
        Protocol, 18, Response, "the server sent a part of the body (206), though the whole was asked for", "Ask the server's owner; a cache may be at fault.");
    public static readonly Failure NotAccepted = new(
        HttpStatus, 22, Response, "the server answered {0}", "Ask the server's owner; --accept-status says which statuses count as fetched.");
    public static readonly Failure NotAcceptedNow = NotAccepted with { Blame = Passing, Advice = "The server is busy or broken for now; try again later." };

    // The body.
    public static readonly Failure BodyTooLong = new(TooLarge, 63, Request, "the body is longer than {0} bytes", "Raise --max-filesize.");
    public static readonly Failure TextTooLong = new(TooLarge, 63, Request, "no more than {0} bytes of it are read", "It is too long to be what it should be.");
    public static readonly Failure NotDecoded = new(
        Decode, 61, Response, "the body could not be decoded: {0}", "The server sends what it does not say; leave out --compressed.");
    public static readonly Failure CodingUnknown = new(
        Decode, 61, Response, "the body has a content coding that was not asked for", "Leave out --compressed to get the body as it is sent.");
    public static readonly Failure ChecksumWrong = new(
        Checksum, 8, Response, "the body has the SHA-256 {0}, and the list says {1}", "The file has changed, or something on the way changed it; correct the list.");
    public static readonly Failure NotSaved = new(Write, 23, Request, "the body could not be saved: {0}", "Check the disk.");
    public static readonly Failure NotWritable = new(Write, 23, Request, "{0} cannot be written: {1}", "Check the folder, its rights and the disk.");
    public static readonly Failure NoNameLeft = new(Write, 23, Request, "there is no name left for the folder {0}", "Choose another --output-template.");
    public static readonly Failure PartShrank = new(Write, 23, Request, "the unfinished body became shorter", "Another program writes to the folder.");
    public static readonly Failure DiskSlow = new(
        FetchErrorKind.Timeout, 28, Passing, "the disk did not take the body in time", "The disk is slow; raise --max-time.");
    public static readonly Failure ReaderFailed = new(Write, 23, Request, "the body's reader failed: {0}: {1}", "See the exception of the program's reader.");
    public static readonly Failure ReaderSlow = new(
        FetchErrorKind.Timeout, 28, Passing, "the body's reader did not take it in time", "Raise MaxTime, or read faster.");

    // The whole transfer, and the run.
    public static readonly Failure TimeOver = new(
        FetchErrorKind.Timeout, 28, Host, "the time for the whole URL is over", "Raise --max-time.");
    public static readonly Failure TimeOverAfter = TimeOver with { Text = "the time for the whole URL is over; before: {0}" };
    public static readonly Failure TimeOverBefore = TimeOver with { Text = "the time for the whole URL was over before {0}", Blame = Passing };
    public static readonly Failure Stopped = new(Cancelled, 42, Final, "stopped before it was done", "Run it again; with --journal it goes on from there.");
    public static readonly Failure WorkerLost = new(
        FetchErrorKind.WorkerLost,
        42,
        Final,
        "not tried again: {0} workers of the queue have died with it in hand",
        "Fetch it alone, and see what it does to fetcher: memory, a crash.");
    public static readonly Failure Bug = new(
        Protocol, 1, Request, "fetcher failed, which is a bug in it: {0}: {1}", "Report it, with the URL and the options.");

    /// <summary>All of them, in the order of the phases of a transfer.</summary>
    public static IReadOnlyList<Failure> All { get; } =
    [
        BadUrl, NotForDotNet, RedirectNotFollowed, TooManyRedirects, Disallowed, DisallowedUnread, RobotsUnread,
        NotResolved, NoSuchAddress, NotConnected, NoRoom, NotBound, LookUpSlow, ConnectSlow, HandshakeSlow, ProxySlow, TrustSlow,
        CertificateRefused, HandshakeFailed, ProxyFailed, ProxyRefused, ProxyNotResolved, SocksFailed, SocksRefused, TunnelRefused,
        TunnelFailed,
        NotSent, NotReceived, Broken, Renegotiated, NoAnswer, HeadCut, BodyCut, NotContinued, Silence, TooSlow,
        HeadInvalid, Http2Invalid, Http2NotSpoken, Http2Ended, StreamReset, StreamResetNow, NoStream, TooManyInterim, ChunksInvalid, BodyInvalid, PartUnasked, NotAccepted, NotAcceptedNow,
        BodyTooLong, TextTooLong, NotDecoded, CodingUnknown, ChecksumWrong, NotSaved, NotWritable, NoNameLeft, PartShrank, DiskSlow, ReaderFailed, ReaderSlow,
        TimeOver, TimeOverAfter, TimeOverBefore, Stopped, WorkerLost, Bug,
    ];

    /// <summary>The error code of HTTP/2 by which a server says that it is asked too much (RFC 9113, section 7).</summary>
    private const int EnhanceYourCalm = 11;

    /// <summary>A stream that the server has reset. What it did by its own fault, or for want of room, may have passed at the next attempt.</summary>
    /// <param name="code">Its error code (RFC 9113, section 7).</param>
    public static FetchError OfStreamReset(uint code)
    {
        const int InternalError = 2, RefusedStream = 7, Cancel = 8;
        var failure = code is InternalError or RefusedStream or Cancel or EnhanceYourCalm ? StreamResetNow : StreamReset;
        return failure.Of(Http2ErrorName(code)) with { IsCongestion = code == EnhanceYourCalm };
    }

    /// <summary>A connection of HTTP/2 that the server has ended.</summary>
    /// <param name="code">Its error code (RFC 9113, section 7).</param>
    public static FetchError OfGoAway(uint code) => Http2Ended.Of(Http2ErrorName(code)) with { IsCongestion = code == EnhanceYourCalm };

    /// <summary>An error code of HTTP/2 as curl writes it, like <c>INTERNAL_ERROR (err 2)</c>.</summary>
    /// <param name="code">The code (RFC 9113, section 7).</param>
    public static string Http2ErrorName(uint code)
    {
        string[] names =
        [
            "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR",
            "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
        ];
        return $"{(code < names.Length ? names[code] : "an unknown error")} (err {code})";
    }

    /// <summary>A status that does not count as fetched.</summary>
    /// <param name="status">The status.</param>
    /// <param name="transient">Those that may be another next time; null for the usual ones.</param>
    public static FetchError OfStatus(int status, StatusSet? transient = null) =>
        ((transient ?? StatusSet.Transient).Contains(status) ? NotAcceptedNow : NotAccepted).Of(status);

    /// <summary>A URL that was not tried, since all that was tried at its host failed; otherwise as <paramref name="last"/>.</summary>
    /// <param name="host">The host.</param>
    /// <param name="failures">How many failed in a row.</param>
    /// <param name="last">The last of them.</param>
    public static FetchError OfOpenCircuit(string host, int failures, FetchError last) => last with
    {
        Message = $"not tried: the circuit of {host} is open after {failures} failures in a row; the last: {last.Message}",
        Blame = Final,
    };

    /// <summary>The failure that <paramref name="exception"/> stands for.</summary>
    public static FetchError Of(Exception exception) => exception switch
    {
        FetchException failure => failure.Error,

        // SslStream wraps what the socket said.
        IOException { InnerException: FetchException inner } => inner.Error,
        IOException { InnerException: OperationCanceledException } or OperationCanceledException => Stopped.Of(),
        IOException refused when IsRenegotiation(refused) => Renegotiated.Of(),
        IOException broken => Broken.Of(broken.Message.TrimEnd('.')),

        // A fault of ours, which a stranger's bytes may have found: it must not take the other URLs down with it.
        _ => Bug.Of(exception.GetType().Name, exception.Message),
    };

    /// <summary>Whether SslStream means that it has refused to renegotiate, which only its words tell, or their name where they have been trimmed away.</summary>
    public static bool IsRenegotiation(Exception e) => e is IOException && e.Message.Contains("renego", StringComparison.OrdinalIgnoreCase);
}
