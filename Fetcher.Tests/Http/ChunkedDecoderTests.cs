using System.Text;
using Fetcher.Core.Http;

namespace Fetcher.Tests.Http;

/// <summary>Which chunked bodies are accepted, and how the others are refused. <c>|</c> is CR LF.</summary>
public sealed class ChunkedDecoderTests
{
    [Theory]
    [InlineData("5|hello|0||", "hello")]
    [InlineData("0||", "")]
    [InlineData("3|abc|2|de|0||", "abcde")]
    [InlineData("A|0123456789|0||", "0123456789")]
    [InlineData("a|0123456789|0||", "0123456789")]
    [InlineData("0005|hello|0000||", "hello")]
    [InlineData("00000000000000000000005|hello|0||", "hello")]
    [InlineData("2|||0||", "\r\n")]
    [InlineData("6|0||x|0||", "0\r\n\r\nx")]
    [InlineData("1|\0|1|\u00ff|0||", "\0\u00ff")]
    // Extensions are skipped, with blanks around the semicolon (RFC 9112, section 7.1.1).
    [InlineData("5;a|hello|0||", "hello")]
    [InlineData("5;a=b;c=\"d e; f\"|hello|0;last||", "hello")]
    [InlineData("5 ;a|hello|0||", "hello")]
    [InlineData("5\t \t; a = b|hello|0||", "hello")]
    [InlineData("5;|hello|0;||", "hello")]
    [InlineData("5;\u00e9|hello|0||", "hello")]
    // Blanks behind a size count for nothing.
    [InlineData("5 |hello|0||", "hello")]
    [InlineData("5\t|hello|0\t||", "hello")]
    [InlineData("5 \t   |hello|6     |, you!|0 |A: b||", "hello, you!")]
    [InlineData("0       ||", "")]
    // The trailer section is dropped.
    [InlineData("5|hello|0|A: b||", "hello")]
    [InlineData("5|hello|0|A: b|Content-Length: 7|C:||", "hello")]
    [InlineData("0|A:\tb \u00e9:|!: c||", "")]
    // What follows belongs to the next response.
    [InlineData("5|hello|0||HTTP/1.1 200 OK", "hello + 15 bytes left")]
    [InlineData("0|A: b||\0", " + 1 bytes left")]
    public void A_lawful_body_is_decoded(string body, string expected) =>
        ChunkJudge.JudgeInEveryWay(HeadJudge.Bytes(body)).ShouldBe(expected);

    [Theory]
    // The size.
    [InlineData("|", "does not start with a hexadecimal digit")]
    [InlineData("x|", "does not start with a hexadecimal digit")]
    [InlineData(" 5|hello|0||", "does not start with a hexadecimal digit")]
    [InlineData("+5|hello|0||", "does not start with a hexadecimal digit")]
    [InlineData("-5|hello|0||", "does not start with a hexadecimal digit")]
    [InlineData(";a|hello|0||", "does not start with a hexadecimal digit")]
    [InlineData("G|", "does not start with a hexadecimal digit")]
    [InlineData("\u00b2|", "does not start with a hexadecimal digit")]
    [InlineData("0x5|hello|0||", "not hexadecimal digits")]
    [InlineData("5h|hello|0||", "not hexadecimal digits")]
    [InlineData("5,5|hello|0||", "not hexadecimal digits")]
    [InlineData("5_0|", "not hexadecimal digits")]
    [InlineData("5\0|hello|0||", "not hexadecimal digits")]
    [InlineData("5 \nhello|0||", "followed by something else than an extension")]
    [InlineData("5 \r5|hello|0||", "does not end in CR LF")]
    [InlineData("5 5|hello|0||", "followed by something else than an extension")]
    [InlineData("8000000000000000|", "too large")]
    [InlineData("FFFFFFFFFFFFFFFF|", "too large")]
    [InlineData("10000000000000005|hello|0||", "too large")]
    [InlineData("10000000000000000000000000000000000000000000000000000005|hello|0||", "too large")]
    // Line ends.
    [InlineData("5\nhello|0||", "not hexadecimal digits")]
    [InlineData("5\rhello|0||", "does not end in CR LF")]
    [InlineData("5\r\r\nhello|0||", "does not end in CR LF")]
    [InlineData("5;a\nhello|0||", "control character in a chunk extension")]
    [InlineData("5;a\rb|hello|0||", "does not end in CR LF")]
    [InlineData("5;a\0|hello|0||", "control character in a chunk extension")]
    [InlineData("5|hello\n0||", "not followed by CR LF")]
    [InlineData("5|hello0||", "not followed by CR LF")]
    [InlineData("5|hello!|0||", "not followed by CR LF")]
    [InlineData("5|hello\r0||", "not followed by CR LF")]
    [InlineData("5|hello\r\r\n0||", "not followed by CR LF")]
    [InlineData("5|hell|0||", "not followed by CR LF")]
    [InlineData("5|hello||0||", "does not start with a hexadecimal digit")]
    [InlineData("0\n\n", "not hexadecimal digits")]
    // The trailer section.
    [InlineData("0|\n", "without a proper name")]
    [InlineData("0|\r\r", "trailer section that does not end in CR LF")]
    [InlineData("0|A: b\n|", "control character in a trailer field")]
    [InlineData("0|A: b\r|", "trailer field that does not end in CR LF")]
    [InlineData("0|A: b\0||", "control character in a trailer field")]
    [InlineData("0|A: b|\n", "without a proper name")]
    [InlineData("0|A||", "without a proper name")]
    [InlineData("0|A : b||", "without a proper name")]
    [InlineData("0|A B: c||", "without a proper name")]
    [InlineData("0|: b||", "without a proper name")]
    [InlineData("0| A: b||", "without a proper name")]
    [InlineData("0|A: b| folded||", "without a proper name")]
    [InlineData("0|A\u00e9: b||", "without a proper name")]
    [InlineData("0|HTTP/1.1 200 OK||", "without a proper name")]
    public void A_faulty_body_is_refused(string body, string because)
    {
        var judgement = ChunkJudge.JudgeInEveryWay(HeadJudge.Bytes(body));
        judgement.ShouldStartWith("refused: ");
        judgement.ShouldContain(because, Case.Sensitive);
    }

    [Theory]
    [InlineData("", "incomplete: ")]
    [InlineData("5", "incomplete: ")]
    [InlineData("5|", "incomplete: ")]
    [InlineData("5|hel", "incomplete: hel")]
    [InlineData("5|hello", "incomplete: hello")]
    [InlineData("5|hello\r", "incomplete: hello")]
    [InlineData("5|hello|", "incomplete: hello")]
    [InlineData("5|hello|0", "incomplete: hello")]
    [InlineData("5|hello|0|", "incomplete: hello")]
    [InlineData("5|hello|0|\r", "incomplete: hello")]
    [InlineData("5|hello|0|A: b|", "incomplete: hello")]
    [InlineData("7FFFFFFFFFFFFFFF|hello", "incomplete: hello")]
    public void A_body_cut_short_is_incomplete(string body, string expected) =>
        ChunkJudge.JudgeInEveryWay(HeadJudge.Bytes(body)).ShouldBe(expected);

    [Fact]
    public void A_size_line_may_be_as_long_as_its_limit_and_no_longer()
    {
        var extension = new string('x', ChunkedDecoder.MaxSizeLine - 2);
        ChunkJudge.Judge(HeadJudge.Bytes($"1;{extension}|a|1;{extension}|b|0||")).ShouldBe("ab");
        ChunkJudge.Judge(HeadJudge.Bytes($"1;{extension}x|a|0||")).ShouldBe("refused: a chunk size line longer than 4096 bytes");
        ChunkJudge.Judge(HeadJudge.Bytes(new string('0', ChunkedDecoder.MaxSizeLine + 1))).ShouldContain("longer than 4096 bytes");
        ChunkJudge.Judge(HeadJudge.Bytes("1" + new string(' ', ChunkedDecoder.MaxSizeLine))).ShouldContain("longer than 4096 bytes");
    }

    [Fact]
    public void A_trailer_section_may_be_as_long_as_its_limit_and_no_longer()
    {
        // "A:", CR LF after the value, and the CR LF that ends the section.
        var value = new string('x', ChunkedDecoder.MaxTrailer - 6);
        ChunkJudge.Judge(HeadJudge.Bytes($"0|A:{value}||")).ShouldBe("");
        ChunkJudge.Judge(HeadJudge.Bytes($"0|A:{value}x||")).ShouldBe("refused: a trailer section longer than 16384 bytes");
    }

    [Fact]
    public void A_million_chunks_of_one_byte_are_decoded()
    {
        const int count = 1_000_000;
        var data = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("1\r\nx\r\n", count)) + "0\r\n\r\n");
        var decoder = new ChunkedDecoder();
        var position = 0;
        var runs = 0;
        while (decoder.Decode(data.AsSpan(position), out var consumed, out _, out var length, out _) == ChunkStatus.Data)
        {
            length.ShouldBe(1);
            position += consumed;
            runs++;
        }

        runs.ShouldBe(count);
        (data.Length - position).ShouldBe("\r\n0\r\n\r\n".Length);
    }

    [Fact]
    public void Nothing_is_read_after_the_end()
    {
        var decoder = new ChunkedDecoder();
        decoder.Decode("0\r\n\r\n"u8, out _, out _, out _, out _).ShouldBe(ChunkStatus.End);
        decoder.Decode("5\r\nhello"u8, out var consumed, out _, out _, out _).ShouldBe(ChunkStatus.End);
        consumed.ShouldBe(0);
    }
}
