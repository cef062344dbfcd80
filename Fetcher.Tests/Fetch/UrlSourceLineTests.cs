using System.Text;
using Fetcher.Core;
using Fetcher.Core.Work.Sources;

namespace Fetcher.Tests.Fetch;

/// <summary>
/// What is an item and what is not. Each test reads the same bytes as a short file and as a pipe, whole and a byte at a time.
/// </summary>
public sealed class UrlSourceLineTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> Ways => ["file", "pipe", "pipe, a byte at a time"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Ways))]
    public void Blank_lines_and_comments_are_skipped_and_count_as_lines(string way)
    {
        using var source = Open(way, "# three sites\n\nhttp://a/\n  \t \n   # indented\nhttp://b/#fragment\n#\nhttp://c/\n\n# end\n");

        source.TakeAll().Select(item => (item.Index, item.Text, item.Line)).ShouldBe(
            [(0, "http://a/", 3), (1, "http://b/#fragment", 6), (2, "http://c/", 8)]);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void White_space_around_a_line_and_CR_LF_are_dropped(string way)
    {
        using var source = Open(way, "  http://a/  \r\n\thttp://b/ c\t\r\n\r\nhttp://c/\r");

        source.TakeAll().Select(item => item.Text).ShouldBe(["http://a/", "http://b/ c", "http://c/"]);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void The_last_line_needs_no_newline(string way)
    {
        using var source = Open(way, "http://a/\nhttp://b/");

        source.TakeAll().Select(item => (item.Text, item.Line)).ShouldBe([("http://a/", 1), ("http://b/", 2)]);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_byte_order_mark_is_dropped_at_the_beginning_only(string way)
    {
        using var source = Open(way, "\uFEFFhttp://a/\n\uFEFFhttp://b/\n");

        source.TakeAll().Select(item => item.Text).ShouldBe(["http://a/", "\uFEFFhttp://b/"]);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_comment_may_follow_a_byte_order_mark(string way)
    {
        using var source = Open(way, "\uFEFF# list\nhttp://a/\n");

        source.TakeAll().Select(item => item.Text).ShouldBe(["http://a/"]);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Bytes_that_are_no_text_are_kept_for_the_URL_parser(string way)
    {
        byte[] line = [.. "http://a/"u8, 0, 0xFF, 0xC3, (byte)'x'];
        using var source = Open(way, [.. line, (byte)'\n']);
        var item = new UrlItem();
        while (source.TryTake(item) == TakeStatus.Empty)
        {
            source.WaitUntilReady();
        }

        item.Text.Span.ToArray().ShouldBe(line);
        item.Problem.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_line_of_65535_bytes_is_whole(string way)
    {
        var url = "http://a/" + new string('x', 65535 - 9);
        using var source = Open(way, $"http://before/\n{url}\nhttp://after/\n");

        var items = source.TakeAll();

        items.Select(item => (item.Text, item.Line)).ShouldBe([("http://before/", 1), (url, 2), ("http://after/", 3)]);
        items.ShouldAllBe(item => item.Problem == null);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_longer_line_is_one_item_with_a_problem_and_does_not_touch_the_others(string way)
    {
        var longLine = "http://long/" + new string('x', 200_000);
        using var source = Open(way, $"http://a/\n{longLine}\nhttp://b/\nhttp://c/\n{longLine}");

        var items = source.TakeAll();

        items.Select(item => (item.Index, item.Line, item.Problem is null)).ShouldBe(
            [(0, 1, true), (1, 2, false), (2, 3, true), (3, 4, true), (4, 5, false)]);
        items[1].Text.ShouldBe(longLine[..128]);
        items[1].Problem.ShouldBe("it is longer than 65535 bytes");
        items[2].Text.ShouldBe("http://b/");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_long_comment_is_a_comment(string way)
    {
        using var source = Open(way, "# " + new string('-', 200_000) + "\nhttp://a/\n");

        source.TakeAll().Select(item => (item.Text, item.Line)).ShouldBe([("http://a/", 2)]);
    }

    [Theory]
    [InlineData("http://a/#x")]
    [InlineData("http://a/\nhttp://b/")]
    [InlineData("http://a/ b")]
    public void An_argument_is_one_item_whatever_it_holds(string url)
    {
        using var source = UrlSource.Open([url]);

        source.TakeAll().ShouldBe([new TakenItem(0, url, "argument", 0, null)]);
    }

    [Fact]
    public void An_argument_that_is_too_long_has_a_problem()
    {
        using var source = UrlSource.Open(["http://a/" + new string('x', 100_000)]);

        source.TakeAll().Single().Problem.ShouldBe("it is longer than 65535 bytes");
    }

    [Theory]
    [InlineData("http://a", true)]
    [InlineData("HTTPS://a", true)]
    [InlineData("x+y-z.1://a", true)]
    [InlineData("://a", false)]
    [InlineData("1http://a", false)]
    [InlineData("urls.txt", false)]
    [InlineData("dir/http://a", false)]
    [InlineData("http:/a", false)]
    [InlineData("-", false)]
    [InlineData("", false)]
    public void A_SOURCE_is_a_URL_when_it_begins_with_a_scheme(string source, bool expected) => UrlInput.IsUrl(source).ShouldBe(expected);

    private UrlSource Open(string way, string text) => Open(way, Encoding.UTF8.GetBytes(text));

    private UrlSource Open(string way, byte[] bytes) => way switch
    {
        "file" => UrlSource.Open([_directory.Write("urls.txt", bytes)]),
        "pipe" => SourceTesting.FromPipe(bytes),
        _ => SourceTesting.FromPipe(bytes, pieceSize: 1),
    };
}
