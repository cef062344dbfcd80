using System.Buffers.Binary;

namespace Fetcher.Core.Http.Http2;

/// <summary>
/// The Huffman code of HPACK (RFC 7541, section 5.2 and appendix B), which is canonical: among codes of one length, that of the lower symbol is the lower,
/// and each length goes on where the one before it ends. So the lengths are all the data there is.
/// </summary>
internal static class Huffman
{
    private const int LongestCode = 30;

    /// <summary>Codes up to this length are looked up at once: all of ordinary text.</summary>
    private const int ShortBits = 10;

    private const int ShortestCode = 5;

    /// <summary>The code's length in bits, by symbol; the last is the mark of the end.</summary>
    private static readonly byte[] Lengths =
    [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ];

    /// <summary>Symbols in the order of their codes.</summary>
    private static readonly short[] Symbols = [.. Enumerable.Range(0, Lengths.Length).OrderBy(s => Lengths[s]).ThenBy(s => s).Select(s => (short)s)];

    /// <summary>By length: the first code, the place of its symbol in <see cref="Symbols"/>, and how many there are.</summary>
    private static readonly (uint First, int Place, int Count)[] Codes = FindCodes();

    /// <summary>By the first bits of what comes, inverted: the symbol times 16, and the length of its code; 0 where that is longer.</summary>
    private static readonly ushort[] Short = FindShort();

    /// <summary>How long <paramref name="coded"/> bytes are at most when they are decoded.</summary>
    public static int MostDecoded(int coded) => (int)(((long)coded * 8) / ShortestCode);

    /// <summary>Decodes a string.</summary>
    /// <param name="coded">The string, padded to whole bytes.</param>
    /// <param name="to">Where to; at least <see cref="MostDecoded"/> bytes.</param>
    /// <returns>Its length, or -1 when it is not coded by the rules: the mark of the end in it, or a padding that is not up to seven ones.</returns>
    public static int Decode(ReadOnlySpan<byte> coded, Span<byte> to)
    {
        // What has been read and not decoded stands in the upper bits, inverted: the zeros behind it are ones then, which is how a string is padded.
        var (inverted, count, read, written) = (0UL, 0, 0, 0);
        var table = Short;
        while (true)
        {
            // Those count whose bits all fit: the others will be the same again.
            inverted |= NextInverted(coded, read) >> count;
            var taken = Math.Min(coded.Length - read, (63 - count) >> 3);
            read += taken;
            count += 8 * taken;

            int known;
            for (int length; (known = table[(int)(inverted >> (64 - ShortBits))]) != 0 && (length = known & 15) <= count; count -= length)
            {
                to[written++] = (byte)(known >> 4);
                inverted <<= length;
            }

            if (count < LongestCode && read < coded.Length)
            {
                continue;
            }

            if (known != 0)
            {
                // A code that is cut off, which only ones may be.
                return -1;
            }

            if (inverted >> (64 - LongestCode) == 0)
            {
                // The mark of the end, or as the padding up to seven bits of it.
                return count < 8 ? written : -1;
            }

            var (symbol, longLength) = DecodeLong(~inverted);
            if (longLength > count)
            {
                return -1;
            }

            to[written++] = (byte)symbol;
            inverted <<= longLength;
            count -= longLength;
        }
    }

    /// <summary>The next eight bytes, inverted; zeros behind the last.</summary>
    private static ulong NextInverted(ReadOnlySpan<byte> coded, int read)
    {
        var left = coded.Length - read;
        if (left >= sizeof(ulong))
        {
            return ~BinaryPrimitives.ReadUInt64BigEndian(coded[read..]);
        }

        if (left > 0 && coded.Length >= sizeof(ulong))
        {
            return ~BinaryPrimitives.ReadUInt64BigEndian(coded[^sizeof(ulong)..]) << (64 - (8 * left));
        }

        var next = 0UL;
        for (var i = 0; i < left; i++)
        {
            next |= (ulong)(byte)~coded[read + i] << (56 - (8 * i));
        }

        return next;
    }

    private static (int Symbol, int Length) DecodeLong(ulong bits)
    {
        for (var length = ShortBits + 1; ; length++)
        {
            var (first, place, count) = Codes[length];
            var behind = (uint)(bits >> (64 - length)) - first;
            if (behind < count)
            {
                return (Symbols[place + (int)behind], length);
            }
        }
    }

    private static (uint First, int Place, int Count)[] FindCodes()
    {
        var codes = new (uint First, int Place, int Count)[LongestCode + 1];
        var (next, place) = (0U, 0);
        for (var length = 1; length <= LongestCode; length++)
        {
            next <<= 1;
            var count = Lengths.Count(l => l == length);
            codes[length] = (next, place, count);
            next += (uint)count;
            place += count;
        }

        return codes;
    }

    private static ushort[] FindShort()
    {
        var table = new ushort[1 << ShortBits];
        for (var length = ShortestCode; length <= ShortBits; length++)
        {
            var (first, place, count) = Codes[length];
            for (var i = 0; i < count; i++)
            {
                var behind = (int)(first + (uint)i + 1) << (ShortBits - length);
                Array.Fill(table, (ushort)((Symbols[place + i] << 4) | length), table.Length - behind, 1 << (ShortBits - length));
            }
        }

        return table;
    }
}
