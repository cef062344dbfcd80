using System.Globalization;
using System.Text;

namespace Fetcher.Fuzz;

/// <summary>Inputs as text, one a line: <c>|</c> is CR LF, <c>\xNN</c> a byte.</summary>
internal static class Corpus
{
    public static List<byte[]> Load(string path) => [.. File.ReadLines(path).Where(line => line.Length > 0).Select(Unescape)];

    public static string Escape(ReadOnlySpan<byte> data)
    {
        var text = new StringBuilder();
        foreach (var value in data)
        {
            _ = value is > 31 and < 127 and not ((byte)'|' or (byte)'\\') ? text.Append((char)value) : text.Append($"\\x{value:x2}");
        }

        return text.Replace("\\x0d\\x0a", "|").ToString();
    }

    private static byte[] Unescape(string line)
    {
        var data = new List<byte>();
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '|')
            {
                data.AddRange("\r\n"u8);
            }
            else if (line[i] == '\\' && i + 3 < line.Length && line[i + 1] == 'x')
            {
                data.Add(byte.Parse(line.AsSpan(i + 2, 2), NumberStyles.HexNumber, null));
                i += 3;
            }
            else
            {
                data.Add((byte)line[i]);
            }
        }

        return [.. data];
    }
}
