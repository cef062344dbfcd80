using System.Globalization;
using System.Text;
using Fetcher.Core.Http;

namespace Fetcher.Core.Saving;

/// <summary>A list of hosts to be asked over https alone, in curl's format (https://curl.se/docs/hsts.html): a name, with a dot before it when those below it
/// are meant too, and until when in quotes.</summary>
internal static class HstsFile
{
    private const string Format = "yyyyMMdd HH:mm:ss", ForEver = "unlimited";

    /// <summary>The list that a run begins with: what the file says, if it is there.</summary>
    /// <param name="path">The file; empty is none, and the list is that of the run alone.</param>
    /// <param name="clock">The clock.</param>
    /// <exception cref="FetchSetupException">It cannot be read.</exception>
    public static HstsList Load(string path, TimeProvider clock)
    {
        var list = new HstsList(clock);
        try
        {
            foreach (var line in path.Length > 0 && File.Exists(path) ? File.ReadLines(path) : [])
            {
                if (Parse(line) is { } entry)
                {
                    list.Add(entry);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FetchSetupException($"the hosts in {path} cannot be read: {e.Message}", e);
        }

        return list;
    }

    /// <summary>Writes the list.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be.</exception>
    public static void Write(string path, HstsList list)
    {
        var text = new StringBuilder("# Your HSTS cache. https://curl.se/docs/hsts.html\n# Written by fetcher. Edit at your own risk.\n");
        foreach (var entry in list.All)
        {
            var end = entry.Expires == DateTimeOffset.MaxValue ? ForEver : entry.Expires.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);
            text.Append(entry.IncludesSubdomains ? "." : "").Append(entry.Host).Append(" \"").Append(end).Append("\"\n");
        }

        PrivateFile.Write(path, Encoding.ASCII.GetBytes(text.ToString()));
    }

    /// <summary>An entry; null for a comment, and for what is none, as in curl.</summary>
    private static HstsEntry? Parse(string line)
    {
        if (line.Trim().Split(' ', 2, StringSplitOptions.TrimEntries) is not [var name, ['"', .. var end, '"']] || name[0] == '#')
        {
            return null;
        }

        var host = HstsList.NameOf(name.TrimStart('.'));
        DateTimeOffset? expires = end == ForEver ? DateTimeOffset.MaxValue
            : DateTimeOffset.TryParseExact(end, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
        return host.Length > 0 && expires is { } until ? new HstsEntry(host, until, name[0] == '.') : null;
    }
}
