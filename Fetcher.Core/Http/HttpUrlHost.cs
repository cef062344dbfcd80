using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Unicode;

namespace Fetcher.Core.Http;

/// <summary>
/// The part of reading a <see cref="HttpUrl"/> that knows hosts: names, internationalised names, IPv4 and IPv6 addresses.
/// </summary>
internal static class HttpUrlHost
{
    /// <summary>Longest host name, without a final dot (RFC 1035, section 2.3.4, as text). Bytes.</summary>
    public const int MaxLength = 253;

    private const int MaxLabel = 63;

    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-._"u8);
    private static readonly SearchValues<byte> IPv6Bytes = SearchValues.Create("0123456789abcdefABCDEF:."u8);

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
            return WriteIPv6(host[1..^1], destination, out reason);
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
        if (EndsInNumber(name))
        {
            if (!TryParseIPv4(name, out var address))
            {
                reason = "a host that looks like an IPv4 address and is none";
                return 0;
            }

            reason = null;
            return WriteIPv4(address, destination);
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

    /// <summary>
    /// Converts a name to punycode (RFC 3492). The name is lowercased but not brought into normal form C, for which this build has no
    /// tables.
    /// </summary>
    private static bool TryWriteIdn(ReadOnlySpan<byte> host, Span<byte> destination, out int length)
    {
        length = 0;
        if (!Utf8.IsValid(host))
        {
            return false;
        }

        try
        {
            var ascii = new IdnMapping().GetAscii(Encoding.UTF8.GetString(host).ToLowerInvariant());
            return Encoding.ASCII.TryGetBytes(ascii, destination, out length);
        }
        catch (ArgumentException)
        {
            return false;
        }
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

    /// <summary>Whether the last label is a number, which no top-level domain is: then the host has to be an IPv4 address.</summary>
    private static bool EndsInNumber(ReadOnlySpan<byte> name)
    {
        name = name[^1] == '.' ? name[..^1] : name;
        var label = name[(name.LastIndexOf((byte)'.') + 1)..];
        return !label.IsEmpty && (!label.ContainsAnyExceptInRange((byte)'0', (byte)'9') || TryParseNumber(label, out _));
    }

    /// <summary>
    /// Reads one to four numbers, decimal, octal (0...) or hexadecimal (0x...); the last fills all the bytes that are left, as in
    /// inet_aton(3).
    /// </summary>
    private static bool TryParseIPv4(ReadOnlySpan<byte> name, out uint address)
    {
        name = name[^1] == '.' ? name[..^1] : name;
        address = 0;
        for (var shift = 24; shift >= 0; shift -= 8)
        {
            var dot = name.IndexOf((byte)'.');
            if (!TryParseNumber(dot < 0 ? name : name[..dot], out var number))
            {
                return false;
            }

            if (dot < 0)
            {
                address |= (uint)number;
                return number >> (shift + 8) == 0;
            }

            if (number > byte.MaxValue)
            {
                return false;
            }

            address |= (uint)number << shift;
            name = name[(dot + 1)..];
        }

        return false;
    }

    private static bool TryParseNumber(ReadOnlySpan<byte> text, out ulong number)
    {
        number = 0;
        var radix = 10u;
        if (text.StartsWith("0x"u8))
        {
            radix = 16;
            text = text[2..];
        }
        else if (text.Length > 1 && text[0] == '0')
        {
            radix = 8;
        }
        else if (text.IsEmpty)
        {
            return false;
        }

        foreach (var digit in text)
        {
            var value = HttpGrammar.HexValue(digit);
            number = (number * radix) + (uint)value;
            if (value < 0 || value >= radix || number > uint.MaxValue)
            {
                return false;
            }
        }

        return true;
    }

    private static int WriteIPv4(uint address, Span<byte> destination)
    {
        var length = 0;
        for (var shift = 24; shift >= 0; shift -= 8)
        {
            ((byte)(address >> shift)).TryFormat(destination[length..], out var digits, default, CultureInfo.InvariantCulture);
            length += digits;
            destination[length++] = (byte)'.';
        }

        return length - 1;
    }

    private static int WriteIPv6(ReadOnlySpan<byte> text, Span<byte> destination, out string? reason)
    {
        reason = null;
        if (text.ContainsAnyExcept(IPv6Bytes)
            || !IPAddress.TryParse(text, out var address)
            || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            reason = "an invalid IPv6 address";
            return 0;
        }

        destination[0] = (byte)'[';
        address.TryFormat(destination[1..], out var length);
        destination[length + 1] = (byte)']';
        return length + 2;
    }
}
