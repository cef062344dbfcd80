using System.Text;
using System.Text.Json;
using CsCheck;
using Fetcher.Core;
using Fetcher.Core.Work.Sources;

namespace Fetcher.Tests.Fetch;

/// <summary>What must hold for every list, whatever is in it.</summary>
public sealed class ListPropertyTests : IDisposable
{
    private static readonly Gen<string> Piece = Gen.OneOf(
        "\n", "\n", "\r\n", " ", "\t", "#", "\uFEFF", "http://a/", "https://b/?q#f", "\u00e9", "\0", "{", "}", "\"url\":", "\"http://c/\"", ",", "\"headers\":", "null",
        "\"X-A\":\"b\"", "\"method\":\"HEAD\"", "\"id\":7", "\"save_as\":\"d/f\"", "\\ud800", "\\r\\n", "[", "]", "1e9", "{\"url\":\"http://d/\"}");

    private static readonly Gen<byte[]> List = Gen.OneOf(
        Gen.Byte.Array[0, 60],
        Piece.Array[0, 20].Select(pieces => Encoding.UTF8.GetBytes(string.Concat(pieces))));

    // Half a character is none.
    private static readonly Gen<string> Text = Gen.String[1, 20].Select(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));

    private static readonly char[] WhiteSpace = [' ', '\t', '\r', '\v', '\f'], EndOfLine = ['\r', '\n', '\0'];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_list_is_its_lines_however_it_comes() =>
        Gen.Select(List, Gen.Int[1, 20]).Sample((bytes, pieceSize) =>
        {
            if (bytes is [0, ..] or [_, 0, ..] or [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] || ListText.IsPacked(bytes))
            {
                // It may be taken for UTF-16 or UTF-32, or for a packed list, which is told in a sentence.
                return;
            }

            // Byte by byte as Latin-1, so that bytes that are no text count too.
            var lines = Encoding.Latin1.GetString(bytes).Split('\n');
            lines[0] = lines[0].StartsWith("\u00ef\u00bb\u00bf", StringComparison.Ordinal) ? lines[0][3..] : lines[0];
            var expected = lines
                .Select((line, at) => (Text: line.Trim(WhiteSpace), Line: at + 1L))
                .Where(line => line.Text.Length > 0 && line.Text[0] != '#')
                .Select(line => (Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(line.Text)), line.Line))
                .ToArray();

            using var pipe = SourceTesting.FromPipe(bytes, pieceSize: pieceSize);
            if (expected.Length == 0)
            {
                Should.Throw<SourceException>(pipe.TakeAll);
                return;
            }

            using var file = UrlSource.Open([_directory.Write("list", bytes)], count: 1);
            Check(pipe.TakeAll(), expected);
            Check(file.TakeAll(), expected);
        }, iter: 1000, threads: 1);

    [Fact]
    public void A_line_of_JSON_comes_back_as_it_was_written() =>
        Gen.Select(Text, Text, Gen.Bool).Sample((url, id, isHead) =>
        {
            var line = JsonSerializer.SerializeToUtf8Bytes(new { id, url, headers = new Dictionary<string, string?> { ["X-A"] = "b", ["Accept"] = null }, method = isHead ? "HEAD" : "GET" });
            using var source = SourceTesting.FromPipe(line);

            var item = source.TakeAll().ShouldHaveSingleItem();

            (item.Problem, item.Text).ShouldBe((null, url));
            item.Options!.Headers.ShouldBe([new RequestHeader("X-A", "b")]);
            item.Options.RemovedHeaders.ShouldBe(["Accept"]);
            (item.Options.Method, item.Options.Id).ShouldBe((isHead ? FetchMethod.Head : FetchMethod.Get, new UrlId(id)));
        }, iter: 1000);

    private static void Check(List<TakenItem> items, (string Text, long Line)[] expected)
    {
        items.Select(item => item.Line).ShouldBe(expected.Select(line => line.Line));
        foreach (var (item, line) in items.Zip(expected))
        {
            if (line.Text[0] != '{')
            {
                (item.Text, item.Problem, item.Options).ShouldBe((line.Text, null, null));
            }
            else if (item.Problem is null)
            {
                item.Options!.Headers.ShouldAllBe(header => header.Value.IndexOfAny(EndOfLine) < 0);
            }
        }
    }
}
