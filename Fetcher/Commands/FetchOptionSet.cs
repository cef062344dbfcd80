using System.CommandLine;
using Fetcher.Core;
using Fetcher.Core.Work.Sources;

namespace Fetcher.Commands;

/// <summary>What is fetched and how: the arguments and options that every command which fetches has, but for the mode.</summary>
internal sealed class FetchOptionSet
{
    private readonly Option<int> _concurrency = CliOption.Value(
        "--concurrency", ["--parallel-max"], "N",
        "Transfers in flight at once, over all loops [default: 64]",
        text => OptionText.Integer(text, 1));

    private readonly Option<int> _loops = CliOption.Value(
        "--loops", [], "N", "Event loops, each on a thread of its own [default: 1]", text => OptionText.Integer(text, 1));

    private readonly Option<TimeSpan> _cpuBurst = CliOption.Value(
        "--cpu-burst", [], "MS", "Burn this many milliseconds of CPU on each body [default: 0]", OptionText.Milliseconds);

    private readonly Option<bool> _lab = CliOption.Flag(
        "--lab", [], "Start the embedded origin on loopback and send every host there");

    private readonly Option<HeaderChoice[][]> _header = CliOption.List(
        "--header", ["-H"], "LINE|@FILE",
        "Send 'Name: value'; 'Name;' sends it empty, 'Name:' leaves a default one out; @FILE has a line for each",
        OptionText.Headers);

    private readonly Option<string> _userAgent = CliOption.Value(
        "--user-agent", ["-A"], "NAME",
        "Send this User-Agent; '' sends none",
        text => OptionText.Header("User-Agent: " + text).Value ?? "");

    private readonly Option<bool> _compressed = CliOption.Flag(
        "--compressed", [], "Ask for a compressed body (gzip, deflate, br, zstd) and decode it");

    private readonly Option<bool> _location = CliOption.Flag("--location", ["-L"], "Follow redirects; this is the default");

    private readonly Option<bool> _noLocation = CliOption.Flag("--no-location", [], "Do not follow redirects");

    private readonly Option<int> _maxRedirs = CliOption.Value(
        "--max-redirs", [], "N", "Redirects to follow; -1 is no limit [default: 10]", OptionText.CountOrNoLimit);

    private readonly Option<StatusSet> _acceptStatus = CliOption.Value(
        "--accept-status", [], "LIST", "Statuses that count as fetched, like 200-399,404 [default: 200-303,307-399]", StatusSet.Parse);

    private readonly Option<long> _maxFileSize = CliOption.Value(
        "--max-filesize", [], "BYTES",
        "A longer body fails, also after decoding; k, M and G are known, 0 is no limit [default: 1G]",
        OptionText.Bytes);

    private readonly Option<bool> _sha256 = CliOption.Flag("--sha256", [], "Report the SHA-256 of each body");

    private readonly Option<string[]> _includeHeaders = CliOption.Value(
        OptionalValue.IncludeHeaders, [], "[LIST]",
        "Report header fields of responses, all or those of a LIST like server,etag, and the redirects; they may hold secrets",
        OptionText.FieldNames);

    private readonly Option<bool> _traceParent = CliOption.Flag(
        "--traceparent", [], "Send a traceparent field (W3C Trace Context) with each request; trace_id in the results says which trace");

    private readonly Option<bool> _ipv4 = CliOption.Flag("--ipv4", ["-4"], "Use only IPv4 addresses");

    private readonly Option<bool> _ipv6 = CliOption.Flag("--ipv6", ["-6"], "Use only IPv6 addresses");

    private readonly Option<ResolveEntry[]> _resolve = CliOption.List(
        "--resolve", [], "HOST:PORT:ADDR[,ADDR]...",
        "Take these addresses for HOST:PORT instead of a look-up; HOST may be *; of several for the same the last counts",
        AddressText.Resolve);

    private readonly Option<ConnectTo[]> _connectTo = CliOption.List(
        "--connect-to", [], "HOST1:PORT1:HOST2:PORT2",
        "Connect to HOST2:PORT2 for HOST1:PORT1; an empty part is any, or the same",
        AddressText.ConnectTo);

    private readonly Option<bool> _insecure = CliOption.Flag("--insecure", ["-k"], "Accept any certificate of a server");

    private readonly Option<string> _caCert = CliOption.Value(
        "--cacert", [], "FILE", "Trust the certificates in this PEM file instead of the system's", OptionText.ExistingFile);

    private readonly Option<string> _cert = CliOption.Value(
        "--cert", ["-E"], "FILE", "Client certificate (PEM)", OptionText.ExistingFile);

    private readonly Option<string> _key = CliOption.Value(
        "--key", [], "FILE", "Its private key (PEM), when it is not in the same file", OptionText.ExistingFile);

    private readonly Option<TimeSpan> _connectTimeout = CliOption.Value(
        "--connect-timeout", [], "SECONDS", "Limit for connecting: look-up, TCP and TLS [default: 10]", OptionText.PositiveSeconds);

    private readonly Option<TimeSpan> _maxTime = CliOption.Value(
        "--max-time", ["-m"], "SECONDS", "Limit for a whole URL with its retries; 0 is none [default: 0]", OptionText.Seconds);

    private readonly Option<TimeSpan> _readTimeout = CliOption.Value(
        "--read-timeout", [], "SECONDS", "Longest silence while a response is under way [default: 30]", OptionText.PositiveSeconds);

    private readonly Option<long> _speedLimit = CliOption.Value(
        "--speed-limit", ["-Y"], "BYTES",
        "Fail a response that is slower than this, in bytes a second, for --speed-time; 0 is no limit [default: 0, 1 with --speed-time]",
        OptionText.Bytes);

    private readonly Option<TimeSpan> _speedTime = CliOption.Value(
        "--speed-time", ["-y"], "SECONDS", "How long it may be slower than --speed-limit [default: 30]", OptionText.PositiveSeconds);

    private readonly Option<int> _retry = CliOption.Value(
        "--retry", [], "N", "Retries after a transient failure [default: 2]", text => OptionText.Integer(text, 0));

    private readonly Option<TimeSpan> _retryDelay = CliOption.Value(
        "--retry-delay", [], "SECONDS",
        "Pause before each retry; 0 is exponential backoff with jitter [default: 0]",
        OptionText.Seconds);

    private readonly Option<TimeSpan> _retryMaxTime = CliOption.Value(
        "--retry-max-time", [], "SECONDS", "Start no retry later than this; 0 is no limit [default: 0]", OptionText.Seconds);

    private readonly Option<bool> _retryAllErrors = CliOption.Flag(
        "--retry-all-errors", [], "Retry every failure, not only transient ones");

    private readonly Option<StatusSet> _retryOn = CliOption.Value(
        "--retry-on", [], "LIST", "Statuses that are transient failures, like 429,500-504,520-524 [default: 408,425,429,500,502-504]", StatusSet.Parse);

    private readonly Option<bool> _dedupe = CliOption.Flag(
        "--dedupe", [], "Leave out a URL that the list has had already");

    private readonly Option<string> _defaultScheme = CliOption.Value(
        "--default-scheme", [], "NAME", "Take lines and SOURCEs without a scheme for URLs of this one: http or https", text => OptionText.OneOf(text, ["http", "https"]))
        .WithWords("http", "https");

    private readonly CredentialOptionSet _credentials = new();

    private readonly DnsOptionSet _dns = new();

    private readonly PolitenessOptionSet _politeness = new();

    private readonly NetworkOptionSet _network = new();

    /// <summary>Title of the first group in the help.</summary>
    public const string FetchingTitle = "Fetching";

    /// <summary>Title of the group of time limits in the help.</summary>
    public const string TimesTitle = "Timeouts and retries";

    /// <summary>The SOURCE arguments; that there is one is for <see cref="ParseProblem"/> to see.</summary>
    public Argument<string[]> Sources { get; } = new("SOURCE")
    {
        Description = "A file of URLs, one a line; a URL, with its scheme, where {a,b} and [1-9] make several; or - for standard input",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary><c>--count</c>.</summary>
    public Option<int> Count { get; } = CliOption.Value(
        "--count", [], "N", "Fetch the list N times over, in list order [default: 1]", text => OptionText.Integer(text, 1));

    /// <summary><c>--duration</c>.</summary>
    public Option<TimeSpan> Duration { get; } = CliOption.Value(
        "--duration", [], "SECONDS", "Go round the list until then, e.g. 30 or 30s or 5m; what has begun goes on to its end", OptionText.Duration);

    /// <summary><c>-g</c>.</summary>
    public Option<bool> GlobOff { get; } = CliOption.Flag("--globoff", ["-g"], "Take {} and [] in URLs literally");

    /// <summary><c>--lab</c>.</summary>
    public Option<bool> Lab => _lab;

    /// <summary>Adds the arguments and options to a command.</summary>
    /// <param name="command">A command that fetches.</param>
    /// <param name="mode">Its option that says which mode or modes.</param>
    public void AddTo(GroupedCommand command, Option mode)
    {
        command.Arguments.Add(Sources);
        command.AddGroup(FetchingTitle, mode, Count, GlobOff, _dedupe, _defaultScheme, _concurrency, _loops, _cpuBurst, _lab);
        _politeness.AddTo(command);
        command.AddGroup(
            "Requests and responses",
            [_header, _userAgent, .. _credentials.All, _compressed, _location, _noLocation, _maxRedirs, _acceptStatus, _maxFileSize, _sha256, _includeHeaders, _traceParent]);
        command.AddGroup("Network and TLS", [_ipv4, _ipv6, _resolve, _connectTo, .. _dns.All, .. _network.Connections, _insecure, _caCert, _cert, _key]);
        _network.AddTo(command);
        command.AddGroup(TimesTitle, _connectTimeout, _maxTime, _readTimeout, _speedLimit, _speedTime, _retry, _retryDelay, _retryMaxTime, _retryOn, _retryAllErrors);
    }

    /// <summary>Whether <c>--include-headers</c> was given.</summary>
    public bool IncludesHeaders(ParseResult result) => result.Has(_includeHeaders);

    /// <summary>How the sources are read.</summary>
    public ListOptions ListOf(ParseResult result) =>
        new(Globs: !result.Has(GlobOff), Dedupe: result.Has(_dedupe), DefaultScheme: result.ValueOr(_defaultScheme, null!));

    /// <summary>Whether <c>--lab</c> was given.</summary>
    public bool IsLab(ParseResult result) => result.Has(_lab);

    /// <summary>The options as they were given; the mode is the default one.</summary>
    /// <param name="result">A parse result without errors.</param>
    /// <param name="askPassword">Asks for the password of a user.</param>
    /// <param name="environment">Reads an environment variable; null for the process's own.</param>
    /// <exception cref="UsageException">Options contradict each other, or there is nobody to ask for the password.</exception>
    public FetchOptions Bind(ParseResult result, Func<string, string> askPassword, Func<string, string?>? environment = null)
    {
        var defaults = new FetchOptions();
        var headers = result.Values(_header).SelectMany(lines => lines).ToArray();
        if (result.Has(_ipv4) && result.Has(_ipv6))
        {
            throw new UsageException("-4 and -6 exclude each other");
        }

        if (result.Has(_key) && !result.Has(_cert))
        {
            throw new UsageException("--key needs --cert, the certificate that the key belongs to");
        }

        var options = defaults with
        {
            Concurrency = result.ValueOr(_concurrency, defaults.Concurrency),
            Loops = result.ValueOr(_loops, defaults.Loops),
            CpuBurst = result.ValueOr(_cpuBurst, defaults.CpuBurst),
            Headers = headers.Where(h => h.Value is not null).Select(h => new RequestHeader(h.Name, h.Value!)).ToArray(),
            RemovedHeaders = headers.Where(h => h.Value is null).Select(h => h.Name).ToArray(),
            UserAgent = result.ValueOr(_userAgent, defaults.UserAgent),
            Compressed = result.Has(_compressed),
            FollowRedirects = !result.Has(_noLocation),
            MaxRedirects = result.ValueOr(_maxRedirs, defaults.MaxRedirects),
            AcceptStatus = result.ValueOr(_acceptStatus, defaults.AcceptStatus),
            MaxFileSize = result.ValueOr(_maxFileSize, defaults.MaxFileSize),
            Sha256 = result.Has(_sha256),
            IncludeHeaders = result.ValueOr(_includeHeaders, null!),
            TraceParent = result.Has(_traceParent),
            AddressFamily = result.Has(_ipv4) ? AddressFamilyChoice.IPv4Only
                : result.Has(_ipv6) ? AddressFamilyChoice.IPv6Only : AddressFamilyChoice.Any,
            Resolve = AddressText.InForce(result.Values(_resolve)),
            ConnectTo = result.Values(_connectTo),
            Insecure = result.Has(_insecure),
            CaCertPath = result.ValueOr(_caCert, null!),
            CertPath = result.ValueOr(_cert, null!),
            KeyPath = result.ValueOr(_key, null!),
            ConnectTimeout = result.ValueOr(_connectTimeout, defaults.ConnectTimeout),
            MaxTime = NullIfZero(result.ValueOr(_maxTime, TimeSpan.Zero)),
            ReadTimeout = result.ValueOr(_readTimeout, defaults.ReadTimeout),
            SpeedLimit = result.ValueOr(_speedLimit, result.Has(_speedTime) ? 1 : 0) is var limit && limit < long.MaxValue ? limit : 0,
            SpeedTime = result.ValueOr(_speedTime, defaults.SpeedTime),
            Retry = result.ValueOr(_retry, defaults.Retry),
            RetryDelay = NullIfZero(result.ValueOr(_retryDelay, TimeSpan.Zero)),
            RetryMaxTime = NullIfZero(result.ValueOr(_retryMaxTime, TimeSpan.Zero)),
            RetryOn = result.ValueOr(_retryOn, defaults.RetryOn),
            RetryAllErrors = result.Has(_retryAllErrors),
        };
        environment ??= Environment.GetEnvironmentVariable;
        options = _dns.Bind(result, _credentials.Bind(result, options, askPassword, environment));
        return _network.Bind(result, _politeness.Bind(result, options), IsLab(result), askPassword, environment);
    }

    private static TimeSpan? NullIfZero(TimeSpan time) => time > TimeSpan.Zero ? time : null;
}
