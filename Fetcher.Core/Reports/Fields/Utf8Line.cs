using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Fetcher.Core.Reports.Fields;

/// <summary>
/// Writes the parts of a line one after the other, without a check or an allocation per part, into a span that the caller made large enough
/// (<see cref="EscapedLength(ReadOnlySpan{byte})"/>).
/// </summary>
internal ref partial struct Utf8Line(Span<byte> span)
{
    /// <summary>Room that a number needs: a sign and 19 digits at most, or 13 digits, a point and 6 digits. Short ones are written as a block of eight bytes.</summary>
    public const int MaxNumberLength = 21;

    /// <summary>U+0001 becomes <c>\u0001</c>; nothing grows more, neither a byte nor a UTF-16 unit.</summary>
    private const int LongestEscape = 6;

    private readonly Span<byte> _span = span;

    // What short seconds were written last, and as what: on a kept connection several times of a result are one.
    private long _lastSeconds;
    private ulong _lastBlock;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What has been written.</summary>
    public readonly ReadOnlySpan<byte> Written => _span[..Length];

    /// <summary>Room that <see cref="JsonString(ReadOnlySpan{byte})"/> or <see cref="CsvField(ReadOnlySpan{byte})"/> may need.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int EscapedLength(ReadOnlySpan<byte> utf8) => (utf8.Length * LongestEscape) + 2;

    /// <summary>Room that <see cref="JsonString(string?)"/> or <see cref="CsvField(string?)"/> may need.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int EscapedLength(string? text) => ((text?.Length ?? 0) * LongestEscape) + 2;

    /// <summary>Writes bytes as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_span[Length..]);
        Length += bytes.Length;
    }

    /// <summary>Writes the name of a JSON member between a comma and a colon, as it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void JsonKey(scoped ReadOnlySpan<byte> name)
    {
        var target = _span.Slice(Length, name.Length + 4);
        target[0] = (byte)',';
        target[1] = (byte)'"';
        name.CopyTo(target[2..]);
        BinaryPrimitives.WriteUInt16LittleEndian(target[(name.Length + 2)..], '"' | (':' << 8));
        Length += target.Length;
    }

    /// <summary>Makes an object of the members since the line was <paramref name="start"/> long: a brace takes the place of the comma before the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CloseObject(int start)
    {
        _span[start] = (byte)'{';
        _span[Length++] = (byte)'}';
    }

    /// <summary>Writes a decimal number.</summary>
    public void Number(long value)
    {
        if ((ulong)value < 10)
        {
            // Most numbers of a result are 0 or 1.
            _span[Length++] = (byte)('0' + value);
        }
        else if ((ulong)value < DecimalDigits.Four)
        {
            var digits = DecimalDigits.FourOf((uint)value);
            var zeros = DecimalDigits.LeadingZeros(digits);
            WriteBlock(digits >> zeros, length: 4 - (zeros / 8));
        }
        else if ((ulong)value < DecimalDigits.Eight)
        {
            var digits = DecimalDigits.EightOf((uint)value);
            var zeros = DecimalDigits.LeadingZeros(digits);
            WriteBlock(digits >> zeros, length: 8 - (zeros / 8));
        }
        else
        {
            LongNumber(value);
        }
    }

    /// <summary>
    /// Writes a number of a thousandth of the unit, not negative, in the unit with three decimals: microseconds as milliseconds, nanoseconds as
    /// microseconds.
    /// </summary>
    public void Thousandths(long value)
    {
        var (whole, rest) = Math.DivRem(value, 1000);
        Number(whole);
        var target = _span.Slice(Length, 4);
        target[0] = (byte)'.';
        target[1] = (byte)('0' + (rest / 100));
        WritePair(target[2..], (uint)(rest % 100));
        Length += 4;
    }

    /// <summary>Writes a moment of UTC to the microsecond, as RFC 3339 has it (27 bytes), in quotes.</summary>
    public void JsonTime(DateTime utc)
    {
        _span[Length++] = (byte)'"';
        utc.TryFormat(_span[Length..], out var written, "yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
        Length += written;
        _span[Length++] = (byte)'"';
    }

    /// <summary>
    /// Writes a JSON string (RFC 8259, section 7). Control characters, also those above ASCII, are escaped; invalid UTF-8 becomes U+FFFD.
    /// </summary>
    public void JsonString(scoped ReadOnlySpan<byte> utf8)
    {
        _span[Length++] = (byte)'"';
        if (PlainText.Is(utf8))
        {
            Raw(utf8);
        }
        else
        {
            JsonRunes(utf8);
        }

        _span[Length++] = (byte)'"';
    }

    /// <summary>Writes a JSON string or <c>null</c>; a lone surrogate becomes U+FFFD.</summary>
    public void JsonString(string? text)
    {
        if (text is null)
        {
            Raw("null"u8);
            return;
        }

        _span[Length++] = (byte)'"';
        if (!text.AsSpan().ContainsAnyExcept(PlainText.Chars))
        {
            Ascii.FromUtf16(text, _span[Length..], out var written);
            Length += written;
        }
        else
        {
            foreach (var rune in text.EnumerateRunes())
            {
                JsonRune(rune);
            }
        }

        _span[Length++] = (byte)'"';
    }

    /// <summary>
    /// Writes a CSV field (RFC 4180), quoted if it must be. Control characters, which CSV cannot escape, become U+FFFD, as does invalid
    /// UTF-8.
    /// </summary>
    public void CsvField(scoped ReadOnlySpan<byte> utf8)
    {
        var quoted = utf8.ContainsAny((byte)'"', (byte)',');
        Quote(quoted);
        if (!utf8.ContainsAnyExcept(PlainText.Bytes))
        {
            Raw(utf8);
        }
        else
        {
            for (var rest = utf8; !rest.IsEmpty;)
            {
                Rune.DecodeFromUtf8(rest, out var rune, out var consumed);
                CsvRune(rune);
                rest = rest[consumed..];
            }
        }

        Quote(quoted);
    }

    /// <summary>Writes a CSV field; null is the empty field.</summary>
    public void CsvField(string? text)
    {
        var quoted = text.AsSpan().ContainsAny('"', ',');
        Quote(quoted);
        foreach (var rune in text.AsSpan().EnumerateRunes())
        {
            CsvRune(rune);
        }

        Quote(quoted);
    }

    /// <summary>Writes the first <paramref name="length"/> bytes of <paramref name="block"/>, lowest first; what is written beyond them is overwritten next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteBlock(ulong block, int length)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_span[Length..], block);
        Length += length;
    }

    /// <summary>Writes a number below 100 with two digits, as one number of 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WritePair(Span<byte> target, uint pair)
    {
        // A tenth, exact below 179, without a division.
        var tens = (pair * 103) >> 10;
        BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)(0x3030 + tens + ((pair - (tens * 10)) << 8)));
    }

    // What is rare stands in methods of its own: else those that most values go through would save registers for it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LongNumber(long value)
    {
        Utf8Formatter.TryFormat(value, _span[Length..], out var written);
        Length += written;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void JsonRunes(scoped ReadOnlySpan<byte> utf8)
    {
        for (var rest = utf8; !rest.IsEmpty;)
        {
            Rune.DecodeFromUtf8(rest, out var rune, out var consumed);
            JsonRune(rune);
            rest = rest[consumed..];
        }
    }

    private void Quote(bool quoted)
    {
        if (quoted)
        {
            _span[Length++] = (byte)'"';
        }
    }

    private void JsonRune(Rune rune)
    {
        switch (rune.Value)
        {
            case '"':
                Raw("\\\""u8);
                break;
            case '\\':
                Raw("\\\\"u8);
                break;
            case '\n':
                Raw("\\n"u8);
                break;
            case '\r':
                Raw("\\r"u8);
                break;
            case '\t':
                Raw("\\t"u8);
                break;
            default:
                if (Rune.IsControl(rune))
                {
                    Raw("\\u"u8);
                    Utf8Formatter.TryFormat((uint)rune.Value, _span[Length..], out var written, new StandardFormat('x', 4));
                    Length += written;
                }
                else
                {
                    Length += rune.EncodeToUtf8(_span[Length..]);
                }

                break;
        }
    }

    private void CsvRune(Rune rune)
    {
        if (rune.Value == '"')
        {
            Raw("\"\""u8);
        }
        else
        {
            Length += (Rune.IsControl(rune) ? Rune.ReplacementChar : rune).EncodeToUtf8(_span[Length..]);
        }
    }
}
