using System.Buffers;
using System.Buffers.Binary;

namespace Fetcher.Core.Http;

/// <summary>What one robots.txt has to say to one client (RFC 9309): which paths it may fetch. Without I/O.</summary>
internal sealed class RobotsRules
{
    /// <summary>How many times as long a path is at most when everything in it is encoded.</summary>
    private const int MostGrown = 3;

    private const int MostOnStack = 1024;

    // A rule after the other, as Add writes it: the files of many hosts are kept, so there is no object a rule.
    private readonly byte[] _rules;

    /// <param name="rules">The rules, in any order.</param>
    public RobotsRules(byte[] rules) => _rules = rules;

    /// <summary>There is no such file: everything is allowed (section 2.3.1.3).</summary>
    public static RobotsRules AllowAll { get; } = new([]);

    /// <summary>The file cannot be had: nothing is (section 2.3.1.4).</summary>
    public static RobotsRules DisallowAll { get; } = Parse("User-agent: *\nDisallow: /"u8, "");

    /// <summary>Bytes that the rules take.</summary>
    public int Size => _rules.Length;

    /// <summary>Adds a rule to those that a file says: its length and whether it allows, then its pattern.</summary>
    public static void Add(ArrayBufferWriter<byte> rules, ReadOnlySpan<byte> pattern, bool allows)
    {
        var rule = rules.GetSpan(sizeof(int) + (MostGrown * pattern.Length));
        var length = Normalize(pattern, isPattern: true, rule[sizeof(int)..]);
        BinaryPrimitives.WriteInt32LittleEndian(rule, (length << 1) | (allows ? 1 : 0));
        rules.Advance(sizeof(int) + length);
    }

    /// <summary>The product token that a client is known by (section 2.2.1): what a User-Agent field begins with.</summary>
    public static string TokenOf(string userAgent) => string.Concat(userAgent.TakeWhile(c => char.IsAsciiLetter(c) || c is '-' or '_'));

    /// <summary>Reads a whole file.</summary>
    /// <param name="text">The file.</param>
    /// <param name="token">The client's product token.</param>
    public static RobotsRules Parse(ReadOnlySpan<byte> text, string token)
    {
        var parser = new RobotsParser(token);
        parser.Write(text);
        return parser.End();
    }

    /// <summary>Whether a path, with its query, may be fetched. The longest pattern that matches decides, of two as long the one that allows.</summary>
    public bool Allows(ReadOnlySpan<byte> pathAndQuery)
    {
        // The file itself is always allowed (section 2.2.2).
        if (_rules.Length == 0 || pathAndQuery.SequenceEqual("/robots.txt"u8))
        {
            return true;
        }

        var size = MostGrown * pathAndQuery.Length;
        var buffer = size <= MostOnStack ? stackalloc byte[MostOnStack] : new byte[size];
        var path = buffer[..Normalize(pathAndQuery, isPattern: false, buffer)];
        var (longest, allows) = (-1, true);
        for (ReadOnlySpan<byte> rest = _rules; !rest.IsEmpty;)
        {
            var rule = BinaryPrimitives.ReadInt32LittleEndian(rest);
            var pattern = rest.Slice(sizeof(int), rule >> 1);
            var isAllow = (rule & 1) != 0;
            if ((pattern.Length > longest || (pattern.Length == longest && isAllow && !allows)) && Matches(pattern, path))
            {
                (longest, allows) = (pattern.Length, isAllow);
            }

            rest = rest[(sizeof(int) + pattern.Length)..];
        }

        return allows;
    }

    /// <summary>Whether a path begins as the pattern has it; <c>*</c> is any bytes, <c>$</c> at its end the path's end (section 2.2.3).</summary>
    private static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> path)
    {
        var isAnchored = pattern.EndsWith("$"u8);
        pattern = isAnchored ? pattern[..^1] : pattern;
        var star = pattern.IndexOf((byte)'*');
        if (star < 0)
        {
            return isAnchored ? path.SequenceEqual(pattern) : path.StartsWith(pattern);
        }

        if (!path.StartsWith(pattern[..star]))
        {
            return false;
        }

        path = path[star..];
        pattern = pattern[(star + 1)..];
        while ((star = pattern.IndexOf((byte)'*')) >= 0)
        {
            // The leftmost place of each part between two stars leaves the most for the next.
            var at = path.IndexOf(pattern[..star]);
            if (at < 0)
            {
                return false;
            }

            path = path[(at + star)..];
            pattern = pattern[(star + 1)..];
        }

        return isAnchored ? path.EndsWith(pattern) : path.IndexOf(pattern) >= 0;
    }

    /// <summary>
    /// Writes what means the same in the same way (section 2.2.2): unreserved characters (RFC 3986, section 2.3) as they are, everything outside of
    /// ASCII percent-encoded. What is special in a pattern is encoded where it stands for itself.
    /// </summary>
    private static int Normalize(ReadOnlySpan<byte> path, bool isPattern, Span<byte> to)
    {
        var length = 0;
        for (var i = 0; i < path.Length; i++)
        {
            var c = path[i];
            bool isEncoded;
            if (c == '%' && i + 2 < path.Length && HttpGrammar.HexValue(path[i + 1]) >= 0 && HttpGrammar.HexValue(path[i + 2]) >= 0)
            {
                c = (byte)((HttpGrammar.HexValue(path[i + 1]) << 4) | HttpGrammar.HexValue(path[i + 2]));
                i += 2;
                isEncoded = !(char.IsAsciiLetterOrDigit((char)c) || c is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~');
            }
            else
            {
                var isSpecial = isPattern ? c == '$' && i < path.Length - 1 : c is (byte)'*' or (byte)'$';
                isEncoded = c is <= 0x20 or >= 0x7F || isSpecial;
            }

            if (isEncoded)
            {
                to[length++] = (byte)'%';
                to[length++] = "0123456789ABCDEF"u8[c >> 4];
                to[length++] = "0123456789ABCDEF"u8[c & 15];
            }
            else
            {
                to[length++] = c;
            }
        }

        return length;
    }
}
