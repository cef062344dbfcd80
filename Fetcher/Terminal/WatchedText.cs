namespace Fetcher.Terminal;

/// <summary>A text that is shown anew: on a terminal in the place of the one before, elsewhere below it.</summary>
/// <param name="output">Where to.</param>
/// <param name="style">What it is.</param>
internal sealed class WatchedText(TextWriter output, TerminalStyle style)
{
    /// <summary>ECMA-48: CPL, to the beginning of so many lines before; ED, erase to the end of the display.</summary>
    private const string Escape = "\u001b[", LinesUp = "F", EraseBelow = "\u001b[J";

    private int _lines;

    /// <summary>Shows a text of whole lines. On a terminal a line that is too long for it is cut, since what wraps cannot be written over.</summary>
    public void Show(string text)
    {
        if (!style.IsTerminal)
        {
            output.Write(text);
            return;
        }

        var width = TerminalStyle.CurrentWidth();
        string[] lines = [.. text.TrimEnd('\n').Split('\n').Select(line => line.Length > width ? line[..(width - 1)] + "\u2026" : line)];
        output.Write((_lines > 0 ? $"{Escape}{_lines}{LinesUp}{EraseBelow}" : "") + string.Join('\n', lines) + "\n");
        _lines = lines.Length;
    }
}
