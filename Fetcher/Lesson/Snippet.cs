using System.Text;

namespace Fetcher.Lesson;

/// <summary>A few lines of our own source, which is embedded when the program is built, so that they cannot differ from what runs.</summary>
/// <param name="File">The file's name.</param>
/// <param name="From">A text that the first line has, and no line before it.</param>
/// <param name="Count">How many lines.</param>
internal sealed record Snippet(string File, string From, int Count)
{
    /// <summary>The program in Python.</summary>
    public const string PythonFile = "fetch.py";

    /// <summary>Where the lines are: file and number of the first.</summary>
    public string Place => $"{File}:{Start + 1}";

    /// <summary>The lines, without what all of them are indented by.</summary>
    public string Text
    {
        get
        {
            var lines = Lines[Start..(Start + Count)];
            var indent = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
            return string.Join('\n', lines.Select(line => line.Length > 0 ? line[indent..] : line));
        }
    }

    private int Start => Array.FindIndex(Lines, line => line.Contains(From, StringComparison.Ordinal)) is var found and >= 0
        ? found
        : throw new InvalidOperationException($"{File} has no line with {From}");

    private string[] Lines => Read(File).Split('\n');

    /// <summary>The whole text of an embedded file.</summary>
    public static string Read(string file)
    {
        using var stream = typeof(Snippet).Assembly.GetManifestResourceStream(file) ?? throw new InvalidOperationException($"{file} is not embedded");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
