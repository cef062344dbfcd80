using System.Globalization;
using System.Runtime.InteropServices;
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
/// <c>{index}</c> the place in the work; <c>{sha256}</c> the hash of the body, <c>{sha256:2}</c> its first two digits. Percent-encoding is undone.
/// </remarks>
internal sealed partial class NameTemplate
{
    private const string Index = "index.html";

    private const string Digits = "sha256:";

    private const int MostDigits = 64;

    private static readonly string[] Known = ["name", "path", "ext", "scheme", "host", "port", "query", "index", "sha256"];

    private readonly string[] _parts;
    private readonly Piece[][] _pieces;

    private NameTemplate(string[] parts)
    {
        (_parts, _pieces) = (parts, [.. parts.Select(PiecesOf)]);
        (NeedsHash, NeedsHashInFolders) = (parts.Any(HasHash), parts.SkipLast(1).Any(HasHash));
    }

    /// <summary>Whether the path is known only when the body is.</summary>
    public bool NeedsHash { get; }

    /// <summary>Whether the folders are, too.</summary>
    public bool NeedsHashInFolders { get; }

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
            var name = brace.Groups["name"].Value;
            if (!Known.Contains(name) && !(name.StartsWith(Digits, StringComparison.Ordinal) && DigitsOf(name) is >= 1 and <= MostDigits))
            {
                throw new FormatException($"'{brace.Value}' is none of {string.Join(", ", Known.Select(name => $"{{{name}}}"))}, {{{Digits}1}} to {{{Digits}{MostDigits}}}");
            }
        }

        return new NameTemplate(parts);
    }

    private static bool HasHash(string part) => part.Contains("{sha256", StringComparison.Ordinal);

    private static int DigitsOf(string name) =>
        int.TryParse(name.AsSpan(Digits.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var digits) ? digits : 0;

    /// <summary>
    /// The folders and, last, the name of a body; each is a safe name. Without the hash, where folders need it, only the folders before those.
    /// </summary>
    public string[] Expand(HttpUrl url, long index, string? sha256)
    {
        var target = url.PathAndQuery;
        var mark = target.IndexOf((byte)'?');
        var path = mark < 0 ? target : target[..mark];
        var query = mark < 0 ? default : target[(mark + 1)..];
        var slash = path.LastIndexOf((byte)'/');
        var values = new Values(url, path[..slash], path[(slash + 1)..], target[(slash + 1)..], query, index, sha256);
        if (_parts.Length == 1)
        {
            return [Last(values)];
        }

        var names = new List<string>(_parts.Length);
        for (var i = 0; i < _parts.Length - 1; i++)
        {
            var part = _parts[i];
            if (sha256 is null && HasHash(part))
            {
                return [.. names];
            }

            if (part == "{path}")
            {
                AddFolders(values.Path, names);
            }
            else
            {
                AddName(Fill(_pieces[i], values), names);
            }
        }

        return [.. names, Last(values)];
    }

    private string Last(Values values)
    {
        var name = SafeName.FromUrl(Fill(_pieces[^1], values));
        return name.Length > 0 ? name : Index;
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

    private static ReadOnlySpan<byte> Fill(Piece[] pieces, Values values)
    {
        if (pieces is [{ Placeholder: { } all }])
        {
            return values.Of(all);
        }

        var text = new List<byte>();
        foreach (var piece in pieces)
        {
            text.AddRange(piece.Placeholder is { } name ? values.Of(name) : piece.Literal);
        }

        return CollectionsMarshal.AsSpan(text);
    }

    private static Piece[] PiecesOf(string part)
    {
        var pieces = new List<Piece>();
        var end = 0;
        foreach (Match brace in Brace().Matches(part))
        {
            AddLiteral(part[end..brace.Index]);
            pieces.Add(new Piece([], brace.Groups["name"].Value));
            end = brace.Index + brace.Length;
        }

        AddLiteral(part[end..]);
        return [.. pieces];

        void AddLiteral(string text)
        {
            if (text.Length > 0)
            {
                pieces.Add(new Piece(Literal(text), null));
            }
        }
    }

    // What the user wrote is meant as it stands, so its percent signs must survive the decoding.
    private static byte[] Literal(string text) => Encoding.UTF8.GetBytes(text.Replace("%", "%25", StringComparison.Ordinal));

    [GeneratedRegex(@"\{(?<name>[^{}]*)\}")]
    private static partial Regex Brace();

    /// <summary>A run of a part: bytes as they are, or what a placeholder stands for.</summary>
    private readonly record struct Piece(byte[] Literal, string? Placeholder);

    private readonly ref struct Values(
        HttpUrl url, ReadOnlySpan<byte> path, ReadOnlySpan<byte> last, ReadOnlySpan<byte> lastAndQuery, ReadOnlySpan<byte> query, long index, string? sha256)
    {
        private readonly ReadOnlySpan<byte> _last = last;
        private readonly ReadOnlySpan<byte> _lastAndQuery = lastAndQuery;
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
            _ => Encoding.ASCII.GetBytes(Hash(name)),
        };

        /// <summary>The hash, or its first digits; for a hash that nobody knows yet, its place in the template.</summary>
        private string Hash(string name) =>
            string.IsNullOrEmpty(sha256) || name == "sha256" ? sha256 ?? "" : sha256[0] == '{' ? $"{{{name}}}" : sha256[..DigitsOf(name)];

        private ReadOnlySpan<byte> Name() =>
            _query.IsEmpty ? (_last.IsEmpty ? "index.html"u8 : _last)
            : _last.IsEmpty ? (byte[])[.. "index.html?"u8, .. _query]
            : _lastAndQuery;
    }
}
