using System.Runtime.CompilerServices;
using System.Text;

namespace Fetcher.Core.Http;

/// <summary>
/// Says how a response's body ends and whether its connection may be used again (RFC 9112, sections 6.3 and 9.3). Stricter than the RFC has
/// to be where a lenient reading lets two parties see two different messages: what is ambiguous is refused.
/// </summary>
internal static class BodyFramingRules
{
    /// <summary>Judges the fields of a whole header section and writes the outcome into <paramref name="head"/>.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public static string? Apply(ResponseHead head, bool isHead)
    {
        var close = false;
        var keepAlive = false;
        var chunked = false;
        for (var i = 0; i < head.FieldCount; i++)
        {
            // The lengths differ, so they pick the one name that each field has to be compared with.
            switch (head.NameLengthAt(i))
            {
                case 10 when HttpGrammar.IsName(head.NameAt(i), "Connection"u8):
                    ReadConnection(head.ValueAt(i), ref close, ref keepAlive);
                    break;

                case 14 when HttpGrammar.IsName(head.NameAt(i), "Content-Length"u8):
                    if (ReadContentLength(head.ValueAt(i), head) is { } reason)
                    {
                        return reason;
                    }

                    break;

                case 16 when HttpGrammar.IsName(head.NameAt(i), "Content-Encoding"u8):
                    ReadContentEncoding(head.ValueAt(i), head);
                    break;

                case 17 when HttpGrammar.IsName(head.NameAt(i), "Transfer-Encoding"u8):
                    if (chunked || !Ascii.EqualsIgnoreCase(head.ValueAt(i), "chunked"u8))
                    {
                        return "a Transfer-Encoding other than a single chunked";
                    }

                    chunked = true;
                    break;
            }
        }

        if (chunked && head.MinorVersion == 0)
        {
            return "Transfer-Encoding in an HTTP/1.0 response";
        }

        if (chunked && head.ContentLength >= 0)
        {
            return "both Transfer-Encoding and Content-Length";
        }

        Frame(head, isHead, chunked, persists: !close && (head.MinorVersion == 1 || keepAlive));
        return null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Frame(ResponseHead head, bool isHead, bool chunked, bool persists)
    {
        var neverHasBody = head.Status is < 200 or 204;
        var announcesBody = chunked || head.ContentLength > 0;
        head.Framing =
            isHead || neverHasBody || head.Status == 304 ? BodyFraming.None
            : chunked ? BodyFraming.Chunked
            : head.ContentLength >= 0 ? BodyFraming.ContentLength
            : BodyFraming.CloseDelimited;

        // A peer that writes obsolete line ends, or announces a body where none can be, may frame the next response differently from us.
        head.KeepAlive = persists
            && head.Framing != BodyFraming.CloseDelimited
            && !head.HasBareLineFeed
            && !head.HasFold
            && !(neverHasBody && announcesBody);
    }

    private static void ReadConnection(ReadOnlySpan<byte> value, ref bool close, ref bool keepAlive)
    {
        if (HttpGrammar.IsName(value, "keep-alive"u8))
        {
            keepAlive = true;
            return;
        }

        foreach (var range in value.Split((byte)','))
        {
            var option = HttpGrammar.TrimBlanks(value[range]);
            close |= Ascii.EqualsIgnoreCase(option, "close"u8);
            keepAlive |= Ascii.EqualsIgnoreCase(option, "keep-alive"u8);
        }
    }

    /// <summary>A list of equal numbers counts as one number, whether in one field or in several (RFC 9110, section 8.6).</summary>
    private static string? ReadContentLength(ReadOnlySpan<byte> value, ResponseHead head)
    {
        if (head.ContentLength < 0 && ParseLength(value) is >= 0 and var single)
        {
            head.ContentLength = single;
            return null;
        }

        foreach (var range in value.Split((byte)','))
        {
            var number = ParseLength(HttpGrammar.TrimBlanks(value[range]));
            if (number < 0)
            {
                return "a Content-Length that is not a number of bytes";
            }

            if (head.ContentLength >= 0 && head.ContentLength != number)
            {
                return "Content-Length values that differ";
            }

            head.ContentLength = number;
        }

        return null;
    }

    /// <summary><c>1*DIGIT</c> as a number, or -1 when it is anything else or does not fit.</summary>
    private static long ParseLength(ReadOnlySpan<byte> digits)
    {
        var number = digits.IsEmpty ? -1 : 0L;
        foreach (var digit in digits)
        {
            var value = digit - '0';
            if (value is < 0 or > 9 || number > (long.MaxValue - value) / 10)
            {
                return -1;
            }

            number = (number * 10) + value;
        }

        return number;
    }

    private static void ReadContentEncoding(ReadOnlySpan<byte> value, ResponseHead head)
    {
        foreach (var range in value.Split((byte)','))
        {
            var name = HttpGrammar.TrimBlanks(value[range]);
            if (!name.IsEmpty && !IsPlain(name))
            {
                head.AddContentCoding(CodingOf(name));
            }
        }
    }

    /// <summary>Names of no coding: the registered one, and the one that servers made up, which curl and browsers take too.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(name, "identity"u8) || Ascii.EqualsIgnoreCase(name, "none"u8);

    private static ContentCoding CodingOf(ReadOnlySpan<byte> name) =>
        Ascii.EqualsIgnoreCase(name, "gzip"u8) || Ascii.EqualsIgnoreCase(name, "x-gzip"u8) ? ContentCoding.Gzip
        : Ascii.EqualsIgnoreCase(name, "deflate"u8) ? ContentCoding.Deflate
        : Ascii.EqualsIgnoreCase(name, "br"u8) ? ContentCoding.Brotli
        : Ascii.EqualsIgnoreCase(name, "zstd"u8) ? ContentCoding.Zstandard
        : ContentCoding.Unknown;
}
