using System.Buffers.Text;

namespace Fetcher.Core.Saving;

/// <summary>The Content-Range field of a 206 response (RFC 9110, section 14.4).</summary>
internal static class ContentRange
{
    /// <summary>Reads <c>bytes FIRST-LAST/TOTAL</c>; an unknown total is -1.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long first, out long last, out long total)
    {
        first = last = 0;
        total = -1;
        if (!text.StartsWith("bytes "u8) || !TryNumber(ref text, "bytes "u8.Length, out first) || !TryNumber(ref text, 1, out last))
        {
            return false;
        }

        return last >= first && (text.SequenceEqual("/*"u8) || (TryNumber(ref text, 1, out total) && text.IsEmpty && total > last));
    }

    /// <summary>Whether it spans the whole representation.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> text) => TryParse(text, out var first, out var last, out var total) && first == 0 && last == total - 1;

    private static bool TryNumber(ref ReadOnlySpan<byte> text, int skip, out long number)
    {
        number = 0;
        if (text.Length <= skip || !char.IsAsciiDigit((char)text[skip]) || !Utf8Parser.TryParse(text[skip..], out number, out var used))
        {
            return false;
        }

        text = text[(skip + used)..];
        return text.IsEmpty || text[0] is (byte)'-' or (byte)'/';
    }
}
