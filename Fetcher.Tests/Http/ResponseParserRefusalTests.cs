using System.Text;
using Fetcher.Core.Http;

namespace Fetcher.Tests.Http;

/// <summary>Which header sections are refused, and with which words. <c>|</c> is CR LF.</summary>
public sealed class ResponseParserRefusalTests
{
    [Theory]
    // Not HTTP/1.
    [InlineData("|HTTP/1.1 200 OK||", "does not start with HTTP/1")]
    [InlineData("\nHTTP/1.1 200 OK||", "does not start with HTTP/1")]
    [InlineData(" HTTP/1.1 200 OK||", "does not start with HTTP/1")]
    [InlineData("ICY 200 OK||", "does not start with HTTP/1")]
    [InlineData("<html>hello</html>", "does not start with HTTP/1")]
    [InlineData("SSH-2.0-OpenSSH_9.2|", "does not start with HTTP/1")]
    [InlineData("\0\0\u0012\u0004\0\0\0\0\0", "does not start with HTTP/1")]
    [InlineData("http/1.1 200 OK||", "does not start with HTTP/1")]
    [InlineData("HTTPS/1.1 200 OK||", "does not start with HTTP/1")]
    [InlineData("HTTP 200 OK||", "does not start with HTTP/1")]
    [InlineData("HTTP/2 200||", "version other than 1.x")]
    [InlineData("HTTP/2.0 200 OK||", "version other than 1.x")]
    [InlineData("HTTP/0.9 200 OK||", "version other than 1.x")]
    [InlineData("HTTP/1,1 200 OK||", "version other than 1.x")]
    [InlineData("HTTP/1.x 200 OK||", "version other than 1.x")]
    [InlineData("HTTP/3.1 200 OK||", "version other than 1.x")]
    [InlineData("HTTP/1. 200 OK||", "version other than 1.x")]
    [InlineData("HTTP/11 200 OK||", "version other than 1.x")]
    [InlineData("HTTP/01.1 200 OK||", "version other than 1.x")]
    [InlineData("HTTP/|", "version other than 1.x")]
    // The rest of the status line.
    [InlineData("HTTP/1.1|", "no single space after the HTTP version")]
    [InlineData("HTTP/1.10 200 OK||", "no single space after the HTTP version")]
    [InlineData("HTTP/1.1\t200 OK||", "no single space after the HTTP version")]
    [InlineData("HTTP/1.1x200 OK||", "no single space after the HTTP version")]
    [InlineData("HTTP/1.1  200 OK||", "not three digits")]
    [InlineData("HTTP/1.1 |", "not three digits")]
    [InlineData("HTTP/1.1 20|", "not three digits")]
    [InlineData("HTTP/1.1 20 OK||", "not three digits")]
    [InlineData("HTTP/1.1 2000 OK||", "not three digits")]
    [InlineData("HTTP/1.1 200OK||", "not three digits")]
    [InlineData("HTTP/1.1 200\tOK||", "not three digits")]
    [InlineData("HTTP/1.1 2x0 OK||", "not three digits")]
    [InlineData("HTTP/1.1 +20 OK||", "not three digits")]
    [InlineData("HTTP/1.1 -20 OK||", "not three digits")]
    [InlineData("HTTP/1.1 OK||", "not three digits")]
    [InlineData("HTTP/1.1 \u00b2\u00b2\u00b2 OK||", "not three digits")]
    [InlineData("HTTP/1.1 000 x||", "status code 000 is below 100")]
    [InlineData("HTTP/1.1 099 x||", "status code 099 is below 100")]
    [InlineData("HTTP/1.1 101 Switching Protocols|Upgrade: websocket|Connection: upgrade||", "101")]
    // Line ends and control characters.
    [InlineData("HTTP/1.1 200 OK\rA: b||", "CR without LF")]
    [InlineData("HTTP/1.1 200 OK\r\r\n|", "CR without LF")]
    [InlineData("HTTP/1.1 200 O\rK||", "CR without LF")]
    [InlineData("HTTP/1.1 200 OK|A: b\rc||", "CR without LF")]
    [InlineData("HTTP/1.1 200 OK|A: b\r\r\n|", "CR without LF")]
    [InlineData("HTTP/1.1 200 OK|A\r: b||", "CR without LF")]
    [InlineData("HTTP/1.1 200 OK|A: b|\rX", "CR without LF")]
    [InlineData("HTTP/1.1 200 OK|A: b\0c||", "control character 0x00")]
    [InlineData("HTTP/1.1 200 OK|A\0: b||", "control character 0x00")]
    [InlineData("HTTP/1.1 200 O\0K||", "control character 0x00")]
    [InlineData("HTTP/1.1 200 OK|A: b\u0001||", "control character 0x01")]
    [InlineData("HTTP/1.1 200 OK|A: \bb||", "control character 0x08")]
    [InlineData("HTTP/1.1 200 OK|A: b\vc||", "control character 0x0B")]
    [InlineData("HTTP/1.1 200 OK|A: b\fc||", "control character 0x0C")]
    [InlineData("HTTP/1.1 200 OK|A: \u001b[31m||", "control character 0x1B")]
    [InlineData("HTTP/1.1 200 OK|A: b\u007fc||", "control character 0x7F")]
    // Field names.
    [InlineData("HTTP/1.1 200 OK|A : b||", "white space in a field name or before its colon")]
    [InlineData("HTTP/1.1 200 OK|A\t: b||", "white space in a field name or before its colon")]
    [InlineData("HTTP/1.1 200 OK|A B: c||", "white space in a field name or before its colon")]
    [InlineData("HTTP/1.1 200 OK|Content-Length : 5||", "white space in a field name or before its colon")]
    [InlineData("HTTP/1.1 200 OK| A: b||", "white space between the status line and the first field")]
    [InlineData("HTTP/1.1 200 OK|\tA: b|Content-Length: 5||", "white space between the status line and the first field")]
    [InlineData("HTTP/1.1 200 OK|: b||", "empty field name")]
    [InlineData("HTTP/1.1 200 OK|nocolon||", "without a colon")]
    [InlineData("HTTP/1.1 200 OK|A: b|nocolon||", "without a colon")]
    [InlineData("HTTP/1.1 200 OK|A(: b||", "byte 0x28 in a field name")]
    [InlineData("HTTP/1.1 200 OK|A/B: c||", "byte 0x2F in a field name")]
    [InlineData("HTTP/1.1 200 OK|\"A\": c||", "byte 0x22 in a field name")]
    [InlineData("HTTP/1.1 200 OK|A\u00e9: b||", "byte 0xE9 in a field name")]
    [InlineData("HTTP/1.1 200 OK|{\"json\": true}||", "byte 0x7B in a field name")]
    // Content-Length.
    [InlineData("HTTP/1.1 200 OK|Content-Length: +5||", "not a number of bytes")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: -5||", "not a number of bytes")]
    [InlineData("HTTP/1.1 200 OK|Content-Length:||", "not a number of bytes")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5.0||", "not a number of bytes")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 0x5||", "not a number of bytes")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 1e3||", "not a number of bytes")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5 5||", "not a number of bytes")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5;||", "not a number of bytes")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5,||", "not a number of bytes")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: ,5||", "not a number of bytes")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|Content-Length:||", "not a number of bytes")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: \"5\"||", "not a number of bytes")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: \u00b2||", "not a number of bytes")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 9223372036854775808||", "not a number of bytes")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 18446744073709551621||", "not a number of bytes")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 99999999999999999999999999||", "not a number of bytes")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5,6||", "values that differ")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|Content-Length: 6||", "values that differ")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 0|Content-Length: 6||", "values that differ")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5| 6||", "not a number of bytes")]
    [InlineData("HTTP/1.1 304 x|Content-Length: 5,6||", "values that differ")]
    // Transfer-Encoding.
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: chunked|Content-Length: 5||", "both Transfer-Encoding and Content-Length")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|Transfer-Encoding: chunked||", "both Transfer-Encoding and Content-Length")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 0|Transfer-Encoding: chunked||", "both Transfer-Encoding and Content-Length")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding:||", "other than a single chunked")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: identity||", "other than a single chunked")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: gzip||", "other than a single chunked")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: gzip, chunked||", "other than a single chunked")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: chunked, gzip||", "other than a single chunked")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: chunked, chunked||", "other than a single chunked")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: chunked|Transfer-Encoding: chunked||", "other than a single chunked")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: chunked|Transfer-Encoding: identity||", "other than a single chunked")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: gzip|Transfer-Encoding: chunked||", "other than a single chunked")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: chunked,||", "other than a single chunked")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: ,chunked||", "other than a single chunked")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: chunked;a=b||", "other than a single chunked")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: \"chunked\"||", "other than a single chunked")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: xchunked||", "other than a single chunked")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: chunked\u00a0||", "other than a single chunked")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: chun| ked||", "other than a single chunked")]
    [InlineData("HTTP/1.0 200 OK|Transfer-Encoding: chunked||", "in an HTTP/1.0 response")]
    [InlineData("HTTP/1.0 200 OK|Transfer-Encoding: chunked|Connection: keep-alive||", "in an HTTP/1.0 response")]
    public void A_faulty_head_is_refused(string head, string because)
    {
        var judgement = HeadJudge.JudgeInEveryWay(HeadJudge.Bytes(head));
        judgement.ShouldStartWith("refused: ");
        judgement.ShouldContain(because, Case.Sensitive);
    }

    [Fact]
    public void Every_control_byte_but_HTAB_CR_and_LF_is_refused_wherever_it_stands()
    {
        var good = HeadJudge.Bytes("HTTP/1.1 200 OK|Name: value|Content-Length: 5||");
        for (var at = "HTTP/1.1".Length; at < good.Length - 2; at++)
        {
            for (var value = 0; value < 256; value++)
            {
                if ((value < 0x20 && value is not ('\t' or '\r' or '\n')) || value == 0x7F)
                {
                    var bad = good.ToArray();
                    bad[at] = (byte)value;
                    HeadJudge.Judge(bad).ShouldStartWith("refused: ");
                }
            }
        }
    }

    [Fact]
    public void A_refusal_is_printable_ASCII_whatever_the_server_sent()
    {
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var data = Encoding.Latin1.GetBytes("HTTP/1.1 200 OK\r\nAa: b\r\nContent-Length: 5\r\n\r\n");
            data[random.Next(data.Length)] = (byte)random.Next(256);
            ResponseParser.Parse(data, false, new ResponseHead(), out _, out var reason);
            (reason ?? "").ShouldAllBe(c => c >= ' ' && c < 0x7F);
        }
    }

    [Fact]
    public void A_refused_head_is_left_empty()
    {
        var head = new ResponseHead();
        var data = HeadJudge.Bytes("HTTP/1.1 200 OK|A: b|Content-Length: x||");
        ResponseParser.Parse(data, false, head, out _, out _).ShouldBe(ParseStatus.Invalid);
        head.Status.ShouldBe(0);
        head.FieldCount.ShouldBe(0);
        head.Raw.Length.ShouldBe(0);
    }
}
