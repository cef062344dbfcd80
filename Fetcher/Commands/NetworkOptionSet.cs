using System.CommandLine;
using Fetcher.Core;

namespace Fetcher.Commands;

/// <summary>The way to the servers: proxies, and what connections begin with. The environment has a word in it, as with curl.</summary>
internal sealed class NetworkOptionSet
{
    private readonly Option<ProxyAddress?> _proxy = CliOption.Value(
        "--proxy", ["-x"], "[SCHEME://]HOST[:PORT]",
        "Go by this proxy: http, https, socks5 or socks5h (it looks names up); '' is none, whatever the environment says",
        text => text.Length == 0 ? null : ProxyText.Parse(text));

    private readonly Option<string> _noProxy = CliOption.Value(
        "--noproxy", [], "LIST", "Reach these hosts, domains and networks without a proxy; * is all [default: $NO_PROXY]", text => text);

    private readonly Option<string> _proxyUser = CliOption.Value(
        "--proxy-user", ["-U"], "USER:PASSWORD", "Log in at the proxy; asks for the password when it is left out", OptionText.UserInfo);

    private readonly Option<bool> _proxyTunnel = CliOption.Flag(
        "--proxytunnel", ["-p"], "Go through an HTTP proxy by CONNECT for http URLs, too");

    private readonly Option<bool> _proxyInsecure = CliOption.Flag("--proxy-insecure", [], "Accept any certificate of an https proxy");

    private readonly Option<string> _proxyCaCert = CliOption.Value(
        "--proxy-cacert", [], "FILE", "Trust an https proxy by these certificates (PEM), not the system's", OptionText.ExistingFile);

    /// <summary>Adds the options to a command.</summary>
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
            return !result.Has(_proxy) ? options : throw new UsageException("--lab and --proxy exclude each other: the lab is on loopback");
        }

        return options with { Proxies = BindProxies(result, askPassword, new ProxyEnvironment(environment)) };
    }

    private ProxyOptions? BindProxies(ParseResult result, Func<string, string> askPassword, ProxyEnvironment environment)
    {
        var given = result.Has(_proxy);
        var forHttp = given ? result.GetValue(_proxy) : environment.ForHttp();
        var forHttps = given ? forHttp : environment.ForHttps();
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
}
