using System.CommandLine;
using System.Net;
using Fetcher.Core;

namespace Fetcher.Commands;

/// <summary>How names are looked up.</summary>
internal sealed class DnsOptionSet
{
    private const int DnsPort = 53;

    private readonly Option<TimeSpan> _ttl = CliOption.Value(
        "--dns-ttl", [], "SECONDS", "Look a name up again after this long; 0 is for each new connection [default: once a run]", OptionText.Seconds);

    private readonly Option<IPEndPoint[]> _servers = CliOption.Value(
        "--dns-servers", [], "ADDR[:PORT],...", "Ask these name servers instead of the system's resolver, the next when one does not answer", Servers);

    /// <summary>The options, for the help's group of network options.</summary>
    public IReadOnlyList<Option> All => [_ttl, _servers];

    /// <summary>Adds what was given to <paramref name="options"/>.</summary>
    public FetchOptions Bind(ParseResult result, FetchOptions options) => options with
    {
        DnsTtl = result.Has(_ttl) ? result.GetRequiredValue(_ttl) : null,
        NameServers = result.Has(_servers) ? new NameServers(result.GetRequiredValue(_servers)) : null,
    };

    private static IPEndPoint[] Servers(string text) => [.. text.Split(',').Select(Server)];

    private static IPEndPoint Server(string text) =>
        IPAddress.TryParse(text, out var address) ? new IPEndPoint(address, DnsPort)
        : IPEndPoint.TryParse(text, out var endpoint) && endpoint.Port > 0 ? endpoint
        : throw new FormatException($"'{text}' is not an address, or one with a port: 192.0.2.1, 192.0.2.1:5353, [2001:db8::1]:53");
}
