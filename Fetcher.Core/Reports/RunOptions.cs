using static Fetcher.Core.Reports.RunOption;

namespace Fetcher.Core.Reports;

/// <summary>The options in <c>run.options</c> of JSON reports, a line each. The JSON schema is held to this list by tests, and this list to the command line.</summary>
/// <remarks>
/// Names and meanings are a contract with those who read reports: nothing is renamed, and a new option goes to the end.
/// What may be a credential is never shown: of a header field there is its name, of a proxy its address, and of a password or a cookie whether there was one.
/// </remarks>
internal static class RunOptions
{
    public static IReadOnlyList<RunOption> All { get; } =
    [
        Integer("concurrency", options => options.Concurrency, "Transfers in flight at once."),
        Integer("per_host", options => options.PerHost, "... to one host; 0 is no cap."),
        Seconds("start_interval", options => options.StartInterval, "Shortest time between two starts (--rate), seconds; 0 for none."),
        Integer("loops", options => options.Loops, "Event loops."),
        Texts("header_names", options => options.Headers.Select(header => header.Name), "Names of the header fields that were given; their values may be secret."),
        Text("user_agent", options => options.UserAgent, "User-Agent that was sent."),
        Boolean("insecure", options => options.Insecure, "Whether any certificate was accepted."),
        Boolean("follow_redirects", options => options.FollowRedirects, "Whether redirects were followed."),
        Integer("max_redirects", options => options.MaxRedirects, "At most this many."),
        Text("address_family", options => FamilyOf(options.AddressFamily), "Addresses that were used.", "any", "ipv4", "ipv6"),
        Boolean("compressed", options => options.Compressed, "Whether a content coding was asked for."),
        Seconds("connect_timeout", options => options.ConnectTimeout, "Seconds."),
        SecondsOrNull("max_time", options => options.MaxTime, "Seconds, or null for none."),
        Seconds("read_timeout", options => options.ReadTimeout, "Seconds."),
        Integer("speed_limit", options => options.SpeedLimit, "Bytes a second: a response that was slower for speed_time failed; 0 is no limit."),
        Seconds("speed_time", options => options.SpeedTime, "Seconds."),
        Integer("retry", options => options.Retry, "Retries after the first attempt."),
        SecondsOrNull("retry_delay", options => options.RetryDelay, "Seconds, or null for none."),
        SecondsOrNull("retry_max_time", options => options.RetryMaxTime, "Seconds, or null for none."),
        Boolean("retry_all_errors", options => options.RetryAllErrors, "Whether every failure was retried."),
        Text("accept_status", options => options.AcceptStatus.Text, "Statuses that count as fetched."),
        Integer("max_filesize", options => options.MaxFileSize, "Longest body, bytes."),
        Seconds("cpu_burst", options => options.CpuBurst, "CPU seconds burnt on each body."),
        Boolean("sha256", options => options.Sha256, "Whether bodies were hashed."),
        Seconds("start_interval_per_host", options => options.StartIntervalPerHost, "As start_interval, to one host (--rate-per-host)."),
        Integer("limit_rate", options => options.LimitRate, "Bytes a second that each transfer received at most; 0 is no limit."),
        Boolean("adaptive", options => options.Adaptive, "Whether the number of transfers to one host at once was found out by trying."),
        Boolean("robots", options => options.Robots, "Whether robots.txt was obeyed."),
        Integer("circuit_breaker", options => options.CircuitFailures, "Failures of a host in a row after which its URLs failed untried; 0 is never."),
        Seconds("circuit_break", options => options.CircuitBreak, "For how long, seconds."),
        Texts("removed_header_names", options => options.RemovedHeaders, "Names of header fields that were left out (-H 'Name:')."),
        Boolean("user", options => options.Credentials is not null, "Whether a user and password were given (-u)."),
        Boolean("cookie", options => options.Cookie is not null, "Whether cookies were given (-b)."),
        Texts("cookie_files", options => options.CookieFiles, "Files that cookies were read from; an empty name is none, and cookies of servers were kept."),
        TextOrNull("cookie_jar", options => options.CookieJarPath, "File that cookies were written to, or null."),
        Texts("resolve", options => options.Resolve.Select(TextOf), "Addresses that were given for a host, as HOST:PORT:ADDR[,ADDR]..."),
        Texts("connect_to", options => options.ConnectTo.Select(TextOf), "Other ends that were given for a host, as HOST1:PORT1:HOST2:PORT2."),
        TextOrNull("interface", options => options.Interface, "Network device or address that connections began at, or null."),
        TextOrNull("unix_socket", options => options.UnixSocket, "Unix socket that was connected to, or null."),
        Boolean("http1_0", options => options.Protocol == HttpProtocol.Http10, "Whether requests were HTTP/1.0."),
        Text("tls_min", options => TextOf(options.TlsMin), "Oldest version of TLS.", "1.2", "1.3"),
        Text("tls_max", options => TextOf(options.TlsMax), "Newest version of TLS.", "1.2", "1.3"),
        TextOrNull("cacert", options => options.CaCertPath, "File of the certificates to trust, or null for the system's."),
        TextOrNull("cert", options => options.CertPath, "File of the client's certificate, or null."),
        TextOrNull("key", options => options.KeyPath, "File of its key, or null when it is in the same."),
        TextOrNull("proxy_http", options => options.Proxies?.ForHttp?.ToString(), "Proxy of http URLs, without its user and password, or null."),
        TextOrNull("proxy_https", options => options.Proxies?.ForHttps?.ToString(), "Proxy of https URLs, likewise."),
        TextOrNull("noproxy", options => options.Proxies?.Except.Text, "Hosts that were reached without the proxy, or null without one."),
        Boolean("proxy_user", options => HasUser(options.Proxies), "Whether there was a user and password for a proxy."),
        Boolean("proxytunnel", options => options.Proxies is { Tunnel: true }, "Whether http URLs, too, went through the proxy by CONNECT."),
        Boolean("proxy_insecure", options => options.Proxies is { Insecure: true }, "Whether any certificate of an https proxy was accepted."),
        TextOrNull("proxy_cacert", options => options.Proxies?.CaCertPath, "File of the certificates to trust an https proxy by, or null for the system's."),
        TextOrNull("output_dir", options => options.OutputDir, "Folder that bodies were saved in, or null."),
        Text("output_template", options => options.OutputTemplate, "How the names of saved bodies were made."),
        Boolean("skip_existing", options => options.SkipExisting, "Whether what was in the folder already was not fetched."),
        Boolean("continue", options => options.Continue, "Whether bodies that broke off were kept, to fetch only the rest of them."),
        TextOrNull("journal", options => options.JournalPath, "Journal of the run, or null."),
        TextOrNull("revalidate", options => options.RevalidatePath, "Journal of an earlier run; only what had changed since was fetched. Null for none."),
        TextOrNull("warc", options => options.WarcPath, "Archive of all requests and responses, or null."),
        Boolean("stalls", options => options.Stalls, "Whether it was watched which transfers waited for their event loop, and behind what."),
        Text("http_protocol", options => TextOf(options.Protocol), "Version of HTTP that was asked for.", "negotiate", "1.0", "1.1", "2", "2-prior-knowledge"),
        IntegerOrNull("http2_window", options => options.Http2Window, "Bytes of an HTTP/2 stream that might come unread, or null for the mode's own."),
        IntegerOrNull("http2_connection_window", options => options.Http2ConnectionWindow, "... of an HTTP/2 connection, likewise."),
        TextOrNull("include_headers", options => TextOf(options.IncludeHeaders), "Names of the response header fields in results, * for all, or null for none."),
        SecondsOrNull("duration", options => options.Duration, "For how long the list was gone round, seconds, or null for count times."),
        Text("retry_on", options => options.RetryOn.Text, "Statuses that were transient failures."),
        Boolean("oauth2_bearer", options => options.BearerToken is not null, "Whether a token was given."),
        TextOrNull("netrc_file", options => options.NetrcPath, "File that users and passwords of hosts came from, or null."),
        Boolean("netrc_optional", options => options.NetrcOptional, "Whether those of URLs went before it."),
        SecondsOrNull("dns_ttl", options => options.DnsTtl, "How long addresses of a name were kept, seconds; null is the whole run."),
        Texts("dns_servers", options => options.NameServers?.Addresses ?? [], "Name servers that were asked instead of the system's resolver."),
        TextOrNull("hsts", options => options.HstsPath, "File of the hosts that were asked over https alone; an empty name is none, and null is no such hosts."),
        Boolean("remote_header_name", options => options.RemoteHeaderName, "Whether bodies were called what their servers said."),
        Boolean("remote_time", options => options.RemoteTime, "Whether they have the time of their Last-Modified."),
        IntegerOrNull("warc_max_size", options => options.WarcMaxSize, "Bytes from which on an archive went on in another file, or null for one."),
        Boolean("traceparent", options => options.TraceParent, "Whether requests said which trace they were part of."),
    ];

    private static string FamilyOf(AddressFamilyChoice family) => family switch
    {
        AddressFamilyChoice.IPv4Only => "ipv4",
        AddressFamilyChoice.IPv6Only => "ipv6",
        _ => "any",
    };

    private static string TextOf(HttpProtocol protocol) => protocol switch
    {
        HttpProtocol.Http10 => "1.0",
        HttpProtocol.Http11 => "1.1",
        HttpProtocol.Http2 => "2",
        HttpProtocol.Http2PriorKnowledge => "2-prior-knowledge",
        _ => "negotiate",
    };

    private static string? TextOf(IReadOnlyList<string>? names) => names is { Count: 0 } ? "*" : names is null ? null : string.Join(',', names);

    private static string TextOf(TlsVersion version) => version == TlsVersion.Tls13 ? "1.3" : "1.2";

    private static string TextOf(ResolveEntry entry) => $"{InBrackets(entry.Host)}:{entry.Port}:{string.Join(',', entry.Addresses)}";

    private static string TextOf(ConnectTo way) =>
        $"{InBrackets(way.FromHost)}:{PortOf(way.FromPort)}:{InBrackets(way.ToHost)}:{PortOf(way.ToPort)}";

    /// <summary>An IPv6 address as it stands before a port.</summary>
    private static string InBrackets(string host) => host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;

    private static string PortOf(int port) => port == 0 ? "" : $"{port}";

    private static bool HasUser(ProxyOptions? proxies) => (proxies?.ForHttp?.Credentials ?? proxies?.ForHttps?.Credentials) is not null;
}
