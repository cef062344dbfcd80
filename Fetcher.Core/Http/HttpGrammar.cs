using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Fetcher.Core.Http;

/// <summary>The character classes and small rules that HTTP's parsers share (RFC 9110, section 5.6; RFC 9112, section 2.2).</summary>
internal static class HttpGrammar
{
    public const byte Tab = (byte)'\t';
    public const byte LineFeed = (byte)'\n';
    public const byte CarriageReturn = (byte)'\r';
    public const byte Space = (byte)' ';

    /// <summary>Bytes of a <c>token</c>, such as a field name.</summary>
    public static readonly SearchValues<byte> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>
    /// Bytes that cannot stand in a field value or reason phrase: every control character but HTAB. CR and LF, which end a line, are among
    /// them.
    /// </summary>
    public static readonly SearchValues<byte> Control = SearchValues.Create(
    [
        0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x10,
        0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F, 0x7F,
    ]);

    /// <summary>Whether <paramref name="name"/> is <paramref name="known"/>, in any case.</summary>
    public static bool IsName(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known)
    {
        if (name.Length != known.Length || name.Length < sizeof(ulong))
        {
            return name.SequenceEqual(known) || Ascii.EqualsIgnoreCase(name, known);
        }

        // Eight bytes at once, the last eight perhaps again: HTTP/2 has all names in lowercase (bench/NOTES.md).
        var difference = DifferenceAt(name, known, name.Length - sizeof(ulong));
        for (var i = 0; i < name.Length - sizeof(ulong); i += sizeof(ulong))
        {
            difference |= DifferenceAt(name, known, i);
        }

        return difference == 0;
    }

    /// <summary>The bits of eight bytes that differ, but for those that tell the cases of a letter apart.</summary>
    private static ulong DifferenceAt(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, int start)
    {
        var bytes = BinaryPrimitives.ReadUInt64LittleEndian(one[start..]);
        var difference = bytes ^ BinaryPrimitives.ReadUInt64LittleEndian(other[start..]);

        // In each byte, the highest bit says whether it is a letter: from 'a' on and not behind 'z', once it is in lowercase.
        const ulong CaseBits = 0x2020_2020_2020_2020, HighBits = 0x8080_8080_8080_8080, FromA = 0x1F1F_1F1F_1F1F_1F1F, BehindZ = 0x0505_0505_0505_0505;
        var lowercase = (bytes | CaseBits) & ~HighBits;
        var letters = (lowercase + FromA) & ~(lowercase + BehindZ) & ~bytes & HighBits;
        return difference & ~(letters >> 2);
    }

    /// <summary>Whether <paramref name="value"/> is optional white space (<c>OWS</c>): a space or a tab.</summary>
    public static bool IsBlank(byte value) => value is Space or Tab;

    /// <summary>The text without the spaces and tabs around it.</summary>
    public static ReadOnlySpan<byte> TrimBlanks(ReadOnlySpan<byte> text)
    {
        var start = 0;
        while (start < text.Length && IsBlank(text[start]))
        {
            start++;
        }

        var end = text.Length;
        while (end > start && IsBlank(text[end - 1]))
        {
            end--;
        }

        return text[start..end];
    }

    /// <summary>The value of a hexadecimal digit, or -1.</summary>
    public static int HexValue(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => -1,
    };
}
