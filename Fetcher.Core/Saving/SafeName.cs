using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Fetcher.Core.Saving;

/// <summary>
/// Makes of any bytes one name in a folder: no slash, no control character, neither <c>.</c> nor <c>..</c>, none of the names that fetcher
/// itself uses beside a body, and short enough for a number and a suffix to fit behind it.
/// </summary>
internal static class SafeName
{
    /// <summary>What an unfinished body is called beside its name.</summary>
    public const string Part = ".part";

    /// <summary>What the file is called that says of which representation <see cref="Part"/> is a part.</summary>
    public const string PartFacts = ".part.meta";

    /// <summary>Longest name, in bytes: a file system takes 255, and a number and <see cref="PartFacts"/> have to fit behind it.</summary>
    public const int MaxLength = 255 - 12 - 10;

    private const int LongestExtension = 16;
    private const char Replacement = '_';

    /// <summary>What stands in a name as it is: ASCII without control characters, slashes and backslashes.</summary>
    private static readonly SearchValues<byte> Plain =
        SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Except(['/', '\\']).Select(value => (byte)value)]);

    /// <summary>The name, or an empty one when nothing is left.</summary>
    /// <param name="text">Percent-encoded bytes, as in a URL.</param>
    public static string FromUrl(ReadOnlySpan<byte> text) => From(text.Contains((byte)'%') ? Unescape(text) : text);

    /// <inheritdoc cref="FromUrl"/>
    /// <param name="text">Bytes, UTF-8 as a rule; others are replaced.</param>
    public static string From(ReadOnlySpan<byte> text)
    {
        if (!text.ContainsAnyExcept(Plain))
        {
            return Shorten(Unreserved(Encoding.ASCII.GetString(text)));
        }

        var name = new StringBuilder();
        while (!text.IsEmpty)
        {
            var isValid = Rune.DecodeFromUtf8(text, out var rune, out var used) == OperationStatus.Done;
            name.Append(isValid && IsHarmless(rune) ? rune.ToString() : Replacement.ToString());
            text = text[used..];
        }

        return Shorten(Unreserved(name.ToString()));
    }

    /// <summary>The folders and, last, the name that a path leads to, each a safe name: it cannot lead up, nor begin at the root.</summary>
    public static string[] PartsOf(string path)
    {
        string[] names = [.. path.Split('/').Select(part => From(Encoding.UTF8.GetBytes(part))).Where(name => name.Length > 0)];
        return names.Length > 0 ? names : [Replacement.ToString()];
    }

    /// <summary>The name with a number behind it, from 1; 0 is none.</summary>
    public static string Numbered(string name, int number) =>
        number == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}.{number}");

    /// <summary>The extension of a name without its dot, or nothing.</summary>
    public static ReadOnlySpan<byte> ExtensionOf(ReadOnlySpan<byte> name)
    {
        var dot = name.LastIndexOf((byte)'.');
        return dot <= 0 ? default : name[(dot + 1)..];
    }

    private static byte[] Unescape(ReadOnlySpan<byte> text)
    {
        var bytes = new byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var isEscape = text[i] == '%' && i + 2 < text.Length
                && char.IsAsciiHexDigit((char)text[i + 1]) && char.IsAsciiHexDigit((char)text[i + 2]);
            bytes[length++] = isEscape ? (byte)((Digit(text[i + 1]) << 4) | Digit(text[i + 2])) : text[i];
            i += isEscape ? 2 : 0;
        }

        return bytes[..length];
    }

    private static int Digit(byte hex) => char.IsAsciiDigit((char)hex) ? hex - '0' : (hex | 0x20) - 'a' + 10;

    // Marks that turn the direction of writing make a name read as another one.
    private static bool IsHarmless(Rune rune) =>
        rune.Value is not ('/' or '\\')
        && !Rune.IsControl(rune)
        && rune.Value is not ((>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0x200E or 0x200F or 0x2028 or 0x2029);

    private static string Unreserved(string name) =>
        name is "." or ".." ? new string(Replacement, name.Length)
        : name.EndsWith(Part, StringComparison.OrdinalIgnoreCase) ? name + Replacement
        : name.StartsWith(Leftovers.Begin, StringComparison.OrdinalIgnoreCase) ? Replacement + name
        : name.EndsWith(PartFacts, StringComparison.OrdinalIgnoreCase) ? name + Replacement
        : name;

    /// <summary>Cuts a long name before its extension, and puts a hash there, so that two long names stay two.</summary>
    private static string Shorten(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= MaxLength)
        {
            return name;
        }

        var bytes = Encoding.UTF8.GetBytes(name);
        var extension = ExtensionOf(bytes).Length is > 0 and < LongestExtension and var length ? bytes[^(length + 1)..] : [];
        var mark = "~" + Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 4));
        var end = MaxLength - mark.Length - extension.Length;
        while ((bytes[end] & 0xC0) == 0x80)
        {
            end--;
        }

        return Encoding.UTF8.GetString(bytes.AsSpan(0, end)) + mark + Encoding.UTF8.GetString(extension);
    }
}
