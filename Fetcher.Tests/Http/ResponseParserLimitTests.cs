using System.Text;
using Fetcher.Core.Http;

namespace Fetcher.Tests.Http;

public sealed class ResponseParserLimitTests
{
    private const string StatusLine = "HTTP/1.1 204 x\r\n";

    [Fact]
    public void A_head_of_exactly_the_limit_is_accepted()
    {
        var head = new ResponseHead();
        var data = HeadOfLength(ResponseParser.MaxHeadLength);
        ResponseParser.Parse(data, false, head, out var consumed, out _).ShouldBe(ParseStatus.Complete);
        consumed.ShouldBe(ResponseParser.MaxHeadLength);
    }

    [Fact]
    public void A_head_one_byte_longer_than_the_limit_is_refused_in_every_way()
    {
        var data = HeadOfLength(ResponseParser.MaxHeadLength + 1);
        var expected = "refused: a header section longer than 131072 bytes";
        HeadJudge.Judge(data).ShouldBe(expected);
        HeadJudge.JudgeInPieces(data, Enumerable.Range(1, data.Length), resume: true).ShouldBe(expected);
        HeadJudge.JudgeInPieces(data, [ResponseParser.MaxHeadLength], resume: true).ShouldBe(expected);
    }

    [Fact]
    public void A_head_that_never_ends_is_refused()
    {
        var data = Encoding.Latin1.GetBytes(StatusLine + "A: " + new string('b', 1 << 20));
        HeadJudge.Judge(data).ShouldBe("refused: a header section longer than 131072 bytes");
    }

    [Fact]
    public void A_thousand_fields_are_accepted_and_one_more_is_refused()
    {
        HeadJudge.Judge(HeadWithFields(1000)).ShouldBe("204 none keep");
        HeadJudge.Judge(HeadWithFields(1001)).ShouldBe("refused: more than 1000 fields");
    }

    [Fact]
    public void Continuation_lines_count_towards_the_length_only()
    {
        var data = Encoding.Latin1.GetBytes(StatusLine + "A: b\r\n" + string.Concat(Enumerable.Repeat(" c\r\n", 5000)) + "\r\n");
        HeadJudge.Judge(data).ShouldBe("204 none");
    }

    [Fact]
    public void A_resumed_parse_looks_at_no_byte_twice_but_the_last()
    {
        // The bytes that were searched before are changed to control characters: a parser that looked again would refuse them.
        var data = Encoding.Latin1.GetBytes(StatusLine + "A: bbbbbbbbbb\r\n\r\n");
        var head = new ResponseHead();
        var cut = StatusLine.Length + 8;
        ResponseParser.Parse(data.AsSpan(0, cut), false, head, out _, out _).ShouldBe(ParseStatus.Incomplete);
        data.AsSpan(StatusLine.Length + 3, 4).Clear();
        ResponseParser.Parse(data, false, head, out _, out _, alreadySearched: cut).ShouldBe(ParseStatus.Complete);
    }

    [Fact]
    public void A_parse_that_does_not_resume_forgets_the_one_before()
    {
        var head = new ResponseHead();
        ResponseParser.Parse("HTTP/1.1 500 x\nOld: 1\n"u8, false, head, out _, out _).ShouldBe(ParseStatus.Incomplete);
        ResponseParser.Parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"u8, false, head, out _, out _).ShouldBe(ParseStatus.Complete);
        head.Status.ShouldBe(200);
        head.FieldCount.ShouldBe(1);
        head.KeepAlive.ShouldBeTrue();
    }

    private static byte[] HeadOfLength(int length) =>
        Encoding.Latin1.GetBytes(StatusLine + "A: " + new string('b', length - StatusLine.Length - 7) + "\r\n\r\n");

    private static byte[] HeadWithFields(int count) =>
        Encoding.Latin1.GetBytes(StatusLine + string.Concat(Enumerable.Range(0, count).Select(i => $"F{i}: {i}\r\n")) + "\r\n");
}
