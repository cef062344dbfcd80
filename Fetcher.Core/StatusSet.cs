using System.Globalization;

namespace Fetcher.Core;

/// <summary>A set of HTTP status codes, written like <c>200-399,404</c>.</summary>
public sealed class StatusSet
{
    private readonly bool[] _accepted = new bool[1000];

    private StatusSet(string text) => Text = text;

    /// <summary>
    /// 200-399 without those that bring nothing: 304, which only a conditional request asks for, 305 and 306, which are not followed (RFC 9110, section 15.4).
    /// </summary>
    public static StatusSet Default { get; } = Parse("200-303,307-399");

    /// <summary>Those that may be another next time (RFC 9110, section 15): 408, 425, 429 and the 5xx that pass.</summary>
    public static StatusSet Transient { get; } = Parse("408,425,429,500,502-504");

    /// <summary>The set as it was written.</summary>
    public string Text { get; }

    /// <summary>Whether <paramref name="status"/> is in the set.</summary>
    public bool Contains(int status) => (uint)status < 1000 && _accepted[status];

    /// <summary>Reads a list of codes and ranges of codes from 100 to 999.</summary>
    /// <exception cref="FormatException">The text is no such list.</exception>
    public static StatusSet Parse(string text)
    {
        var set = new StatusSet(text);
        foreach (var part in text.Split(','))
        {
            var dash = part.IndexOf('-', StringComparison.Ordinal);
            var first = Code(dash < 0 ? part : part[..dash]);
            var last = dash < 0 ? first : Code(part[(dash + 1)..]);
            if (first > last)
            {
                throw new FormatException($"'{part}' runs backwards");
            }

            set._accepted.AsSpan(first, last - first + 1).Fill(true);
        }

        return set;

        int Code(string code) =>
            int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value is >= 100 and <= 999
                ? value
                : throw new FormatException($"'{code}' in '{text}' is not a status code from 100 to 999");
    }
}
