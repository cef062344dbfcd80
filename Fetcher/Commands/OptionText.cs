using System.Globalization;

namespace Fetcher.Commands;

/// <summary>A value of <c>-H</c>: a field to send, or with a null value the name of one to leave out.</summary>
internal readonly record struct HeaderChoice(string Name, string? Value);

/// <summary>
/// Reads the values of options. Each method throws <see cref="FormatException"/> with what is wrong with the text; never with the
/// text itself where it may be a secret.
/// </summary>
internal static class OptionText
{
    /// <summary>Longest time that every timer can hold: a signed 32-bit number of milliseconds.</summary>
    private const decimal MaxSeconds = int.MaxValue / 1000;

    /// <summary>A whole number of at least <paramref name="min"/>.</summary>
    public static int Integer(string text, int min) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min
            ? value
            : throw new FormatException($"'{text}' is not a whole number from {min} to {int.MaxValue}");

    /// <summary>A whole number of at least 0, or -1 for no limit.</summary>
    public static int CountOrNoLimit(string text) => Integer(text, -1) is var value && value < 0 ? int.MaxValue : value;

    /// <summary>A time in seconds with decimals, 0 or more.</summary>
    public static TimeSpan Seconds(string text) => Time(text, TimeSpan.TicksPerSecond, MaxSeconds, "seconds, e.g. 0.25");

    /// <summary>A time in seconds with decimals, at least a millisecond.</summary>
    public static TimeSpan PositiveSeconds(string text)
    {
        var time = Seconds(text);
        return time >= TimeSpan.FromMilliseconds(1) ? time : throw new FormatException($"'{text}' is less than 0.001 seconds");
    }

    /// <summary>A time of at least a millisecond, in seconds or with one of the units ms, s, m and h.</summary>
    public static TimeSpan Duration(string text)
    {
        var (unit, seconds) = text switch
        {
            [.., 'm', 's'] => (2, 0.001m),
            [.., 's'] => (1, 1m),
            [.., 'm'] => (1, 60m),
            [.., 'h'] => (1, 3600m),
            _ => (0, 1m),
        };
        return TryDecimal(text[..^unit], out var value) && value * seconds is >= 0.001m and <= MaxSeconds
            ? TimeSpan.FromTicks((long)(value * seconds * TimeSpan.TicksPerSecond))
            : throw new FormatException($"'{text}' is not a time of 0.001 to {MaxSeconds} seconds, e.g. 30, 30s, 5m or 1h");
    }

    /// <summary>0, or a number of failures in a row, at least 2.</summary>
    public static int CircuitFailures(string text) =>
        Integer(text, 0) is var value && value != 1 ? value : throw new FormatException("'1' is neither 0 nor a number from 2");

    /// <summary>A time in seconds that a circuit can be open: half a second to a day.</summary>
    public static TimeSpan CircuitBreak(string text) =>
        Seconds(text) is var time && time >= TimeSpan.FromSeconds(0.5) && time <= TimeSpan.FromDays(1)
            ? time
            : throw new FormatException($"'{text}' is not a number of seconds from 0.5 to 86400");

    /// <summary>A time in milliseconds with decimals, 0 or more.</summary>
    public static TimeSpan Milliseconds(string text) =>
        Time(text, TimeSpan.TicksPerMillisecond, MaxSeconds * 1000, "milliseconds, e.g. 50");

    /// <summary>A rate like <c>20/s</c>, <c>90/m</c> or <c>1000/h</c>, as the time from one start to the next.</summary>
    public static TimeSpan Rate(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            throw new FormatException($"'{text}' has no unit, and the unit is required, e.g. 20/s, 20/m or 20/h");
        }

        var ticks = text[(slash + 1)..] switch
        {
            "s" => TimeSpan.TicksPerSecond,
            "m" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            _ => throw new FormatException($"'{text}' has no unit that is known: s, m and h are, e.g. 20/s"),
        };
        if (!TryDecimal(text[..slash], out var starts) || starts < 0.001m || starts > 1_000_000_000)
        {
            throw new FormatException($"'{text}' does not begin with a number of starts from 0.001 to 1000000000");
        }

        // Rounded up: rather a little slower than faster than asked for.
        return TimeSpan.FromTicks((long)decimal.Ceiling(ticks / starts));
    }

    /// <summary>A number of bytes; k, M, G and T stand for powers of 1024 (curl(1), --max-filesize). 0 is no limit.</summary>
    public static long Bytes(string text)
    {
        var shift = text.Length == 0 ? 0 : char.ToLowerInvariant(text[^1]) switch
        {
            'k' => 10,
            'm' => 20,
            'g' => 30,
            't' => 40,
            _ => 0,
        };
        var digits = shift == 0 ? text : text[..^1];
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value > long.MaxValue >> shift)
        {
            throw new FormatException($"'{text}' is not a number of bytes, e.g. 5000, 64k, 10M or 1G");
        }

        return value == 0 ? long.MaxValue : value << shift;
    }

    /// <summary>A field, or with <c>@FILE</c> those of a file, one a line; blank lines are skipped.</summary>
    public static HeaderChoice[] Headers(string text)
    {
        if (!text.StartsWith('@'))
        {
            return [Header(text)];
        }

        var path = ExistingFile(text[1..]);
        var fields = new List<HeaderChoice>();
        try
        {
            foreach (var (line, i) in File.ReadLines(path).Select((line, i) => (line, i)))
            {
                if (!string.IsNullOrWhiteSpace(line))
                {
                    fields.Add(HeaderOfLine(line, path, i + 1));
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"cannot read {path}: {e.Message}", e);
        }

        return [.. fields];
    }

    /// <summary>A field as curl takes it: <c>Name: value</c>, <c>Name;</c> for an empty value, <c>Name:</c> to leave a field out.</summary>
    public static HeaderChoice Header(string text)
    {
        if (text.AsSpan().ContainsAny('\r', '\n', '\0'))
        {
            throw new FormatException("a header must not have a line break or a NUL in it");
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 && text.EndsWith(';'))
        {
            return new HeaderChoice(FieldName(text[..^1]), "");
        }

        if (colon < 0)
        {
            throw new FormatException("a header has a colon after its name, e.g. 'Accept: text/html'");
        }

        var value = text[(colon + 1)..].Trim(' ', '\t');
        return new HeaderChoice(FieldName(text[..colon]), value.Length > 0 ? value : null);
    }

    /// <summary>Names of header fields with commas between; <c>*</c> is all, as an empty list.</summary>
    public static string[] FieldNames(string text) => text == OptionalValue.All ? [] : [.. text.Split(',').Select(name => FieldName(name.Trim()))];

    /// <summary>A user name, which may be empty as in curl, with <c>:password</c>, or a name without one.</summary>
    public static string UserInfo(string text) => text.Length == 0 ? throw new FormatException("it has no user name") : text;

    /// <summary>The name of a mode; <c>epoll</c> is another name of <c>async</c>.</summary>
    public static string Mode(string text, IReadOnlyList<string> known)
    {
        var name = text == "epoll" ? "async" : text;
        return known.Contains(name)
            ? name
            : throw new FormatException($"'{text}' is no mode; the modes are {string.Join(", ", known)}");
    }

    /// <summary>One of some words.</summary>
    public static string OneOf(string text, IReadOnlyList<string> known) =>
        known.Contains(text) ? text : throw new FormatException($"'{text}' is none of {string.Join(", ", known)}");

    /// <summary>Any text but none.</summary>
    public static string NotEmpty(string text) => text.Length > 0 ? text : throw new FormatException("it is empty");

    /// <summary>The path of a file that exists.</summary>
    public static string ExistingFile(string text) =>
        File.Exists(text) ? text : throw new FormatException($"there is no file '{text}'");

    private static TimeSpan Time(string text, long ticksPerUnit, decimal max, string what) =>
        TryDecimal(text, out var value) && value <= max
            ? TimeSpan.FromTicks((long)(value * ticksPerUnit))
            : throw new FormatException($"'{text}' is not a number of {what}, of at most {max}");

    private static bool TryDecimal(string text, out decimal value) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);

    private static HeaderChoice HeaderOfLine(string line, string path, int number)
    {
        try
        {
            return Header(line);
        }
        catch (FormatException e)
        {
            throw new FormatException($"{path}:{number}: {e.Message}", e);
        }
    }

    private static string FieldName(string name)
    {
        // A token of RFC 9110, section 5.6.2.
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal))
            {
                throw new FormatException("the name of a header has only letters, digits and !#$%&'*+-.^_`|~ in it");
            }
        }

        return name.Length > 0 ? name : throw new FormatException("a header has a name, e.g. 'Accept: text/html'");
    }
}
