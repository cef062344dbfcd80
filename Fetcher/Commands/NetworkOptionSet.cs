using System.CommandLine;
using Fetcher.Core;

namespace Fetcher.Commands;

/// <summary>Proxies, local addresses, protocol and TLS versions. Proxies may also be set by environment variables, as for curl.</summary>
internal sealed class NetworkOptionSet
{
    /// <summary>The name of the option for HTTP/2 without asking.</summary>
    public const string PriorKnowledgeName = "--http2-prior-knowledge";

    private readonly Option<ProxyChoice> _proxy = CliOption.Value(
        "--proxy", ["-x"], "[SCHEME://]HOST[:PORT]",
        "Use this proxy: http, https, socks5 or socks5h (it looks names up); '' is none, whatever the environment says",
        text => new ProxyChoice(text.Length == 0 ? null : ProxyText.Parse(text)));

    private readonly Option<string> _noProxy = CliOption.Value(
        "--noproxy", [], "LIST", "Reach these hosts, domains and networks without a proxy; * is all [default: $NO_PROXY]", text => text);

    private readonly Option<string> _proxyUser = CliOption.Value(
        "--proxy-user", ["-U"], "USER:PASSWORD", "Log in at the proxy; asks for the password when it is left out", OptionText.UserInfo);

    private readonly Option<bool> _proxyTunnel = CliOption.Flag(
        "--proxytunnel", ["-p"], "Tunnel through an HTTP proxy (CONNECT) for http URLs, too");

    private readonly Option<bool> _proxyInsecure = CliOption.Flag("--proxy-insecure", [], "Accept any certificate of an https proxy");

    private readonly Option<string> _proxyCaCert = CliOption.Value(
        "--proxy-cacert", [], "FILE", "Trust these certificates (PEM) for an https proxy, not the system's", OptionText.ExistingFile);

    private readonly Option<string> _interface = CliOption.Value(
        "--interface", [], "NAME", "Connect from this network device, or from this address", OptionText.NotEmpty);

    private readonly Option<string> _unixSocket = CliOption.Value(
        "--unix-socket", [], "PATH", "Connect to this Unix socket instead of the URL's host, without look-up or proxy", OptionText.NotEmpty);

    private readonly Option<bool> _http10 = CliOption.Flag("--http1.0", ["-0"], "Send requests as HTTP/1.0");

    private readonly Option<bool> _http11 = CliOption.Flag("--http1.1", [], "Speak HTTP/1.1, and do not offer HTTP/2");

    private readonly Option<bool> _http2 = CliOption.Flag(
        "--http2", [], "Speak HTTP/2 over TLS where the server does, else HTTP/1.1");

    private readonly Option<bool> _http2PriorKnowledge = CliOption.Flag(
        PriorKnowledgeName, [], "Speak HTTP/2 and nothing else, without TLS too");

    private readonly Option<int> _http2Window = CliOption.Value(
        "--http2-window", [], "BYTES", "Let so much of an HTTP/2 stream come before it is read; k, M and G are known [default: 1M]", Window);

    private readonly Option<int> _http2ConnectionWindow = CliOption.Value(
        "--http2-connection-window", [], "BYTES", "And of all streams of a connection, at least 64k [default: 16M]", Window);

    private readonly Option<TlsVersion> _tlsMin = CliOption.Value(
        "--tls-min", [], "VERSION", "Speak no TLS older than this: 1.2 or 1.3 [default: 1.2]", Version).WithWords("1.2", "1.3");

    private readonly Option<TlsVersion> _tlsMax = CliOption.Value(
        "--tls-max", [], "VERSION", "Speak no TLS newer than this: 1.2 or 1.3 [default: 1.3]", Version).WithWords("1.2", "1.3");

    private readonly Option<bool> _tls12 = CliOption.Flag("--tlsv1.2", [], "The same as --tls-min 1.2");

    private readonly Option<bool> _tls13 = CliOption.Flag("--tlsv1.3", [], "The same as --tls-min 1.3");

    /// <summary>The options about connections, for the help's group of network options.</summary>
    public IReadOnlyList<Option> Connections => [_interface, _unixSocket, .. Protocols, _http2Window, _http2ConnectionWindow, _tlsMin, _tlsMax, _tls12, _tls13];

    /// <summary>The names of the options that say which version of HTTP is spoken.</summary>
    public static IReadOnlyList<string> ProtocolNames { get; } = ["--http1.0", "--http1.1", "--http2", PriorKnowledgeName];

    /// <summary>Those options. They exclude each other.</summary>
    public IReadOnlyList<Option> Protocols => [_http10, _http11, _http2, _http2PriorKnowledge];

    /// <summary>Adds the other options to a command.</summary>
    public void AddTo(GroupedCommand command) =>
        command.AddGroup("Proxies", _proxy, _noProxy, _proxyUser, _proxyTunnel, _proxyInsecure, _proxyCaCert);

    /// <summary>Adds what was given to <paramref name="options"/>.</summary>
    /// <param name="result">A parse result without errors.</param>
    /// <param name="options">What the other options came to.</param>
    /// <param name="isLab">Whether every host is the embedded origin, which no proxy stands before.</param>
    /// <param name="askPassword">Asks for the password of a user.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="UsageException">Options contradict each other, or a variable holds no address.</exception>
    public FetchOptions Bind(
        ParseResult result, FetchOptions options, bool isLab, Func<string, string> askPassword, Func<string, string?> environment)
    {
        if (isLab)
        {
            foreach (var option in (Option[])[_proxy, _unixSocket, _interface])
            {
                if (result.Has(option))
                {
                    throw new UsageException($"--lab and {option.Name} exclude each other: the lab is on loopback");
                }
            }
        }

        var tlsMin = result.Has(_tls13) ? TlsVersion.Tls13 : result.ValueOr(_tlsMin, TlsVersion.Tls12);
        var tlsMax = result.ValueOr(_tlsMax, TlsVersion.Tls13);
        if (tlsMin > tlsMax)
        {
            throw new UsageException("the lowest version of TLS is newer than the highest, --tls-max");
        }

        return options with
        {
            Proxies = isLab ? null : BindProxies(result, askPassword, new ProxyEnvironment(environment)),
            Interface = result.ValueOr(_interface, null!),
            UnixSocket = result.ValueOr(_unixSocket, null!),
            Protocol = Protocol(result),
            Http2Window = result.Has(_http2Window) ? result.GetRequiredValue(_http2Window) : null,
            Http2ConnectionWindow = result.Has(_http2ConnectionWindow) ? result.GetRequiredValue(_http2ConnectionWindow) : null,
            TlsMin = tlsMin,
            TlsMax = tlsMax,
        };
    }

    private HttpProtocol Protocol(ParseResult result) => Protocols.Where(result.Has).ToArray() switch
    {
        [var one, var other, ..] => throw new UsageException($"{one.Name} and {other.Name} exclude each other"),
        [var one] when one == _http10 => HttpProtocol.Http10,
        [var one] when one == _http11 => HttpProtocol.Http11,
        [var one] when one == _http2 => HttpProtocol.Http2,
        [_] => HttpProtocol.Http2PriorKnowledge,
        _ => HttpProtocol.Negotiate,
    };

    /// <summary>A size of a window.</summary>
    internal static int Window(string text) => OptionText.Bytes(text) is var bytes and >= 1024 and <= int.MaxValue
        ? (int)bytes
        : throw new FormatException($"'{text}' is not from 1k to {int.MaxValue}");

    private static TlsVersion Version(string text) => text switch
    {
        "1.2" => TlsVersion.Tls12,
        "1.3" => TlsVersion.Tls13,
        _ => throw new FormatException($"'{text}' is neither 1.2 nor 1.3"),
    };

    private ProxyOptions? BindProxies(ParseResult result, Func<string, string> askPassword, ProxyEnvironment environment)
    {
        var given = result.ValueOr(_proxy, null!);
        var forHttp = given is null ? environment.ForHttp() : given.Address;
        var forHttps = given is null ? environment.ForHttps() : given.Address;
        if (forHttp is null && forHttps is null)
        {
            return null;
        }

        var user = result.ValueOr(_proxyUser, null!);
        var credentials = user is null || user.Contains(':', StringComparison.Ordinal) ? user : $"{user}:{askPassword(user)}";
        return new ProxyOptions(
            WithCredentials(forHttp, credentials),
            WithCredentials(forHttps, credentials),
            NoProxyList.Parse(result.Has(_noProxy) ? result.GetRequiredValue(_noProxy) : environment.Except()),
            result.Has(_proxyTunnel))
        {
            Insecure = result.Has(_proxyInsecure),
            CaCertPath = result.ValueOr(_proxyCaCert, null!),
        };
    }

    /// <summary>What stands in the address itself is stronger (as with curl).</summary>
    private static ProxyAddress? WithCredentials(ProxyAddress? proxy, string? credentials) =>
        proxy is { Credentials: null } ? proxy with { Credentials = credentials } : proxy;

    /// <param name="Address">The proxy; null for none, whatever the environment says.</param>
    private sealed record ProxyChoice(ProxyAddress? Address);
}
