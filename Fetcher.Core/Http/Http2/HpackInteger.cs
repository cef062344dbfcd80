namespace Fetcher.Core.Http.Http2;

/// <summary>Numbers as HPACK writes them (RFC 7541, section 5.1): in what is left of a byte, or in further bytes of seven bits each.</summary>
internal static class HpackInteger
{
    /// <summary>Bytes that a number takes at most.</summary>
    public const int MaxLength = 6;

    /// <summary>More than anything that is lawful: lengths and indexes end far below.</summary>
    private const int Most = 1 << 24;

    /// <summary>Reads a number.</summary>
    /// <param name="data">Begins with it; what it takes is taken off.</param>
    /// <param name="prefix">How many of the first byte's bits are its.</param>
    /// <returns>The number, or -1 when it is cut off or far too large.</returns>
    public static int Read(ref ReadOnlySpan<byte> data, int prefix)
    {
        if (data.IsEmpty)
        {
            return -1;
        }

        var most = (1 << prefix) - 1;
        var number = data[0] & most;
        if (number < most)
        {
            data = data[1..];
            return number;
        }

        for (var (i, shift) = (1, 0); i < data.Length && shift <= 28; i++, shift += 7)
        {
            number += (int)Math.Min((long)(data[i] & 0x7F) << shift, Most);
            if (number >= Most)
            {
                return -1;
            }

            if ((data[i] & 0x80) == 0)
            {
                data = data[(i + 1)..];
                return number;
            }
        }

        return -1;
    }

    /// <summary>Writes a number.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="first">The bits of the first byte that are not the number's.</param>
    /// <param name="prefix">How many of the first byte's bits are the number's.</param>
    /// <param name="number">The number.</param>
    /// <returns>How many bytes it took.</returns>
    public static int Write(Span<byte> to, byte first, int prefix, int number)
    {
        var most = (1 << prefix) - 1;
        if (number < most)
        {
            to[0] = (byte)(first | number);
            return 1;
        }

        to[0] = (byte)(first | most);
        number -= most;
        var length = 1;
        for (; number >= 0x80; number >>= 7)
        {
            to[length++] = (byte)(number | 0x80);
        }

        to[length++] = (byte)number;
        return length;
    }
}
