using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fetcher.Core.Net;

/// <summary>The client's side of SOCKS 5 (RFC 1928), with user name and password (RFC 1929) or without.</summary>
internal static class Socks5
{
    private const byte Version = 5, PasswordVersion = 1, NoAuthentication = 0, Password = 2, Connect = 1;
    private const byte IPv4 = 1, Name = 3, IPv6 = 4;

    /// <summary>Has the proxy connect to <paramref name="host"/>, a name or an address; what is sent from then on goes there.</summary>
    /// <exception cref="FetchException">The proxy refused, or does not speak SOCKS 5 (curl's 97).</exception>
    public static async ValueTask OpenAsync(Stream proxy, ProxyAddress address, string host, int port, CancellationToken cancellation)
    {
        try
        {
            await AuthenticateAsync(proxy, address.CredentialBytes, cancellation).ConfigureAwait(false);
            await proxy.WriteAsync(Request(host, port), cancellation).ConfigureAwait(false);
            var reply = await ReadAsync(proxy, 5, cancellation).ConfigureAwait(false);
            if (reply[0] != Version)
            {
                throw Refused("it does not speak SOCKS 5");
            }

            if (reply[1] != 0)
            {
                throw Refused($"it cannot connect to {host} port {port}: {Reason(reply[1])}");
            }

            // The address that the proxy uses, of which the first byte has been read already; nobody asks for it.
            var left = reply[3] switch
            {
                IPv4 => 3,
                IPv6 => 15,
                Name => reply[4],
                _ => throw Refused("its answer holds an address of a type that SOCKS 5 does not have"),
            };
            await ReadAsync(proxy, left + 2, cancellation).ConfigureAwait(false);
        }
        catch (EndOfStreamException e)
        {
            throw Refused("it closed the connection", e);
        }
    }

    private static async ValueTask AuthenticateAsync(Stream proxy, byte[]? credentials, CancellationToken cancellation)
    {
        byte[] greeting = credentials is null ? [Version, 1, NoAuthentication] : [Version, 2, NoAuthentication, Password];
        await proxy.WriteAsync(greeting, cancellation).ConfigureAwait(false);
        var choice = await ReadAsync(proxy, 2, cancellation).ConfigureAwait(false);
        if (choice[0] != Version)
        {
            throw Refused("it does not speak SOCKS 5");
        }

        if (choice[1] == Password && credentials is not null)
        {
            await proxy.WriteAsync(Login(credentials), cancellation).ConfigureAwait(false);
            var verdict = await ReadAsync(proxy, 2, cancellation).ConfigureAwait(false);
            if (verdict[1] != 0)
            {
                throw Refused("it does not accept the user name and password");
            }
        }
        else if (choice[1] != NoAuthentication)
        {
            throw Refused(credentials is null ? "it wants a user name and password, or another proof" : "it accepts no kind of proof that fetcher has");
        }
    }

    private static byte[] Login(byte[] credentials)
    {
        var colon = Array.IndexOf(credentials, (byte)':');
        var user = colon < 0 ? credentials : credentials[..colon];
        var password = colon < 0 ? [] : credentials[(colon + 1)..];
        return user.Length <= byte.MaxValue && password.Length <= byte.MaxValue
            ? [PasswordVersion, (byte)user.Length, .. user, (byte)password.Length, .. password]
            : throw Refused("SOCKS 5 has no room for a user name or password of more than 255 bytes");
    }

    private static byte[] Request(string host, int port)
    {
        Span<byte> portBytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(portBytes, (ushort)port);
        if (IPAddress.TryParse(host, out var address))
        {
            return [Version, Connect, 0, address.AddressFamily == AddressFamily.InterNetworkV6 ? IPv6 : IPv4, .. address.GetAddressBytes(), .. portBytes];
        }

        // A host name of a URL has at most 254 bytes.
        var name = Encoding.ASCII.GetBytes(host);
        return [Version, Connect, 0, Name, (byte)name.Length, .. name, .. portBytes];
    }

    private static async ValueTask<byte[]> ReadAsync(Stream proxy, int length, CancellationToken cancellation)
    {
        var bytes = new byte[length];
        await proxy.ReadExactlyAsync(bytes, cancellation).ConfigureAwait(false);
        return bytes;
    }

    private static string Reason(byte reply) => reply switch
    {
        1 => "general failure",
        2 => "not allowed by its rules",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "time to live expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => $"reply {reply}",
    };

    private static FetchException Refused(string why, Exception? inner = null) =>
        Failures.SocksRefused.Of(why).Thrown(inner);
}
