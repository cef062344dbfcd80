using System.Text;
using Fetcher.Core.Http.Names;

namespace Fetcher.Core.Http.Cookies;

/// <summary>
/// The names below which anybody may have a domain, such as <c>co.uk</c> and <c>github.io</c>: nobody may set cookies for them (RFC 6265, section 5.3). Read from
/// the system's copy of publicsuffix.org's list, where there is one.
/// </summary>
internal sealed class PublicSuffixes
{
    /// <summary>Where Debian, Fedora, Arch and their kin keep the list.</summary>
    private const string SystemPath = "/usr/share/publicsuffix/public_suffix_list.dat";

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _anyBelow = new(StringComparer.Ordinal);
    private readonly HashSet<string> _exceptions = new(StringComparer.Ordinal);

    private PublicSuffixes()
    {
    }

    /// <summary>The system's list; null without one that can be read.</summary>
    public static PublicSuffixes? OfSystem()
    {
        try
        {
            return File.Exists(SystemPath) ? Read(File.ReadLines(SystemPath)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads a list: a rule a line, up to white space; // begins a comment.</summary>
    public static PublicSuffixes Read(IEnumerable<string> lines)
    {
        var suffixes = new PublicSuffixes();
        foreach (var line in lines)
        {
            var rule = line.Split((char[])[' ', '\t', '\r'], 2)[0];
            if (rule.Length > 0 && !rule.StartsWith("//", StringComparison.Ordinal))
            {
                suffixes.Add(rule);
            }
        }

        return suffixes;
    }

    /// <summary>Whether <paramref name="domain"/>, in lower case and ASCII, is such a name.</summary>
    public bool Contains(string domain)
    {
        if (_exceptions.Contains(domain))
        {
            return false;
        }

        var dot = domain.IndexOf('.', StringComparison.Ordinal);
        return _names.Contains(domain) || (dot >= 0 && _anyBelow.Contains(domain[(dot + 1)..]));
    }

    private void Add(string rule)
    {
        var (set, name) = rule.StartsWith("*.", StringComparison.Ordinal) ? (_anyBelow, rule[2..])
            : rule.StartsWith('!') ? (_exceptions, rule[1..])
            : (_names, rule);
        if ((Ascii.IsValid(name) ? name : DomainName.ToAscii(name)) is { } ascii)
        {
            set.Add(ascii);
        }
    }
}
