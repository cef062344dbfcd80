using System.Globalization;
using System.Text;
using Fetcher.Core.Http.Cookies;

namespace Fetcher.Core.Saving;

/// <summary>
/// Cookies in a file, in the format that Netscape had and curl, wget and yt-dlp read: a line each, seven fields between tabs.
/// </summary>
internal static class CookieFile
{
    private const string HttpOnly = "#HttpOnly_";

    /// <summary>The jar that a run begins with, or null when it keeps no cookies.</summary>
    /// <exception cref="FetchSetupException">A file cannot be read, or is none of cookies.</exception>
    public static CookieJar? Load(FetchOptions options, TimeProvider clock)
    {
        if (options is { CookieFiles: [], CookieJarPath: null })
        {
            return null;
        }

        var jar = new CookieJar(clock);

        // The jar of the last run need not be there the first time.
        foreach (var path in options.CookieFiles.Where(path => path.Length > 0 && (path != options.CookieJarPath || File.Exists(path))))
        {
            Read(path, jar);
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

        var unfinished = path + ".tmp";
        var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(unfinished, create))
        {
            file.Write(Encoding.Latin1.GetBytes(text.ToString()));
        }

        File.Move(unfinished, path, overwrite: true);
    }

    private static void Read(string path, CookieJar jar)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path, Encoding.Latin1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FetchSetupException($"the cookies {path} cannot be read: {e.Message}", e);
        }

        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            var isHttpOnly = line.StartsWith(HttpOnly, StringComparison.Ordinal);
            line = isHttpOnly ? line[HttpOnly.Length..] : line;
            if (line.Length > 0 && line[0] != '#')
            {
                jar.Add(Parse(line, isHttpOnly) ?? throw new FetchSetupException($"{path}:{i + 1}: this is no line of a file of cookies"));
            }
        }
    }

    private static Cookie? Parse(string line, bool isHttpOnly)
    {
        // An empty value may lack its tab.
        return line.Split('\t') is [{ Length: > 0 } domain, var below, var path, var secure, var end, { Length: > 0 } name, .. { Length: <= 1 } value]
            && long.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? new Cookie(
                name,
                value is [var text] ? text : "",
                domain.TrimStart('.').ToLowerInvariant(),
                IsHostOnly: !below.Equals("TRUE", StringComparison.OrdinalIgnoreCase),
                path.StartsWith('/') ? path : "/",
                IsSecure: secure.Equals("TRUE", StringComparison.OrdinalIgnoreCase),
                isHttpOnly,
                seconds == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(Math.Min(seconds, DateTimeOffset.MaxValue.ToUnixTimeSeconds())))
            : null;
    }
}
