using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Fetcher.Core.Http;

namespace Fetcher.Core.Saving;

/// <summary>
/// <c>--output-template</c>: how the path of a body below the output folder is made of its URL. The URL is that of the list, so that the
/// name is known before anything is fetched, and is the same in the next run.
/// </summary>
/// <remarks>
/// <c>{name}</c> is the last part of the path, <c>index.html</c> when that is empty, with the query behind it if there is one, as wget has
/// it;
/// <c>{path}</c> the folders before it; <c>{ext}</c> the extension without its dot; <c>{scheme}</c>, <c>{host}</c>, <c>{port}</c>,
/// <c>{query}</c>;
/// <c>{index}</c> the place in the work; <c>{sha256}</c> the hash of the body, in the last part only. Percent-encoding is undone.
/// </remarks>
internal sealed partial class NameTemplate
{
    private const string Index = "index.html";

    private static readonly string[] Known = ["name", "path", "ext", "scheme", "host", "port", "query", "index", "sha256"];

    private readonly string[] _parts;

    private NameTemplate(string[] parts) => _parts = parts;

    /// <summary>Whether the name is known only when the body is.</summary>
    public bool NeedsHash => _parts[^1].Contains("{sha256}", StringComparison.Ordinal);

    /// <summary>Reads a template.</summary>
    /// <exception cref="FormatException">It leads out of the folder, or has a placeholder that is not known.</exception>
    public static NameTemplate Parse(string text)
    {
        var parts = text.Split('/');
        if (parts[^1].Length == 0 || parts[0].Length == 0)
        {
            throw new FormatException("it neither begins nor ends with a slash");
        }

        if (parts.Any(part => part is "." or "..") || text.Any(char.IsControl))
        {
            throw new FormatException("it has no part that is . or .., and no control characters");
        }

        foreach (Match brace in Brace().Matches(text))
        {
            if (!Known.Contains(brace.Groups["name"].Value))
            {
                throw new FormatException($"'{brace.Value}' is none of {string.Join(", ", Known.Select(name => $"{{{name}}}"))}");
            }
        }

        return parts.SkipLast(1).Any(part => part.Contains("{sha256}", StringComparison.Ordinal))
            ? throw new FormatException("{sha256} stands only in the last part")
            : new NameTemplate(parts);
    }

    /// <summary>The folders and, last, the name of a body; each is a safe name.</summary>
    public string[] Expand(HttpUrl url, long index, string? sha256)
    {
        var target = url.PathAndQuery;
        var mark = target.IndexOf((byte)'?');
        var path = mark < 0 ? target : target[..mark];
        var query = mark < 0 ? default : target[(mark + 1)..];
        var slash = path.LastIndexOf((byte)'/');
        var values = new Values(url, path[..slash], path[(slash + 1)..], query, index, sha256);
        var names = new List<string>(_parts.Length);
        foreach (var part in _parts.AsSpan(0, _parts.Length - 1))
        {
            if (part == "{path}")
            {
                AddFolders(values.Path, names);
            }
            else
            {
                AddName(Fill(part, values), names);
            }
        }

        var count = names.Count;
        AddName(Fill(_parts[^1], values), names);
        if (names.Count == count)
        {
            names.Add(Index);
        }

        return [.. names];
    }

    private static void AddFolders(ReadOnlySpan<byte> path, List<string> names)
    {
        foreach (var range in path.Split((byte)'/'))
        {
            AddName(path[range], names);
        }
    }

    private static void AddName(ReadOnlySpan<byte> text, List<string> names)
    {
        var name = SafeName.FromUrl(text);
        if (name.Length > 0)
        {
            names.Add(name);
        }
    }

    private static byte[] Fill(string part, Values values)
    {
        var text = new List<byte>();
        var end = 0;
        foreach (Match brace in Brace().Matches(part))
        {
            text.AddRange(Literal(part[end..brace.Index]));
            text.AddRange(values.Of(brace.Groups["name"].Value));
            end = brace.Index + brace.Length;
        }

        text.AddRange(Literal(part[end..]));
        return [.. text];
    }

    // What the user wrote is meant as it stands, so its percent signs must survive the decoding.
    private static byte[] Literal(string text) => Encoding.UTF8.GetBytes(text.Replace("%", "%25", StringComparison.Ordinal));

    [GeneratedRegex(@"\{(?<name>[^{}]*)\}")]
    private static partial Regex Brace();

    private readonly ref struct Values(
        HttpUrl url, ReadOnlySpan<byte> path, ReadOnlySpan<byte> last, ReadOnlySpan<byte> query, long index, string? sha256)
    {
        private readonly ReadOnlySpan<byte> _last = last;
        private readonly ReadOnlySpan<byte> _query = query;

        public ReadOnlySpan<byte> Path { get; } = path;

        public ReadOnlySpan<byte> Of(string name) => name switch
        {
            "name" => Name(),
            "path" => Path.TrimStart((byte)'/'),
            "ext" => SafeName.ExtensionOf(_last.IsEmpty ? "index.html"u8 : _last),
            "scheme" => url.IsHttps ? "https"u8 : "http"u8,
            "host" => url.Host,
            "port" => Encoding.ASCII.GetBytes(url.Port.ToString(CultureInfo.InvariantCulture)),
            "query" => _query,
            "index" => Encoding.ASCII.GetBytes(index.ToString(CultureInfo.InvariantCulture)),
            _ => Encoding.ASCII.GetBytes(sha256 ?? ""),
        };

        private byte[] Name() => [.. _last.IsEmpty ? "index.html"u8 : _last, .. _query.IsEmpty ? default : "?"u8, .. _query];
    }
}
