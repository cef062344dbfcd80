using Fetcher.Terminal;
using Spectre.Console;

namespace Fetcher.Tests.Terminal;

/// <summary>A line looks as a paragraph of Spectre.Console's does.</summary>
public sealed class WrappedLineTests
{
    [Theory]
    [InlineData("one line")]
    [InlineData("words that are wrapped where a space is, and a longer one: behind it")]
    [InlineData("forty characters with a space at the end and then")]
    [InlineData("several   spaces       are kept     but at the beginning      of a      line")]
    [InlineData("   an indented text is indented again where it is wrapped, by as much")]
    [InlineData("http://a/a-word-that-is-longer-than-the-line-is-broken-where-the-line-ends then words")]
    [InlineData("naïve words are counted in the columns that they take, not in characters")]
    [InlineData("漢字漢字漢字漢字漢字漢字漢字漢字 take two columns each 漢字漢字漢字漢字")]
    [InlineData("a\nb")]
    [InlineData(" ")]
    [InlineData("")]
    public void It_is_wrapped_as_a_paragraph_is(string text)
    {
        var bold = new Style(Color.Red, decoration: Decoration.Bold);
        for (var cut = 0; cut <= text.Length; cut++)
        {
            foreach (var style in (TerminalStyle[])[TerminalStyle.Plain with { Width = 40 }, new(IsTerminal: true, Color: true, Width: 40)])
            {
                var expected = Written(style, console =>
                {
                    console.Write(new Paragraph().Append(text[..cut], bold).Append(text[cut..]));
                    console.WriteLine();
                });
                Written(style, console => console.Write(new WrappedLine().Append(text[..cut], bold).Append(text[cut..]))).ShouldBe(expected);
            }
        }
    }

    private static string Written(TerminalStyle style, Action<IAnsiConsole> write)
    {
        using var text = new StringWriter();
        write(style.CreateConsole(text));
        return text.ToString();
    }
}
