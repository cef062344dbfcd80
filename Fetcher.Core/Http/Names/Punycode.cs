using System.Text;

namespace Fetcher.Core.Http.Names;

/// <summary>The characters of a label in those that DNS takes (RFC 3492). .NET's own does it together with rules for names that are out of date.</summary>
internal static class Punycode
{
    private const int Base = 36, LeastThreshold = 1, MostThreshold = 26, Skew = 38, FirstDamp = 700, FirstBias = 72, FirstCodePoint = 0x80;

    /// <summary>Encodes a label, without the <c>xn--</c> before it.</summary>
    public static string Encode(List<int> label)
    {
        var encoded = new StringBuilder();
        foreach (var codePoint in label.Where(codePoint => codePoint < FirstCodePoint))
        {
            encoded.Append((char)codePoint);
        }

        var (basic, handled) = (encoded.Length, encoded.Length);
        encoded.Append(basic > 0 ? "-" : "");
        var (next, delta, bias) = (FirstCodePoint, 0, FirstBias);
        while (handled < label.Count)
        {
            var least = label.Where(codePoint => codePoint >= next).Min();
            delta += (least - next) * (handled + 1);
            next = least;
            foreach (var codePoint in label)
            {
                if (codePoint < next)
                {
                    delta++;
                }
                else if (codePoint == next)
                {
                    AppendNumber(encoded, delta, bias);
                    bias = Adapt(delta, handled + 1, isFirst: handled == basic);
                    delta = 0;
                    handled++;
                }
            }

            delta++;
            next++;
        }

        return encoded.ToString();
    }

    /// <summary>Decodes a label without its <c>xn--</c>; null when it is none.</summary>
    public static List<int>? Decode(ReadOnlySpan<char> text)
    {
        var decoded = new List<int>();
        var basic = text.LastIndexOf('-');
        foreach (var letter in text[..Math.Max(basic, 0)])
        {
            decoded.Add(letter);
        }

        text = basic < 0 ? text : text[(basic + 1)..];
        var (codePoint, at, bias) = ((long)FirstCodePoint, 0L, FirstBias);
        while (!text.IsEmpty)
        {
            if (ReadNumber(ref text, bias) is not { } delta)
            {
                return null;
            }

            at += delta;
            var count = decoded.Count + 1;
            bias = Adapt((int)delta, count, isFirst: count - 1 == Math.Max(basic, 0));
            codePoint += at / count;
            at %= count;
            if (codePoint > 0x10FFFF || !Rune.IsValid((int)codePoint))
            {
                return null;
            }

            decoded.Insert((int)at++, (int)codePoint);
        }

        return decoded;
    }

    private static void AppendNumber(StringBuilder to, int number, int bias)
    {
        for (var k = Base; ; k += Base)
        {
            var threshold = ThresholdOf(k, bias);
            if (number < threshold)
            {
                to.Append(DigitOf(number));
                return;
            }

            to.Append(DigitOf(threshold + ((number - threshold) % (Base - threshold))));
            number = (number - threshold) / (Base - threshold);
        }
    }

    private static long? ReadNumber(ref ReadOnlySpan<char> text, int bias)
    {
        var (number, weight) = (0L, 1L);
        for (var k = Base; !text.IsEmpty; k += Base)
        {
            var digit = ValueOf(text[0]);
            text = text[1..];
            number += digit * weight;
            if (digit < 0 || number > int.MaxValue)
            {
                return null;
            }

            var threshold = ThresholdOf(k, bias);
            if (digit < threshold)
            {
                return number;
            }

            weight *= Base - threshold;
            if (weight > int.MaxValue)
            {
                return null;
            }
        }

        return null;
    }

    private static int ThresholdOf(int k, int bias) => Math.Clamp(k - bias, LeastThreshold, MostThreshold);

    private static int Adapt(int delta, int count, bool isFirst)
    {
        delta = isFirst ? delta / FirstDamp : delta / 2;
        delta += delta / count;
        var k = 0;
        while (delta > (Base - LeastThreshold) * MostThreshold / 2)
        {
            delta /= Base - LeastThreshold;
            k += Base;
        }

        return k + ((Base - LeastThreshold + 1) * delta / (delta + Skew));
    }

    private static char DigitOf(int value) => (char)(value < 26 ? 'a' + value : '0' + value - 26);

    private static int ValueOf(char digit) => digit switch
    {
        >= 'a' and <= 'z' => digit - 'a',
        >= 'A' and <= 'Z' => digit - 'A',
        >= '0' and <= '9' => digit - '0' + 26,
        _ => -1,
    };
}
