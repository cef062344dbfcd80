using System.Text;
using Fetcher.Core;
using Fetcher.Core.Http;

namespace Fetcher.Tests.Http;

public sealed class ResponseHeadTests
{
    [Fact]
    public void The_status_line_is_taken_apart()
    {
        var head = Parse("HTTP/1.0 404 Not Found||");
        head.Status.ShouldBe(404);
        head.MinorVersion.ShouldBe(0);
        Text(head.ReasonPhrase).ShouldBe("Not Found");
        head.ContentLength.ShouldBe(-1);
        Parse("HTTP/1.1 200||").ReasonPhrase.Length.ShouldBe(0);
        Parse("HTTP/1.1 200 ||").ReasonPhrase.Length.ShouldBe(0);
    }

    [Fact]
    public void A_field_is_found_in_any_case_and_the_first_value_counts()
    {
        var head = Parse("HTTP/1.1 204 x|One:  1 \t|tWO: 2|Two: 3|Empty:||");
        Text(head.Field("ONE"u8)).ShouldBe("1");
        Text(head.Field("two"u8)).ShouldBe("2");
        head.TryGetField("Empty"u8, out var empty).ShouldBeTrue();
        empty.Length.ShouldBe(0);
        head.TryGetField("Absent"u8, out _).ShouldBeFalse();
        head.Field("On"u8).Length.ShouldBe(0);
    }

    [Fact]
    public void All_values_of_a_field_come_in_order()
    {
        var head = Parse("HTTP/1.1 204 x|Set-Cookie: a=1|Vary: x|set-cookie: b=2, c|SET-COOKIE:||");
        var cookies = new List<string>();
        foreach (var value in head.SetCookies)
        {
            cookies.Add(Text(value));
        }

        cookies.ShouldBe(["a=1", "b=2, c", ""]);
        foreach (var value in head.Values("Absent"u8))
        {
            throw new InvalidOperationException(Text(value));
        }
    }

    [Fact]
    public void The_fields_that_a_fetch_needs_have_names()
    {
        var head = Parse("HTTP/1.1 206 x|ETag: \"e\"|Last-Modified: lm|Content-Range: cr|Retry-After: 7|Location: /l|Content-Type: t/s||");
        Text(head.ETag).ShouldBe("\"e\"");
        Text(head.LastModified).ShouldBe("lm");
        Text(head.ContentRange).ShouldBe("cr");
        Text(head.RetryAfter).ShouldBe("7");
        Text(head.Location).ShouldBe("/l");
        Text(head.ContentType).ShouldBe("t/s");
    }

    [Fact]
    public void Fields_are_copied_as_text_UTF_8_if_they_can_be_and_else_Latin_1()
    {
        var data = "HTTP/1.1 204 x\r\nA: caf\u00e9\r\nB: "u8.ToArray().Append((byte)0xE9).Concat("\r\n\r\n"u8.ToArray()).ToArray();
        var head = new ResponseHead();
        ResponseParser.Parse(data, false, head, out _, out _).ShouldBe(ParseStatus.Complete);
        var fields = new HeaderFields([], keepsAll: false);
        head.CopyTo(fields);
        fields.ToList().ShouldBe([new("A", "caf\u00e9"), new("B", "\u00e9")]);
        fields.Reason.ToString().ShouldBe("x");
    }

    [Fact]
    public void The_raw_bytes_are_kept_when_the_input_goes_away()
    {
        var data = HeadJudge.Bytes("HTTP/1.1 204 x|A: b||rest");
        var head = new ResponseHead();
        ResponseParser.Parse(data, false, head, out _, out _).ShouldBe(ParseStatus.Complete);
        Array.Clear(data);
        Text(head.Raw).ShouldBe("HTTP/1.1 204 x\r\nA: b\r\n\r\n");
        Text(head.Field("A"u8)).ShouldBe("b");
    }

    [Theory]
    [InlineData("A: b| c|", "b   c")]
    [InlineData("A: b  |\t c|", "b    \t c")]
    [InlineData("A:| b|", "b")]
    [InlineData("A: b| |", "b")]
    [InlineData("A: b\n c\n", "b  c")]
    [InlineData("A:| |\t|", "")]
    public void A_folded_value_is_joined_by_spaces_and_the_raw_bytes_stay(string lines, string expected)
    {
        var text = $"HTTP/1.1 204 x|Before: 1|{lines}Other: x| y|After: 2||";
        var head = Parse(text);
        Text(head.Field("A"u8)).ShouldBe(expected);
        Text(head.Field("Before"u8)).ShouldBe("1");
        Text(head.Field("After"u8)).ShouldBe("2");
        Text(head.Field("Other"u8)).ShouldBe("x   y");
        head.FieldCount.ShouldBe(4);
        head.Raw.SequenceEqual(HeadJudge.Bytes(text)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("Content-Encoding: gzip|", "Gzip")]
    [InlineData("content-encoding: X-GZIP|", "Gzip")]
    [InlineData("Content-Encoding: deflate|", "Deflate")]
    [InlineData("Content-Encoding: br|", "Brotli")]
    [InlineData("Content-Encoding: ZSTD|", "Zstandard")]
    [InlineData("Content-Encoding: compress|", "Unknown")]
    [InlineData("Content-Encoding: identity|", "")]
    [InlineData("Content-Encoding:|", "")]
    [InlineData("Content-Encoding: deflate, gzip|", "Deflate Gzip")]
    [InlineData("Content-Encoding: deflate|Content-Encoding: ,identity, br ,|", "Deflate Brotli")]
    [InlineData("Content-Encoding: gzip,gzip,gzip,gzip|", "Gzip Gzip Gzip Gzip")]
    [InlineData("Content-Encoding: gzip,gzip,gzip,gzip,br|", "Unknown")]
    [InlineData("Content-Encoding: gzip,gzip,gzip,gzip,br,br,br|", "Unknown")]
    public void Content_codings_come_in_the_order_applied(string fields, string expected) =>
        string.Join(' ', Parse($"HTTP/1.1 200 OK|{fields}|").ContentCodings.ToArray()).ShouldBe(expected);

    [Fact]
    public void A_reset_head_is_empty_and_gives_back_what_grew()
    {
        var head = Parse($"HTTP/1.1 200 OK|A: {new string('b', 100_000)}|Content-Encoding: br|Content-Length: 7||");
        head.BufferSize.ShouldBeGreaterThan(ResponseHead.KeptBufferSize);
        head.Reset();
        head.BufferSize.ShouldBe(0);
        head.Status.ShouldBe(0);
        head.FieldCount.ShouldBe(0);
        head.ContentCodings.Length.ShouldBe(0);
        head.ContentLength.ShouldBe(-1);
        head.Raw.Length.ShouldBe(0);

        head = Parse("HTTP/1.1 200 OK||");
        head.Reset();
        head.BufferSize.ShouldBeInRange(1, ResponseHead.KeptBufferSize);
    }

    [Fact]
    public void A_head_that_begins_like_the_one_before_is_read_for_itself()
    {
        var head = Parse("HTTP/1.1 200 OK|Content-Length: 7||");
        var longer = HeadJudge.Bytes("HTTP/1.1 200 OK|Content-Length: 70||");
        ResponseParser.Parse(longer, false, head, out var consumed, out _).ShouldBe(ParseStatus.Complete);
        head.ContentLength.ShouldBe(70);
        consumed.ShouldBe(longer.Length);
        ResponseParser.Parse(longer.AsSpan(..^1), false, head, out _, out _).ShouldBe(ParseStatus.Incomplete);
    }

    private static ResponseHead Parse(string text)
    {
        var head = new ResponseHead();
        ResponseParser.Parse(HeadJudge.Bytes(text), false, head, out _, out var reason).ShouldBe(ParseStatus.Complete, reason);
        return head;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
