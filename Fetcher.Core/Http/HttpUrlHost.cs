using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Fetcher.Core.Http.Names;

namespace Fetcher.Core.Http;

/// <summary>
/// The part of reading a <see cref="HttpUrl"/> that knows hosts and ports. Names are its own, addresses those of <see
/// cref="HttpUrlAddress"/>.
/// </summary>
internal static class HttpUrlHost
{
    /// <summary>Longest host name, without a final dot (RFC 1035, section 2.3.4, as text). Bytes.</summary>
    public const int MaxLength = 253;

    private const int MaxLabel = 63;

    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-._"u8);

    /// <summary>
    /// Splits <c>host:port</c>. The port is 0 when there is none or it is empty; the host keeps its brackets and is not empty.
    /// </summary>
    public static bool TrySplitPort(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> host, out int port, out string? reason)
    {
        port = 0;
        reason = null;
        var hostEnd = text.IndexOf((byte)':');
        if (text.StartsWith("["u8))
        {
            hostEnd = text.IndexOf((byte)']') + 1;
            if (hostEnd == 0)
            {
                host = default;
                reason = "an IPv6 address without its closing bracket";
                return false;
            }
        }

        host = hostEnd < 0 ? text : text[..hostEnd];
        var rest = text[host.Length..];
        if (host.IsEmpty)
        {
            reason = "no host";
        }
        else if (rest.Length > 0 && rest[0] != ':')
        {
            reason = "text after the closing bracket of an IPv6 address";
        }
        else if (rest.Length > 1 && !TryParsePort(rest[1..], out port))
        {
            reason = "a port that is not a number from 1 to 65535";
        }

        return reason is null;
    }

    /// <summary>Writes the host in its normal form and returns its length.</summary>
    /// <param name="host">A name or an address, not empty; IPv6 in brackets.</param>
    /// <param name="destination">
    /// Takes at most as many bytes as <paramref name="host"/> has, or <see cref="MaxLength"/> + 1 when that is more.
    /// </param>
    /// <param name="reason">A short clause that says what is wrong, or null.</param>
    public static int Write(ReadOnlySpan<byte> host, Span<byte> destination, out string? reason)
    {
        if (host[0] == '[')
        {
            return HttpUrlAddress.WriteIPv6(host[1..^1], destination, out reason);
        }

        int length;
        if (Ascii.IsValid(host))
        {
            Ascii.ToLower(host, destination, out length);
        }
        else if (!TryWriteIdn(host, destination, out length))
        {
            reason = "a host name that is not a valid internationalised name";
            return 0;
        }

        var name = destination[..length];
        if (HttpUrlAddress.EndsInNumber(name))
        {
            if (!HttpUrlAddress.TryParseIPv4(name, out var address))
            {
                reason = "a host that looks like an IPv4 address and is none";
                return 0;
            }

            reason = null;
            return HttpUrlAddress.WriteIPv4(address, destination);
        }

        reason = CheckName(name);
        return length;
    }

    private static bool TryParsePort(ReadOnlySpan<byte> digits, out int port)
    {
        port = 0;
        foreach (var digit in digits)
        {
            port = (port * 10) + digit - '0';
            if (!char.IsAsciiDigit((char)digit) || port > ushort.MaxValue)
            {
                return false;
            }
        }

        return port > 0;
    }

    /// <summary>Converts a name beyond ASCII.</summary>
    private static bool TryWriteIdn(ReadOnlySpan<byte> host, Span<byte> destination, out int length)
    {
        length = 0;
        return Utf8.IsValid(host)
            && DomainName.ToAscii(Encoding.UTF8.GetString(host)) is { Length: > 0 } ascii
            && Encoding.ASCII.TryGetBytes(ascii, destination, out length);
    }

    private static string? CheckName(ReadOnlySpan<byte> name)
    {
        var bad = name.IndexOfAnyExcept(NameBytes);
        if (bad >= 0)
        {
            return $"the character '{(char)name[bad]}' in the host";
        }

        var labels = name[^1] == '.' ? name[..^1] : name;
        if (labels.Length > MaxLength)
        {
            return $"a host name longer than {MaxLength} bytes";
        }

        while (true)
        {
            var dot = labels.IndexOf((byte)'.');
            var label = dot < 0 ? labels : labels[..dot];
            if (label.IsEmpty)
            {
                return "an empty label in the host name";
            }

            if (label.Length > MaxLabel)
            {
                return $"a host name label longer than {MaxLabel} bytes";
            }

            if (dot < 0)
            {
                return null;
            }

            labels = labels[(dot + 1)..];
        }
    }
}
