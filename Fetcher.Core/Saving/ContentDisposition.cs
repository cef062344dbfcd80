using System.Text;
using Fetcher.Core.Http;

namespace Fetcher.Core.Saving;

/// <summary>The name that a server gives a body in its Content-Disposition (RFC 6266; RFC 8187 for names beyond ASCII).</summary>
internal static class ContentDisposition
{
    /// <summary>A safe name, or null when the field has none. Of a path, by whichever slash, only what stands last.</summary>
    public static string? NameOf(ReadOnlySpan<byte> field)
    {
        byte[]? plain = null, extended = null;
        var rest = AfterSemicolon(field);
        while (!rest.IsEmpty)
        {
            var equals = rest.IndexOfAny((byte)'=', (byte)';');
            if (equals < 0 || rest[equals] == ';')
            {
                rest = AfterSemicolon(rest);
                continue;
            }

            var name = rest[..equals].Trim(" \t"u8);
            rest = rest[(equals + 1)..].TrimStart(" \t"u8);
            var value = Value(ref rest);
            if (HttpGrammar.IsName(name, "filename"u8) && name.Length == "filename".Length)
            {
                plain ??= value;
            }
            else if (name.Length == "filename*".Length && HttpGrammar.IsName(name, "filename*"u8))
            {
                extended ??= Decode(value);
            }
        }

        return Last(extended) ?? Last(plain);
    }

    private static string? Last(byte[]? path)
    {
        if (path is null)
        {
            return null;
        }

        var bytes = path.AsSpan()[(path.AsSpan().LastIndexOfAny((byte)'/', (byte)'\\') + 1)..].Trim(" \t"u8);
        return SafeName.From(IsUtf8(bytes) ? bytes : Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(bytes))) is { Length: > 0 } name ? name : null;
    }

    private static bool IsUtf8(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes);

    private static ReadOnlySpan<byte> AfterSemicolon(ReadOnlySpan<byte> text) => text.IndexOf((byte)';') is var at and >= 0 ? text[(at + 1)..] : default;

    /// <summary>Takes a token or a quoted string, and all up to the next parameter.</summary>
    private static byte[] Value(ref ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty || rest[0] != '"')
        {
            var end = rest.IndexOf((byte)';') is var at and >= 0 ? at : rest.Length;
            var token = rest[..end].Trim(" \t"u8).ToArray();
            rest = rest[Math.Min(end + 1, rest.Length)..];
            return token;
        }

        var text = new List<byte>();
        var i = 1;
        for (; i < rest.Length && rest[i] != '"'; i++)
        {
            // Some servers send paths of Windows as they are: only what must be escaped is taken for an escape.
            i += rest[i] == (byte)'\\' && i + 1 < rest.Length && rest[i + 1] is (byte)'"' or (byte)'\\' ? 1 : 0;
            text.Add(rest[i]);
        }

        rest = AfterSemicolon(rest[Math.Min(i + 1, rest.Length)..]);
        return [.. text];
    }

    /// <summary><c>UTF-8'en'%e2%82%ac</c> in UTF-8; null when it is none, or of another character set.</summary>
    private static byte[]? Decode(byte[] value)
    {
        var text = Encoding.ASCII.GetString(value).Split('\'', 3);
        if (text.Length < 3)
        {
            return null;
        }

        var bytes = HttpUrlText.PercentDecode(Encoding.ASCII.GetBytes(text[2]));
        return text[0].Equals("UTF-8", StringComparison.OrdinalIgnoreCase) ? bytes
            : text[0].Equals("ISO-8859-1", StringComparison.OrdinalIgnoreCase) ? Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(bytes))
            : null;
    }
}
