using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text;

namespace Fetcher.Core.Work.Sources;

/// <summary>
/// A URL that stands for many, as curl has it (curl(1), GLOBBING): <c>{a,b}</c> is each of these, <c>[1-100]</c>, <c>[01-10:2]</c> and
/// <c>[a-z]</c> are ranges, with leading zeros and a step if wanted. The last pattern varies fastest. A backslash before a brace or
/// bracket takes it as it is; an IPv6 address in brackets is no pattern. Nothing is expanded: each URL is made when it is asked for.
/// </summary>
internal sealed class UrlGlob
{
    /// <summary>More URLs than any run lives to see; keeps all sums within 64 bits.</summary>
    private const long MostUrls = 1L << 50;

    private readonly IReadOnlyList<Part> _parts;

    private UrlGlob(IReadOnlyList<Part> parts)
    {
        _parts = parts;
        Count = 1;
        foreach (var part in parts)
        {
            Count *= part.Count;
            MaxLength += part.MaxLength;
        }
    }

    /// <summary>How many URLs it stands for.</summary>
    public long Count { get; }

    /// <summary>Bytes of the longest of them, at most.</summary>
    public int MaxLength { get; }

    /// <summary>Whether <paramref name="url"/> has anything that a glob would read in another way than as it stands.</summary>
    public static bool IsGlob(string url) => url.AsSpan().ContainsAny("{}[]");

    /// <summary>Reads the patterns of a URL.</summary>
    /// <exception cref="FormatException">A pattern is not one; the message says where.</exception>
    public static UrlGlob Parse(string url)
    {
        var parts = new List<Part>();
        var literal = new StringBuilder();
        var count = 1L;
        for (var i = 0; i < url.Length;)
        {
            switch (url[i])
            {
                case '{':
                    Add(ReadSet(url, ref i));
                    break;
                case '[' when LengthOfLiteral(url.AsSpan(i)) is > 0 and var length:
                    literal.Append(url.AsSpan(i, length));
                    i += length;
                    break;
                case '[':
                    Add(ReadRange(url, ref i));
                    break;
                case '}' or ']':
                    throw Error("unmatched close brace/bracket", i);
                default:
                    i += IsEscape(url, i) ? 1 : 0;
                    literal.Append(url[i++]);
                    break;
            }
        }

        AddLiteral();
        return new UrlGlob(parts);

        void Add(Part part)
        {
            count = part.Count > MostUrls / count ? throw new FormatException("range overflow: the URL stands for too many") : count * part.Count;
            AddLiteral();
            parts.Add(part);
        }

        void AddLiteral()
        {
            parts.Add(new Choices([Encoding.UTF8.GetBytes(literal.ToString())]));
            literal.Clear();
        }
    }

    /// <summary>Writes one of the URLs, and gives its length.</summary>
    /// <param name="number">Which, from 0 to less than <see cref="Count"/>.</param>
    /// <param name="to">Room for <see cref="MaxLength"/> bytes.</param>
    public int Write(long number, Span<byte> to)
    {
        var length = 0;
        var combinations = Count;
        foreach (var part in _parts)
        {
            combinations /= part.Count;
            length += part.Write(number / combinations % part.Count, to[length..]);
        }

        return length;
    }

    private static FormatException Error(string what, int position) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{what} in URL position {position + 1}; with -g the URL is taken as it stands"));

    private static bool IsEscape(string url, int i) => url[i] == '\\' && i + 1 < url.Length && url[i + 1] is '{' or '}' or '[' or ']';

    /// <summary>Length of an IPv6 address in brackets, or of brackets with nothing in them; 0 when it is neither.</summary>
    private static int LengthOfLiteral(ReadOnlySpan<char> text)
    {
        var end = text.IndexOf(']');
        var inside = end < 0 ? default : text[1..end];
        return end == 1 || (inside.Contains(':') && IPAddress.TryParse(inside, out _)) ? end + 1 : 0;
    }

    private static Choices ReadSet(string url, ref int i)
    {
        var start = i++;
        var choices = new List<byte[]>();
        var choice = new StringBuilder();
        for (; i < url.Length; i++)
        {
            switch (url[i])
            {
                case '{' or '[':
                    throw Error("nested brace", i);
                case ']':
                    throw Error("unexpected close bracket", i);
                case '}' when i == start + 1:
                    throw Error("empty string within braces", start);
                case ',' or '}':
                    choices.Add(Encoding.UTF8.GetBytes(choice.ToString()));
                    choice.Clear();
                    if (url[i] == '}')
                    {
                        i++;
                        return new Choices(choices);
                    }

                    break;
                case '\\' when i + 1 < url.Length:
                    choice.Append(url[++i]);
                    break;
                default:
                    choice.Append(url[i]);
                    break;
            }
        }

        throw Error("unmatched brace", start);
    }

    /// <summary>Reads <c>[FIRST-LAST]</c> or <c>[FIRST-LAST:STEP]</c>, of letters or of numbers.</summary>
    private static Range ReadRange(string url, ref int i)
    {
        var start = i;
        var end = url.IndexOf(']', i);
        if (end < 0)
        {
            throw Error("unmatched bracket", start);
        }

        i = end + 1;
        var inside = url[(start + 1)..end];
        var colon = inside.LastIndexOf(':');
        var step = 1L;
        var dash = inside.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0 || (colon >= 0 && !TryNumber(inside[(colon + 1)..], out step)))
        {
            throw Error("bad range", start);
        }

        var (first, last) = (inside[..dash], inside[(dash + 1)..(colon < 0 ? inside.Length : colon)]);
        var isLetters = first is [var a] && last is [var b] && char.IsAsciiLetter(a) && char.IsAsciiLetter(b) && char.IsLower(a) == char.IsLower(b);
        var (min, max) = isLetters ? (first[0], last[0]) : (0L, 0L);
        if (!isLetters && !(TryNumber(first, out min) && TryNumber(last, out max)))
        {
            throw Error("bad range", start);
        }

        return min <= max && step > 0 && step <= Math.Max(1, max - min)
            ? new Range(min, ((max - min) / step) + 1, step, first[0] == '0' ? first.Length : 0, isLetters)
            : throw Error("bad range", start);
    }

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < MostUrls;

    /// <summary>A part of the URL that has one of several values.</summary>
    private abstract class Part
    {
        public abstract long Count { get; }

        public abstract int MaxLength { get; }

        public abstract int Write(long number, Span<byte> to);
    }

    private sealed class Choices(IReadOnlyList<byte[]> choices) : Part
    {
        public override long Count => choices.Count;

        public override int MaxLength { get; } = choices.Max(choice => choice.Length);

        public override int Write(long number, Span<byte> to)
        {
            choices[(int)number].CopyTo(to);
            return choices[(int)number].Length;
        }
    }

    private sealed class Range(long first, long count, long step, int width, bool isLetters) : Part
    {
        private const int MostDigits = 19;

        public override long Count => count;

        public override int MaxLength => Math.Max(MostDigits, width);

        public override int Write(long number, Span<byte> to)
        {
            var value = first + (number * step);
            if (isLetters)
            {
                to[0] = (byte)value;
                return 1;
            }

            Span<byte> digits = stackalloc byte[MostDigits];
            Utf8Formatter.TryFormat(value, digits, out var length);
            var zeros = Math.Max(0, width - length);
            to[..zeros].Fill((byte)'0');
            digits[..length].CopyTo(to[zeros..]);
            return zeros + length;
        }
    }
}
