using System.Net;
using System.Net.Sockets;

namespace Fetcher.Core;

/// <summary>
/// The hosts that are reached without a proxy, as curl reads its <c>--noproxy</c> and NO_PROXY: names, which stand for their subdomains too, addresses,
/// and networks like 10.0.0.0/8, between commas or spaces. A lone <c>*</c> is every host. Ports are not known.
/// </summary>
public sealed class NoProxyList
{
    private readonly bool _all;
    private readonly List<string> _names = [];
    private readonly List<(byte[] Address, int Bits)> _networks = [];

    private NoProxyList(string text)
    {
        Text = text;
        _all = text.Trim() == "*";
        foreach (var entry in text.Split([',', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (TryReadNetwork(entry, out var network))
            {
                _networks.Add(network);
            }
            else
            {
                _names.Add(entry.Trim('.'));
            }
        }
    }

    /// <summary>No host.</summary>
    public static NoProxyList Empty { get; } = new("");

    /// <summary>The list as it was written.</summary>
    internal string Text { get; }

    /// <summary>Reads a list. An entry that is no address is a name, whatever is in it.</summary>
    public static NoProxyList Parse(string text) => new(text);

    /// <summary>Whether <paramref name="host"/>, a name or an address without brackets, is on the list.</summary>
    public bool Contains(string host)
    {
        if (_all)
        {
            return true;
        }

        if (IPAddress.TryParse(host, out var address))
        {
            var bytes = address.GetAddressBytes();
            return _networks.Exists(network => IsIn(bytes, network.Address, network.Bits));
        }

        var name = host.AsSpan().TrimEnd('.');
        foreach (var known in _names)
        {
            var isMatch = known.Length > 0 && name.EndsWith(known, StringComparison.OrdinalIgnoreCase)
                && (name.Length == known.Length || name[name.Length - known.Length - 1] == '.');
            if (isMatch)
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryReadNetwork(string entry, out (byte[] Address, int Bits) network)
    {
        network = default;
        var slash = entry.IndexOf('/', StringComparison.Ordinal);
        var text = (slash < 0 ? entry : entry[..slash]).Trim('[', ']');
        if (!IPAddress.TryParse(text, out var address)
            || (address.AddressFamily == AddressFamily.InterNetwork && text.AsSpan().Count('.') != 3))
        {
            return false;
        }

        var bytes = address.GetAddressBytes();
        var bits = bytes.Length * 8;
        if (slash >= 0 && (!int.TryParse(entry.AsSpan(slash + 1), out bits) || bits < 0 || bits > bytes.Length * 8))
        {
            return false;
        }

        network = (bytes, bits);
        return true;
    }

    private static bool IsIn(byte[] address, byte[] network, int bits)
    {
        if (address.Length != network.Length || !address.AsSpan(0, bits / 8).SequenceEqual(network.AsSpan(0, bits / 8)))
        {
            return false;
        }

        var rest = bits % 8;
        return rest == 0 || (address[bits / 8] ^ network[bits / 8]) >> (8 - rest) == 0;
    }
}
