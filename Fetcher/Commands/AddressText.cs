using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Fetcher.Core;

namespace Fetcher.Commands;

/// <summary>Reads the values of <c>--resolve</c> and <c>--connect-to</c> (curl(1)). A host in brackets is an IPv6 address.</summary>
internal static class AddressText
{
    /// <summary>
    /// <c>HOST:PORT:ADDR[,ADDR]...</c>; HOST may be <c>*</c>. A + before it means that the entry may go stale, which none does within a run.
    /// <c>-HOST:PORT</c> takes an entry back, and has no addresses.
    /// </summary>
    public static ResolveEntry Resolve(string text)
    {
        var isTakenBack = text.StartsWith('-');
        var rest = text.AsSpan(isTakenBack || text.StartsWith('+') ? 1 : 0);
        if (TryTakeHost(ref rest, out var host) && host.Length > 0)
        {
            if (isTakenBack && TryPort(rest, out var port) && port > 0)
            {
                return new ResolveEntry(host, port, []);
            }

            if (!isTakenBack && TryTakePort(ref rest, out port) && port > 0 && !rest.IsEmpty)
            {
                return new ResolveEntry(host, port, rest.ToString().Split(',').Select(Address).ToArray());
            }
        }

        throw new FormatException($"'{text}' is not of the form HOST:PORT:ADDR[,ADDR]..., e.g. example.com:443:127.0.0.1");
    }

    /// <summary>The entries that count: of those for the same host and port the last one, unless it takes them back.</summary>
    public static ResolveEntry[] InForce(IEnumerable<ResolveEntry> given) =>
        [.. given.GroupBy(entry => (entry.Host.ToUpperInvariant(), entry.Port)).Select(same => same.Last()).Where(entry => entry.Addresses.Count > 0)];

    /// <summary><c>HOST1:PORT1:HOST2:PORT2</c>; each part may be empty, and the colon before an empty PORT2 may be left out.</summary>
    public static ConnectTo ConnectTo(string text)
    {
        var rest = text.AsSpan();
        if (TryTakeHost(ref rest, out var fromHost) && TryTakePort(ref rest, out var fromPort))
        {
            // Behind a host without its port one more colon makes the forms alike.
            var to = $"{rest}:".AsSpan();
            var toPort = 0;
            if (TryTakeHost(ref to, out var toHost) && (to.IsEmpty || TryTakePort(ref to, out toPort)) && to.IsEmpty)
            {
                return new ConnectTo(fromHost, fromPort, toHost, toPort);
            }
        }

        throw new FormatException($"'{text}' is not of the form HOST1:PORT1:HOST2:PORT2, e.g. example.com:443:[::1]:8443");
    }

    private static IPAddress Address(string text)
    {
        var bare = text.StartsWith('[') && text.EndsWith(']') ? text[1..^1] : text;

        // The parser of .NET takes "1" for 0.0.0.1.
        return IPAddress.TryParse(bare, out var address)
            && (address.AddressFamily != AddressFamily.InterNetwork || bare.AsSpan().Count('.') == 3)
                ? address
                : throw new FormatException($"'{text}' is not an IP address");
    }

    /// <summary>Takes a host and the colon after it.</summary>
    private static bool TryTakeHost(ref ReadOnlySpan<char> rest, out string host)
    {
        host = "";
        var end = rest.StartsWith("[") ? rest.IndexOf(']') + 1 : rest.IndexOf(':');
        if (end < 0 || end >= rest.Length || rest[end] != ':')
        {
            return false;
        }

        var taken = rest[..end];
        if (taken.StartsWith("["))
        {
            taken = taken[1..^1];
            if (!IPAddress.TryParse(taken, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
            {
                return false;
            }
        }

        host = taken.ToString();
        rest = rest[(end + 1)..];
        return true;
    }

    /// <summary>Takes a port and the colon after it.</summary>
    private static bool TryTakePort(ref ReadOnlySpan<char> rest, out int port)
    {
        port = 0;
        var end = rest.IndexOf(':');
        if (end < 0 || !TryPort(rest[..end], out port))
        {
            return false;
        }

        rest = rest[(end + 1)..];
        return true;
    }

    /// <summary>A port, or 0 when there is none.</summary>
    private static bool TryPort(ReadOnlySpan<char> text, out int port)
    {
        port = 0;
        return text.IsEmpty
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= 65535);
    }
}
