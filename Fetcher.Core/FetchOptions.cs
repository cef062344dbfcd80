namespace Fetcher.Core;

/// <summary>Which address family may be used.</summary>
public enum AddressFamilyChoice
{
    /// <summary>Either.</summary>
    Any,

    /// <summary>IPv4 alone (<c>-4</c>).</summary>
    IPv4Only,

    /// <summary>IPv6 alone (<c>-6</c>).</summary>
    IPv6Only,
}

/// <summary>A version of TLS.</summary>
public enum TlsVersion
{
    /// <summary>TLS 1.2 (RFC 5246).</summary>
    Tls12,

    /// <summary>TLS 1.3 (RFC 8446).</summary>
    Tls13,
}

/// <summary>Which version of HTTP is spoken.</summary>
public enum HttpProtocol
{
    /// <summary>Over TLS HTTP/2 or HTTP/1.1, whichever the server chooses (ALPN, RFC 7301); without TLS HTTP/1.1.</summary>
    Negotiate,

    /// <summary>HTTP/1.0 (<c>-0</c>).</summary>
    Http10,

    /// <summary>HTTP/1.1 and no later version (<c>--http1.1</c>).</summary>
    Http11,

    /// <summary>As <see cref="Negotiate"/> (<c>--http2</c>).</summary>
    Http2,

    /// <summary>HTTP/2 alone, without TLS too (<c>--http2-prior-knowledge</c>; RFC 9113, section 3.3).</summary>
    Http2PriorKnowledge,
}

/// <summary>A header field to send.</summary>
public readonly record struct RequestHeader(string Name, string Value)
{
    /// <summary>The name alone: the value may be a secret.</summary>
    public override string ToString() => Name;
}

/// <summary>
/// curl's <c>--connect-to HOST1:PORT1:HOST2:PORT2</c>. An empty host or port 0 on the left matches all; on the right it leaves the
/// original. An IPv6 host has no brackets.
/// </summary>
public sealed record ConnectTo(string FromHost, int FromPort, string ToHost, int ToPort);

/// <summary>
/// curl's <c>--resolve HOST:PORT:ADDR[,ADDR]...</c>. The host <c>*</c> is any host that has no entry of its own; an IPv6 host has no
/// brackets.
/// </summary>
public sealed record ResolveEntry(string Host, int Port, IReadOnlyList<System.Net.IPAddress> Addresses);

/// <summary>The embedded origin that every host is sent to, and the certificate authority to trust for it.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="HttpPort">Its port for HTTP/1.1 without TLS.</param>
/// <param name="HttpsPort">Its port for both with TLS.</param>
/// <param name="Http2Port">Its port for HTTP/2 without TLS.</param>
/// <param name="CaCertificatePem">The authority's certificate.</param>
internal sealed record LabEndpoint(System.Net.IPAddress Address, int HttpPort, int HttpsPort, int Http2Port, string CaCertificatePem);

/// <summary>How URLs are fetched. The defaults are those of the command line.</summary>
public sealed record FetchOptions
{
    /// <summary>How transfers wait for the network.</summary>
    public FetchMode Mode { get; init; } = FetchMode.Async;

    /// <summary>Transfers in flight at once, over all loops. At least 1.</summary>
    public int Concurrency { get; init; } = 64;

    /// <summary>Transfers in flight to one host at once; 0 is no cap.</summary>
    public int PerHost { get; init; }

    /// <summary>Time from when one transfer is due to start to when the next is, or zero for no limit. Late ones are no closer together for that.</summary>
    public TimeSpan StartInterval { get; init; }

    /// <summary>Shortest time between two requests to one host, whoever makes them, or zero for no limit.</summary>
    public TimeSpan StartIntervalPerHost { get; init; }

    /// <summary>Finds out by trying how many transfers to one host may be in flight at once, up to the other limits.</summary>
    public bool Adaptive { get; init; }

    /// <summary>Bytes a second that each transfer receives at most, or 0 for no limit (curl(1), <c>--limit-rate</c>).</summary>
    public long LimitRate { get; init; }

    /// <summary>
    /// Bytes a second: a response that is slower for <see cref="SpeedTime"/> fails. 0 is no limit (curl(1), <c>--speed-limit</c>). Our own pauses do not count.
    /// </summary>
    public long SpeedLimit { get; init; }

    /// <summary>How long a response may be slower than <see cref="SpeedLimit"/> (curl(1), <c>--speed-time</c>).</summary>
    public TimeSpan SpeedTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Fetches nothing that the robots.txt of its origin does not allow (RFC 9309).</summary>
    public bool Robots { get; init; }

    /// <summary>Event loops, each on a thread of its own.</summary>
    public int Loops { get; init; } = 1;

    /// <summary>Fields to send, in this order. One that fetcher would send by itself takes its place.</summary>
    public IReadOnlyList<RequestHeader> Headers { get; init; } = [];

    /// <summary>Names of fields that fetcher would send by itself and must not (curl's <c>-H 'Name:'</c>).</summary>
    public IReadOnlyList<string> RemovedHeaders { get; init; } = [];

    /// <summary>Value of the User-Agent field; empty for none.</summary>
    public string UserAgent { get; init; } = "fetcher/" + ThisAssembly.Version;

    /// <summary>User name and password for basic authentication, as <c>user:password</c>, or null.</summary>
    public string? Credentials { get; init; }

    /// <summary>Token to send to the origins of the list (<c>Authorization: Bearer</c>, RFC 6750), or null.</summary>
    public string? BearerToken { get; init; }

    /// <summary>File with users and passwords by host (netrc(5)), or null. It is not asked where <see cref="Credentials"/> or a token is given.</summary>
    public string? NetrcPath { get; init; }

    /// <summary>Whether a user and password in a URL go before those of the file.</summary>
    public bool NetrcOptional { get; init; }

    /// <summary>What the file holds, once it has been read.</summary>
    internal Netrc? Netrc { get; init; }

    /// <summary>How long the addresses of a name are kept; null is for the whole run.</summary>
    public TimeSpan? DnsTtl { get; init; }

    /// <summary>Who is asked for addresses instead of the system's resolver, or null.</summary>
    internal INameServers? NameServers { get; init; }

    /// <summary>Cookies to send to the origins of the list, like <c>a=b; c=d</c>, or null.</summary>
    public string? Cookie { get; init; }

    /// <summary>
    /// Files to read cookies from. With one, be its name empty, or with <see cref="CookieJarPath"/>, those that servers set are kept during the run.
    /// </summary>
    public IReadOnlyList<string> CookieFiles { get; init; } = [];

    /// <summary>File to write all cookies to at the end, or null.</summary>
    public string? CookieJarPath { get; init; }

    /// <summary>
    /// File of the hosts that are asked over https alone (RFC 6797), in curl's format: read at the beginning if it is there, and written at the end with what
    /// servers said. Empty keeps them for the run alone; null is none.
    /// </summary>
    public string? HstsPath { get; init; }

    /// <summary>Accepts any certificate (<c>-k</c>).</summary>
    public bool Insecure { get; init; }

    /// <summary>Whether redirects are followed.</summary>
    public bool FollowRedirects { get; init; } = true;

    /// <summary>Redirects that are followed at most, for one URL; the next is a failure.</summary>
    public int MaxRedirects { get; init; } = 10;

    /// <summary>PEM file of the certificates to trust instead of the system's, or null.</summary>
    public string? CaCertPath { get; init; }

    /// <summary>PEM file of the client's certificate, or null.</summary>
    public string? CertPath { get; init; }

    /// <summary>PEM file of the client certificate's key, or null when it is in <see cref="CertPath"/>.</summary>
    public string? KeyPath { get; init; }

    /// <summary>Sends every host to the embedded origin, or null.</summary>
    internal LabEndpoint? Lab { get; init; }

    /// <summary>Addresses to take instead of looking names up.</summary>
    public IReadOnlyList<ResolveEntry> Resolve { get; init; } = [];

    /// <summary>Hosts and ports to connect to in place of those of the URLs.</summary>
    public IReadOnlyList<ConnectTo> ConnectTo { get; init; } = [];

    /// <summary>Which addresses may be used.</summary>
    public AddressFamilyChoice AddressFamily { get; init; }

    /// <summary>The proxies to go by, or null for none.</summary>
    public ProxyOptions? Proxies { get; init; }

    /// <summary>Address or network device that connections begin at, or null.</summary>
    public string? Interface { get; init; }

    /// <summary>Path of a Unix socket that every connection goes to, past look-ups and proxies, or null.</summary>
    public string? UnixSocket { get; init; }

    /// <summary>The lowest version of TLS that is spoken.</summary>
    public TlsVersion TlsMin { get; init; }

    /// <summary>The highest version of TLS that is spoken.</summary>
    public TlsVersion TlsMax { get; init; } = TlsVersion.Tls13;

    /// <summary>The version of HTTP that is spoken.</summary>
    public HttpProtocol Protocol { get; init; }

    /// <summary>
    /// Bytes of one HTTP/2 stream's body that may come before they are read (RFC 9113, section 5.2), from 1 KiB to 2 GiB - 1. Null is 1 MiB, and in
    /// <c>httpclient</c> mode whatever .NET's client takes.
    /// </summary>
    public int? Http2Window { get; init; }

    /// <summary>
    /// Bytes of all bodies on one HTTP/2 connection that may come before they are read; no connection's is below 65,535. Null is 16 MiB.
    /// </summary>
    public int? Http2ConnectionWindow { get; init; }

    /// <summary>Asks for gzip, deflate, br or zstd and decodes the answer.</summary>
    public bool Compressed { get; init; }

    /// <summary>Limit for connecting: look-up, TCP and TLS. More than zero.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Limit for a whole URL with its retries, or null.</summary>
    public TimeSpan? MaxTime { get; init; }

    /// <summary>Longest silence while a response is under way.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Retries after the first attempt.</summary>
    public int Retry { get; init; } = 2;

    /// <summary>Fixed delay between attempts, or null for exponential backoff with jitter from 1 s.</summary>
    public TimeSpan? RetryDelay { get; init; }

    /// <summary>No retry is started later than this after the first attempt began, or null.</summary>
    public TimeSpan? RetryMaxTime { get; init; }

    /// <summary>Retries every failure, not only the transient ones.</summary>
    public bool RetryAllErrors { get; init; }

    /// <summary>Statuses that are transient failures, unless they are accepted.</summary>
    public StatusSet RetryOn { get; init; } = StatusSet.Transient;

    /// <summary>Failures in a row after which the URLs of a host fail without being tried, at least 2; 0 is never.</summary>
    public int CircuitFailures { get; init; } = 20;

    /// <summary>For how long; then one URL is tried. Twice as long after each that failed again, at most a minute or this.</summary>
    public TimeSpan CircuitBreak { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Statuses that count as fetched.</summary>
    public StatusSet AcceptStatus { get; init; } = StatusSet.Default;

    /// <summary>Longest body, in bytes, before and after decoding.</summary>
    public long MaxFileSize { get; init; } = 1L << 30;

    /// <summary>CPU time to burn on each body, on the thread that handles it.</summary>
    internal TimeSpan CpuBurst { get; init; }

    /// <summary>
    /// Names of the response header fields that results have, in any case; an empty list is all of them. Results have the redirects then, too. Null for none.
    /// </summary>
    public IReadOnlyList<string>? IncludeHeaders { get; init; }

    /// <summary>What else is copied of header sections, for a report that was asked for.</summary>
    internal HeadRecording HeadRecording { get; init; }

    /// <summary>
    /// Sends a <c>traceparent</c> field with every request (W3C Trace Context): the request's span where somebody records it, else one of the caller's trace or, without
    /// a caller that traces, of a new trace for each URL. A field of that name among <see cref="Headers"/>, or in a line's own, is sent instead.
    /// </summary>
    public bool TraceParent { get; init; }

    /// <summary>Whether to hash each body.</summary>
    public bool Sha256 { get; init; }

    /// <summary>Whether each body is kept in memory, for its outcome (<see cref="FetchOutcome.Body"/>).</summary>
    public bool KeepBodies { get; init; }

    /// <summary>Folder to save bodies in, or null.</summary>
    public string? OutputDir { get; init; }

    /// <summary>How the names of saved bodies are made of their URLs.</summary>
    public string OutputTemplate { get; init; } = "{name}";

    /// <summary>Names a saved body as its Content-Disposition says, where it does (RFC 6266), in the place of the template's last part.</summary>
    public bool RemoteHeaderName { get; init; }

    /// <summary>Gives a saved body the time of its Last-Modified.</summary>
    public bool RemoteTime { get; init; }

    /// <summary>Fetches nothing whose file is there already.</summary>
    public bool SkipExisting { get; init; }

    /// <summary>Keeps what came of a body that broke off, and goes on from there; a body that is there whole is not fetched.</summary>
    public bool Continue { get; init; }

    /// <summary>
    /// Journal of an earlier run: what it has as fetched is asked for on condition that it has changed (RFC 9110, section 13.1). What has not is fetched, with
    /// the status 304. Null for none.
    /// </summary>
    public string? RevalidatePath { get; init; }

    /// <summary>When a run begins nothing new any more, from its start; null is at the end of its work.</summary>
    internal TimeSpan? Duration { get; init; }

    /// <summary>Watches what the loops run and what each transfer waited for (<see cref="FetchOutcome.ClientStall"/>); costs some CPU time on small requests.</summary>
    public bool Stalls { get; init; }

    /// <summary>Archive of every request and response (WARC 1.1), compressed when its name ends in .gz; null for none. It is made anew.</summary>
    public string? WarcPath { get; init; }

    /// <summary>Bytes from which on the archive goes on in another file; null is never.</summary>
    internal long? WarcMaxSize { get; init; }

    /// <summary>
    /// File that records what FetchAllAsync has fetched: the same list with the same file fetches only what is missing, and what is not missing is
    /// <see cref="FetchOutcome.Skipped"/>. Calls of FetchAsync are not recorded. Null for none.
    /// </summary>
    public string? JournalPath { get; init; }

    /// <summary>A few of the options, and none that may hold a secret: what a log gets to see.</summary>
    public override string ToString() => $"{nameof(FetchOptions)} {{ {nameof(Mode)} = {Mode}, {nameof(Concurrency)} = {Concurrency} }}";
}
