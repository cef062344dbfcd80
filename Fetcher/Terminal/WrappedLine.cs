using Spectre.Console;
using Spectre.Console.Rendering;

namespace Fetcher.Terminal;

/// <summary>
/// A paragraph and its line end. It is wrapped as a <see cref="Paragraph"/> is, but ASCII text takes a column a character, where that one looks each character
/// up in tables of Unicode several times: a quarter of a run of one URL (bench/NOTES.md).
/// </summary>
internal sealed class WrappedLine : Renderable
{
    private readonly List<(string Text, Style Style)> _parts = [];

    /// <summary>Whether a text takes as many columns as it has characters.</summary>
    public static bool IsAscii(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    /// <summary>Adds text.</summary>
    public WrappedLine Append(string text, Style? style = null)
    {
        _parts.Add((text, style ?? Style.Plain));
        return this;
    }

    /// <inheritdoc/>
    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        if (!_parts.TrueForAll(part => IsAscii(part.Text)))
        {
            return RenderParagraph(options, maxWidth);
        }

        if (_parts.Sum(part => part.Text.Length) <= maxWidth)
        {
            return [.. _parts.Select(part => new Segment(part.Text, part.Style)), Segment.LineBreak];
        }

        var words = Words();
        return words[0].IsWhiteSpace || words.Exists(word => word.Text.Length > maxWidth) ? RenderParagraph(options, maxWidth) : Wrap(words, maxWidth);
    }

    private IEnumerable<Segment> RenderParagraph(RenderOptions options, int maxWidth)
    {
        var paragraph = new Paragraph();
        foreach (var (text, style) in _parts)
        {
            paragraph.Append(text, style);
        }

        return [.. ((IRenderable)paragraph).Render(options, maxWidth), Segment.LineBreak];
    }

    /// <summary>The words, and the spaces between, which may be at the end of a line but not at the beginning of one.</summary>
    private List<Segment> Words()
    {
        var words = new List<Segment>();
        foreach (var (text, style) in _parts)
        {
            for (int start = 0, end; start < text.Length; start = end)
            {
                var length = text[start] == ' ' ? text.AsSpan(start).IndexOfAnyExcept(' ') : text.AsSpan(start).IndexOf(' ');
                end = length < 0 ? text.Length : start + length;
                words.Add(new Segment(text[start..end], style));
            }
        }

        return words;
    }

    private static IEnumerable<Segment> Wrap(List<Segment> words, int maxWidth)
    {
        var column = 0;
        foreach (var word in words)
        {
            if (column + word.Text.Length > maxWidth)
            {
                yield return Segment.LineBreak;
                column = 0;
                if (word.IsWhiteSpace)
                {
                    continue;
                }
            }

            yield return word;
            column += word.Text.Length;
        }

        yield return Segment.LineBreak;
    }
}
