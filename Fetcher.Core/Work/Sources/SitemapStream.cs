using System.Buffers;
using System.Globalization;
using System.Text;

namespace Fetcher.Core.Work.Sources;

/// <summary>
/// The locations of a sitemap, or of an index of sitemaps (sitemaps.org), a line each, read as they are asked for. Nothing is fetched for it: the sitemaps that
/// an index names are URLs like others.
/// </summary>
/// <remarks>
/// System.Xml would make the native binary 0.8 MB larger for this one element. Read are elements, CDATA sections, comments and references to characters; names
/// with a prefix are not the sitemap's own (<c>image:loc</c>).
/// </remarks>
/// <param name="document">The document, in UTF-8.</param>
/// <param name="name">What messages call it.</param>
internal sealed class SitemapStream(Stream document, string name) : ReadOnlyStream
{
    private const int End = -1;

    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly ArrayBufferWriter<byte> _text = new();
    private string _root = "";
    private ReadOnlyMemory<byte> _line;
    private int _at;
    private int _filled;
    private bool _hasEnded;

    /// <exception cref="SourceException">It is no sitemap, or breaks off.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (_line.IsEmpty && !NextLine())
        {
            return 0;
        }

        var length = Math.Min(buffer.Length, _line.Length);
        _line.Span[..length].CopyTo(buffer);
        _line = _line[length..];
        return length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            document.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool NextLine()
    {
        var isLocation = false;
        while (!_hasEnded)
        {
            var next = Next();
            if (next == End)
            {
                throw new SourceException(_root.Length == 0 ? $"{name} is no list and no sitemap" : $"cannot read {name} as a sitemap: it ends within <{_root}>");
            }

            if (next != '<')
            {
                Keep(isLocation, next);
                continue;
            }

            var (tag, isWhole) = Tag(isLocation);
            if (tag.Length > 0 && tag[0] != '/' && _root.Length == 0)
            {
                _root = tag is "urlset" or "sitemapindex" ? tag : throw new SourceException($"{name} is no list and no sitemap: it is XML that begins with <{tag}>");
            }

            _hasEnded = tag.StartsWith('/') && tag.AsSpan(1).SequenceEqual(_root);
            if (tag == "loc" && !isWhole)
            {
                isLocation = true;
                _text.ResetWrittenCount();
            }
            else if (tag == "/loc" && isLocation)
            {
                isLocation = false;
                if (Location() is { Length: > 0 } location)
                {
                    _line = Encoding.UTF8.GetBytes(location + "\n");
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>What was kept, as text; what no line has room for was not.</summary>
    private string Location()
    {
        var text = Encoding.UTF8.GetString(_text.WrittenSpan).Trim().ReplaceLineEndings(" ");
        return text.Contains('&', StringComparison.Ordinal) ? References(text) : text;
    }

    /// <summary>Characters in the place of references to them (XML 1.0, section 4.6). What is none stays as it is.</summary>
    private static string References(string text)
    {
        var parts = text.Split('&');
        for (var i = 1; i < parts.Length; i++)
        {
            var end = parts[i].IndexOf(';', StringComparison.Ordinal);
            parts[i] = (end < 0 ? null : Character(parts[i][..end])) is { } character ? character + parts[i][(end + 1)..] : "&" + parts[i];
        }

        return string.Concat(parts);
    }

    private static string? Character(string reference) => reference switch
    {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        ['#', 'x', .. var digits] when int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) && Rune.IsValid(code) => new Rune(code).ToString(),
        ['#', .. var digits] when int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && Rune.IsValid(code) => new Rune(code).ToString(),
        _ => null,
    };

    /// <summary>Reads behind a &lt;. The name of an element, with / before it where it ends, and whether it ends at once; empty for what is none.</summary>
    private (string Name, bool IsWhole) Tag(bool isLocation)
    {
        var first = Next();
        switch (first)
        {
            case '?':
                SkipTo("?>", false);
                return ("", false);
            case '!':
                SkipMarkup(isLocation);
                return ("", false);
            default:
                break;
        }

        var tag = new StringBuilder();
        var next = first;
        for (; next is not (End or '>' or ' ' or '\t' or '\r' or '\n') && !(next == '/' && tag.Length > 0); next = Next())
        {
            tag.Append(tag.Length < _buffer.Length ? (char)next : "");
        }

        return (tag.ToString(), SkipAttributes(next));
    }

    /// <summary>Reads up to the end of a tag; whether it is that of an element without content.</summary>
    private bool SkipAttributes(int next)
    {
        for (var (quote, before) = (0, 0); ; before = next, next = Next())
        {
            if (next == End || (next == '>' && quote == 0))
            {
                return before == '/';
            }

            if (next is '"' or '\'')
            {
                quote = quote == 0 ? next : quote == next ? 0 : quote;
            }
        }
    }

    /// <summary>Reads a comment, a CDATA section or a document type, behind its &lt;!.</summary>
    private void SkipMarkup(bool isLocation)
    {
        switch (Next())
        {
            case '-':
                Next();
                SkipTo("-->", false);
                break;
            case '[':
                for (var i = 0; i < "CDATA[".Length; i++)
                {
                    Next();
                }

                SkipTo("]]>", isLocation);
                break;
            default:
                for (var (next, depth) = (0, 0); next != End && (next != '>' || depth > 0);)
                {
                    next = Next();
                    depth += next == '[' ? 1 : next == ']' ? -1 : 0;
                }

                break;
        }
    }

    /// <summary>Reads up to some characters and over them, and keeps what stands before them, or not.</summary>
    private void SkipTo(string end, bool isKept)
    {
        var found = 0;
        for (int next; found < end.Length && (next = Next()) != End;)
        {
            if (next == end[found])
            {
                found++;
                continue;
            }

            // Of ]]]> the first ] is content, and the others may be the end still.
            var isRepeated = found == end.Length - 1 && next == end[0] && end[0] == end[1];
            for (var i = 0; i < (isRepeated ? 1 : found); i++)
            {
                Keep(isKept, end[i]);
            }

            found = isRepeated ? found : next == end[0] ? 1 : 0;
            if (found == 0)
            {
                Keep(isKept, next);
            }
        }
    }

    private void Keep(bool isKept, int next)
    {
        if (isKept && _text.WrittenCount <= LineBlock.Size)
        {
            _text.GetSpan(1)[0] = (byte)next;
            _text.Advance(1);
        }
    }

    private int Next()
    {
        if (_at == _filled)
        {
            (_at, _filled) = (0, document.Read(_buffer));
        }

        return _filled == 0 ? End : _buffer[_at++];
    }
}
