using System.Globalization;
using System.Text;
using Fetcher.Core.Http;
using Fetcher.Core.Http.Cookies;

namespace Fetcher.Core.Saving;

/// <summary>
/// Cookies in a file, in the format that Netscape had and curl, wget and yt-dlp read: a line each, seven fields between tabs.
/// </summary>
internal static class CookieFile
{
    private const string HttpOnly = "#HttpOnly_", Header = "Set-Cookie:", ByteOrderMark = "\u00EF\u00BB\u00BF";

    /// <summary>The jar that a run begins with, or null when it keeps no cookies.</summary>
    /// <exception cref="FetchSetupException">A file cannot be read.</exception>
    public static CookieJar? Load(FetchOptions options, TimeProvider clock)
    {
        if (options is { CookieFiles: [], CookieJarPath: null })
        {
            return null;
        }

        var jar = new CookieJar(clock, PublicSuffixes.OfSystem());

        // The jar of the last run need not be there the first time.
        foreach (var path in options.CookieFiles.Where(path => path.Length > 0 && (path != options.CookieJarPath || File.Exists(path))))
        {
            Read(path, jar, clock.GetUtcNow());
        }

        return jar;
    }

    /// <summary>Writes all cookies, those of the session too, as curl does, in the place of what the file was. Only its owner may read it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be.</exception>
    public static void Write(string path, CookieJar jar)
    {
        var text = new StringBuilder("# Netscape HTTP Cookie File\n# Written by fetcher. Edit at your own risk.\n\n");
        foreach (var cookie in jar.All)
        {
            text.Append(cookie.IsHttpOnly ? HttpOnly : "").Append(cookie.IsHostOnly ? "" : ".").AppendJoin(
                '\t',
                cookie.Domain,
                cookie.IsHostOnly ? "FALSE" : "TRUE",
                cookie.Path,
                cookie.IsSecure ? "TRUE" : "FALSE",
                (cookie.Expires?.ToUnixTimeSeconds() ?? 0).ToString(CultureInfo.InvariantCulture),
                cookie.Name,
                cookie.Value).Append('\n');
        }

        PrivateFile.Write(path, Encoding.Latin1.GetBytes(text.ToString()));
    }

    /// <summary>Takes the cookies of a file. Lines that are none cost one warning, not the run: programs that write such files differ.</summary>
    private static void Read(string path, CookieJar jar, DateTimeOffset now)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllText(path, Encoding.Latin1).Split('\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FetchSetupException($"the cookies {path} cannot be read: {e.Message}", e);
        }

        var (skipped, first) = (0, 0);
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Split('\r', 2)[0];
            var isHttpOnly = line.StartsWith(HttpOnly, StringComparison.Ordinal);
            line = isHttpOnly ? line[HttpOnly.Length..] : line;
            if (line.Length == 0 || line[0] == '#' || (i == 0 && line.StartsWith(ByteOrderMark + "#", StringComparison.Ordinal)))
            {
                continue;
            }

            var cookie = line.StartsWith(Header, StringComparison.OrdinalIgnoreCase)
                ? ParseHeader(line[Header.Length..], now)
                : ParseFields(line.Split('\t', StringSplitOptions.RemoveEmptyEntries), isHttpOnly);
            if (cookie is not null && SetCookie.KeepsPrefix(cookie) && !(cookie.Name + cookie.Value + cookie.Path).Any(char.IsControl))
            {
                jar.Add(cookie);
            }
            else
            {
                first = skipped++ == 0 ? i + 1 : first;
            }
        }

        if (skipped > 0)
        {
            jar.Warnings.Add(skipped == 1
                ? $"{path}:{first}: this line is no cookie and was left out"
                : $"{path}: {skipped} lines are no cookies and were left out, the first of them line {first}");
        }
    }

    /// <summary>
    /// Fields as curl takes them: several tabs count as one, the path may be missing, an empty value too, and of the end of its time, in seconds since
    /// 1970, the digits that it begins with count.
    /// </summary>
    private static Cookie? ParseFields(string[] fields, bool isHttpOnly)
    {
        if (fields.Length > 2 && fields[2] is "TRUE" or "FALSE")
        {
            fields = [.. fields[..2], "/", .. fields[2..]];
        }

        return fields is [var domain, var below, var path, var secure, var end, var name, .. { Length: <= 1 } value]
            && domain.TrimStart('.') is { Length: > 0 } host
            && long.TryParse(string.Concat(end.TrimStart(' ').TakeWhile(char.IsAsciiDigit)), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? new Cookie(
                name,
                value is [var text] ? text : "",
                host.ToLowerInvariant(),
                IsHostOnly: !below.Equals("TRUE", StringComparison.OrdinalIgnoreCase),
                path.StartsWith('/') ? path : "/",
                IsSecure: secure.Equals("TRUE", StringComparison.OrdinalIgnoreCase),
                isHttpOnly,
                seconds == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(Math.Min(seconds, DateTimeOffset.MaxValue.ToUnixTimeSeconds())))
            : null;
    }

    /// <summary>A field as a server sends it. It has to name its domain, since nothing else says where it came from.</summary>
    private static Cookie? ParseHeader(string field, DateTimeOffset now)
    {
        var domain = field.Split(';').Select(part => part.Split('=', 2)).LastOrDefault(part => part[0].Trim().Equals("domain", StringComparison.OrdinalIgnoreCase));
        var url = new HttpUrl();
        return domain is [_, var host] && url.TryParse(Encoding.Latin1.GetBytes($"https://{host.Trim().TrimStart('.')}/"), out _)
            ? SetCookie.Parse(Encoding.Latin1.GetBytes(field), url, now)
            : null;
    }
}
