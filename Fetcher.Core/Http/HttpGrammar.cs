using System.Buffers;
using System.Runtime.CompilerServices;
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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsName(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known) =>
        name.SequenceEqual(known) || Ascii.EqualsIgnoreCase(name, known);

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
