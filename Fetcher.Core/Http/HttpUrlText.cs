using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace Fetcher.Core.Http;

/// <summary>The parts of reading a <see cref="HttpUrl"/> that know scheme, path and query.</summary>
internal static class HttpUrlText
{
    private const byte FirstVisible = 0x21, LastVisible = 0x7E;

    /// <summary>Refuses control characters and spaces. A reference may hold spaces.</summary>
    /// <returns>Whether the text is visible ASCII only, so that nothing in it has to be percent-encoded.</returns>
    public static bool CheckCharacters(ReadOnlySpan<byte> text, bool isReference, out string? reason)
    {
        reason = null;
        var plain = !text.ContainsAnyExceptInRange(FirstVisible, LastVisible);
        if (!plain)
        {
            foreach (var value in text)
            {
                if (value is < 0x20 or 0x7F)
                {
                    reason = $"the control character 0x{value:X2}";
                    return false;
                }

                if (value == HttpGrammar.Space && !isReference)
                {
                    reason = "a space in the URL";
                    return false;
                }
            }
        }

        return plain;
    }

    /// <summary>
    /// Whether path and query are sent as they are written: all is visible ASCII, there is no fragment, and no segment of the path that could be one of dots. In
    /// one pass, sixteen bytes at once: it is asked of every line of a list.
    /// </summary>
    public static bool IsPlainTarget(ReadOnlySpan<byte> target)
    {
        if (target is not [(byte)'/', ..])
        {
            return false;
        }

        // Each byte is looked at with the one before it; the last ones may be looked at twice.
        var last = target.Length - 1 - Vector128<byte>.Count;
        if (last < 0)
        {
            for (var i = 1; i < target.Length; i++)
            {
                if (target[i] is < FirstVisible or > LastVisible or (byte)'#' || (target[i] == '.' && target[i - 1] == '/'))
                {
                    return false;
                }
            }

            return true;
        }

        ref var first = ref MemoryMarshal.GetReference(target);
        for (var i = 0; i < last; i += Vector128<byte>.Count)
        {
            if (HasUnplain(ref first, (nuint)i))
            {
                return false;
            }
        }

        return !HasUnplain(ref first, (nuint)last);
    }

    /// <summary>Length of the scheme that <paramref name="text"/> starts with (RFC 3986, section 3.1), or 0 without one.</summary>
    public static int SchemeLength(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var isLetter = char.IsAsciiLetter((char)text[i]);
            if (text[i] == ':')
            {
                return i;
            }

            if (!isLetter && (i == 0 || !(char.IsAsciiDigit((char)text[i]) || text[i] is (byte)'+' or (byte)'-' or (byte)'.')))
            {
                return 0;
            }
        }

        return 0;
    }

    /// <summary>Reads <c>http://</c> or <c>https://</c>. A reference may have one to three slashes, since servers send such and curl takes them.</summary>
    public static bool TryReadScheme(ReadOnlySpan<byte> text, bool isReference, out bool isHttps, out int length, out string? reason)
    {
        var schemeLength = SchemeLength(text);
        var scheme = text[..schemeLength];
        var slashes = text[Math.Min(schemeLength + 1, text.Length)..];
        slashes = slashes[..^slashes.TrimStart((byte)'/').Length];
        length = schemeLength + 1 + (isReference ? slashes.Length : 2);
        isHttps = Ascii.EqualsIgnoreCase(scheme, "https"u8);
        reason =
            schemeLength == 0 ? "no scheme: a URL starts with http:// or https://"
            : !isHttps && !Ascii.EqualsIgnoreCase(scheme, "http"u8) ? $"the scheme '{SchemeName(scheme)}' is not http or https"
            : isReference ? slashes.Length is 0 or > 3 ? "not one to three slashes after the scheme" : null
            : slashes.Length < 2 ? "no // after the scheme"
            : null;
        return reason is null;
    }

    /// <summary>Writes path and query, at least <c>/</c>, without the fragment, and returns the length.</summary>
    /// <param name="target">What follows the authority: empty, or it starts with <c>/</c>, <c>?</c> or <c>#</c>.</param>
    /// <param name="plain">Whether there is nothing to percent-encode.</param>
    /// <param name="destination">Takes at most 3 bytes for each of target's, and one more.</param>
    public static int WriteTarget(ReadOnlySpan<byte> target, bool plain, Span<byte> destination)
    {
        var fragment = target.IndexOf((byte)'#');
        if (fragment >= 0)
        {
            target = target[..fragment];
        }

        var length = 0;
        if (target.IsEmpty || target[0] != '/')
        {
            destination[length++] = (byte)'/';
        }

        if (plain)
        {
            target.CopyTo(destination[length..]);
            length += target.Length;
        }
        else
        {
            length += PercentEncode(target, destination[length..]);
        }

        var written = destination[..length];
        return written.Contains((byte)'.') && written.IndexOf("/."u8) >= 0 ? RemoveDotSegments(written) : length;
    }

    private static bool HasUnplain(ref byte first, nuint at)
    {
        var before = Vector128.LoadUnsafe(ref first, at);
        var bytes = Vector128.LoadUnsafe(ref first, at + 1);
        return (Vector128.GreaterThan(bytes - Vector128.Create(FirstVisible), Vector128.Create((byte)(LastVisible - FirstVisible)))
            | Vector128.Equals(bytes, Vector128.Create((byte)'#'))
            | (Vector128.Equals(before, Vector128.Create((byte)'/')) & Vector128.Equals(bytes, Vector128.Create((byte)'.')))) != Vector128<byte>.Zero;
    }

    private static int PercentEncode(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        var length = 0;
        foreach (var value in text)
        {
            if (value is > 0x20 and < 0x7F)
            {
                destination[length++] = value;
            }
            else
            {
                destination[length++] = (byte)'%';
                destination[length++] = (byte)"0123456789ABCDEF"[value >> 4];
                destination[length++] = (byte)"0123456789ABCDEF"[value & 15];
            }
        }

        return length;
    }

    /// <summary>
    /// Removes the segments <c>.</c> and <c>..</c> from a path that starts with a slash, in place, and returns the new length (RFC 3986,
    /// section 5.2.4). A query behind it stays as it is.
    /// </summary>
    private static int RemoveDotSegments(Span<byte> target)
    {
        var query = target.IndexOf((byte)'?');
        var pathLength = query < 0 ? target.Length : query;
        var written = 0;
        var position = 0;
        while (position < pathLength)
        {
            // Each round takes one segment with the slash before it.
            var next = target[(position + 1)..pathLength].IndexOf((byte)'/');
            var end = next < 0 ? pathLength : position + 1 + next;
            var segment = target[(position + 1)..end];
            var isLast = end == pathLength;
            if (segment.SequenceEqual("."u8) || segment.SequenceEqual(".."u8))
            {
                if (segment.Length == 2)
                {
                    written = Math.Max(0, target[..written].LastIndexOf((byte)'/'));
                }

                if (isLast)
                {
                    target[written++] = (byte)'/';
                }
            }
            else
            {
                target[position..end].CopyTo(target[written..]);
                written += end - position;
            }

            position = end;
        }

        target[pathLength..].CopyTo(target[written..]);
        return written + target.Length - pathLength;
    }

    /// <summary>The bytes that percent-encoded text stands for; a <c>%</c> that begins no code stands for itself.</summary>
    public static byte[] PercentDecode(ReadOnlySpan<byte> text)
    {
        var decoded = new byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var isCode = text[i] == '%' && i + 2 < text.Length && HttpGrammar.HexValue(text[i + 1]) >= 0 && HttpGrammar.HexValue(text[i + 2]) >= 0;
            decoded[length++] = isCode ? (byte)((HttpGrammar.HexValue(text[i + 1]) << 4) | HttpGrammar.HexValue(text[i + 2])) : text[i];
            i += isCode ? 2 : 0;
        }

        return decoded[..length];
    }

    private static string SchemeName(ReadOnlySpan<byte> scheme) => Encoding.ASCII.GetString(scheme[..Math.Min(scheme.Length, 32)]);
}
