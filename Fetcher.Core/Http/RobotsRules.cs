using System.Text;

namespace Fetcher.Core.Http;

/// <summary>What one robots.txt has to say to one client (RFC 9309): which paths it may fetch. Without I/O.</summary>
internal sealed class RobotsRules
{
    /// <summary>Bytes that are read of a file; what is behind them does not count (section 2.5).</summary>
    public const int MostBytes = 500 * 1024;

    private readonly Rule[] _rules;

    /// <param name="rules">The rules, in any order.</param>
    private RobotsRules(IEnumerable<Rule> rules) =>
        _rules = [.. rules.OrderByDescending(rule => rule.Pattern.Length).ThenByDescending(rule => rule.Allows)];

    /// <summary>There is no such file: everything is allowed (section 2.3.1.3).</summary>
    public static RobotsRules AllowAll { get; } = new([]);

    /// <summary>The file cannot be had: nothing is (section 2.3.1.4).</summary>
    public static RobotsRules DisallowAll { get; } = new([new Rule("/"u8.ToArray(), Allows: false)]);

    /// <summary>The product token that a client is known by (section 2.2.1): what a User-Agent field begins with.</summary>
    public static string TokenOf(string userAgent) => string.Concat(userAgent.TakeWhile(c => char.IsAsciiLetter(c) || c is '-' or '_'));

    /// <summary>Reads a file. Lines that are none of a robots.txt do not count; nothing is an error.</summary>
    /// <param name="text">The file.</param>
    /// <param name="token">The client's product token; the groups of all clients, <c>*</c>, count when none is this one's.</param>
    public static RobotsRules Parse(ReadOnlySpan<byte> text, string token)
    {
        var (own, anyones) = (new List<Rule>(), new List<Rule>());
        var (isOwn, isAnyones, isNamed, inAgents) = (false, false, false, false);
        text = text[..Math.Min(text.Length, MostBytes)];
        text = text.StartsWith("\uFEFF"u8) ? text[3..] : text;
        foreach (var range in text.SplitAny("\r\n"u8))
        {
            var line = text[range];
            var comment = line.IndexOf((byte)'#');
            line = comment < 0 ? line : line[..comment];
            var colon = line.IndexOf((byte)':');
            if (colon < 0)
            {
                continue;
            }

            var name = Encoding.UTF8.GetString(line[..colon]).Trim().ToLowerInvariant();
            var value = HttpGrammar.TrimBlanks(line[(colon + 1)..]);
            if (name == "user-agent")
            {
                if (!inAgents)
                {
                    (inAgents, isOwn, isAnyones) = (true, false, false);
                }

                isAnyones |= value.SequenceEqual("*"u8);
                isOwn |= token.Length > 0 && TokenOf(Encoding.UTF8.GetString(value)).Equals(token, StringComparison.OrdinalIgnoreCase);
                isNamed |= isOwn;
            }
            else if (name is "allow" or "disallow")
            {
                inAgents = false;
                if (value.Length > 0 && (isOwn || isAnyones))
                {
                    var rule = new Rule(Normalize(value, isPattern: true), name == "allow");
                    (isOwn ? own : anyones).Add(rule);
                    if (isOwn && isAnyones)
                    {
                        anyones.Add(rule);
                    }
                }
            }
        }

        return new RobotsRules(isNamed ? own : anyones);
    }

    /// <summary>Whether a path, with its query, may be fetched. The longest pattern that matches decides, of two as long the one that allows.</summary>
    public bool Allows(ReadOnlySpan<byte> pathAndQuery)
    {
        // The file itself is always allowed (section 2.2.2).
        if (_rules.Length == 0 || pathAndQuery.SequenceEqual("/robots.txt"u8))
        {
            return true;
        }

        var path = Normalize(pathAndQuery, isPattern: false);
        return Array.Find(_rules, rule => Matches(rule.Pattern, path)) is not { } rule || rule.Allows;
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
    private static byte[] Normalize(ReadOnlySpan<byte> path, bool isPattern)
    {
        var to = new List<byte>(path.Length);
        for (var i = 0; i < path.Length; i++)
        {
            var c = path[i];
            if (c == '%' && i + 2 < path.Length && char.IsAsciiHexDigit((char)path[i + 1]) && char.IsAsciiHexDigit((char)path[i + 2]))
            {
                c = Convert.FromHexString(Encoding.ASCII.GetString(path.Slice(i + 1, 2)))[0];
                i += 2;
                Add(c, isEncoded: !(char.IsAsciiLetterOrDigit((char)c) || c is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~'));
            }
            else
            {
                var isSpecial = isPattern ? c == '$' && i < path.Length - 1 : c is (byte)'*' or (byte)'$';
                Add(c, isEncoded: c is <= 0x20 or >= 0x7F || isSpecial);
            }
        }

        return [.. to];

        void Add(byte c, bool isEncoded) => to.AddRange(isEncoded ? Encoding.ASCII.GetBytes($"%{c:X2}") : [c]);
    }

    private sealed record Rule(byte[] Pattern, bool Allows);
}
