using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fetcher.Core.Http;

/// <summary>The part of reading a <see cref="HttpUrl"/> that knows IPv4 and IPv6 addresses.</summary>
internal static class HttpUrlAddress
{
    private static readonly SearchValues<byte> IPv6Bytes = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    /// <summary>Whether a host, without brackets, is an address and no name.</summary>
    public static bool IsAddress(ReadOnlySpan<byte> host) => host.Contains((byte)':') || TryParseIPv4(host, out _);

    /// <summary>Whether the last label is a number, which no top-level domain is: then the host has to be an IPv4 address.</summary>
    public static bool EndsInNumber(ReadOnlySpan<byte> name)
    {
        name = name[^1] == '.' ? name[..^1] : name;
        var label = name[(name.LastIndexOf((byte)'.') + 1)..];
        return !label.IsEmpty && (!label.ContainsAnyExceptInRange((byte)'0', (byte)'9') || TryParseNumber(label, out _));
    }

    /// <summary>
    /// Reads one to four numbers, decimal, octal (0...) or hexadecimal (0x...); the last fills all the bytes that are left, as in
    /// inet_aton(3).
    /// </summary>
    public static bool TryParseIPv4(ReadOnlySpan<byte> name, out uint address)
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

    /// <summary>Writes <c>1.2.3.4</c> and returns its length; <paramref name="destination"/> has room for one byte more.</summary>
    public static int WriteIPv4(uint address, Span<byte> destination)
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

    /// <summary>Writes the address that stood in brackets, compressed and in brackets again, and returns its length.</summary>
    public static int WriteIPv6(ReadOnlySpan<byte> text, Span<byte> destination, out string? reason)
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
