using Fetcher.Core.Http;

namespace Fetcher.Tests.Http;

/// <summary>Which header sections are accepted, and what they say about the body and the connection. <c>|</c> is CR LF.</summary>
public sealed class ResponseParserTests
{
    [Theory]
    // The status line.
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5||", "200 length 5 keep")]
    [InlineData("HTTP/1.1 200 |Content-Length: 5||", "200 length 5 keep")]
    [InlineData("HTTP/1.1 200|Content-Length: 5||", "200 length 5 keep")]
    [InlineData("HTTP/1.1 200 No\tVery \u00e9l\u00e9gant  reason |Content-Length: 5||", "200 length 5 keep")]
    [InlineData("HTTP/1.1 404 Not Found|Content-Length: 0||", "404 length 0 keep")]
    [InlineData("HTTP/1.1 500 x|Content-Length: 1||", "500 length 1 keep")]
    [InlineData("HTTP/1.1 599 x|Content-Length: 1||", "599 length 1 keep")]
    [InlineData("HTTP/1.1 999 Request denied|Content-Length: 1||", "999 length 1 keep")]
    [InlineData("HTTP/1.1 299 x|Content-Length: 1||", "299 length 1 keep")]
    // No body, whatever the fields say.
    [InlineData("HTTP/1.1 100 Continue||", "100 none keep")]
    [InlineData("HTTP/1.1 102 Processing|A: b||", "102 none keep")]
    [InlineData("HTTP/1.1 103 Early Hints|Link: </a.css>; rel=preload||", "103 none keep")]
    [InlineData("HTTP/1.1 199 x||", "199 none keep")]
    [InlineData("HTTP/1.1 204 No Content||", "204 none keep")]
    [InlineData("HTTP/1.1 204 No Content|Content-Length: 0||", "204 none keep")]
    [InlineData("HTTP/1.1 304 Not Modified||", "304 none keep")]
    [InlineData("HTTP/1.1 304 Not Modified|Content-Length: 5||", "304 none keep")]
    [InlineData("HTTP/1.1 304 Not Modified|Transfer-Encoding: chunked||", "304 none keep")]
    [InlineData("HTTP/1.0 304 Not Modified||", "304 none")]
    // A body announced where none can be: the peer may send it all the same.
    [InlineData("HTTP/1.1 204 No Content|Content-Length: 5||", "204 none")]
    [InlineData("HTTP/1.1 204 No Content|Transfer-Encoding: chunked||", "204 none")]
    [InlineData("HTTP/1.1 100 Continue|Content-Length: 5||", "100 none")]
    // Other statuses have one.
    [InlineData("HTTP/1.1 205 Reset Content|Content-Length: 0||", "205 length 0 keep")]
    [InlineData("HTTP/1.1 301 Moved|Location: /x|Content-Length: 3||", "301 length 3 keep")]
    [InlineData("HTTP/1.1 206 Partial|Content-Range: bytes 0-2/9|Content-Length: 3||", "206 length 3 keep")]
    // Until close.
    [InlineData("HTTP/1.1 200 OK||", "200 until close")]
    [InlineData("HTTP/1.1 200 OK|Connection: keep-alive||", "200 until close")]
    [InlineData("HTTP/1.0 200 OK||", "200 until close")]
    [InlineData("HTTP/1.1 205 Reset Content||", "205 until close")]
    // Content-Length.
    [InlineData("HTTP/1.1 200 OK|content-length:5||", "200 length 5 keep")]
    [InlineData("HTTP/1.1 200 OK|CONTENT-LENGTH:  \t 5 \t ||", "200 length 5 keep")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 0||", "200 length 0 keep")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 007||", "200 length 7 keep")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 9223372036854775807||", "200 length 9223372036854775807 keep")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 000000000000000000000000000005||", "200 length 5 keep")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5,5||", "200 length 5 keep")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5 , 5\t,05||", "200 length 5 keep")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|Content-Length: 5||", "200 length 5 keep")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|A: b|content-length: 5, 5||", "200 length 5 keep")]
    [InlineData("HTTP/1.1 200 OK|X-Content-Length: 6|Content-Length: 5||", "200 length 5 keep")]
    // Chunked.
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: chunked||", "200 chunked keep")]
    [InlineData("HTTP/1.1 200 OK|transfer-encoding:CHUNKED ||", "200 chunked keep")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: chunked|Connection: close||", "200 chunked")]
    [InlineData("HTTP/1.1 200 OK|TE: gzip|Transfer-Encoding:\tChunked||", "200 chunked keep")]
    // Connection.
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|Connection: close||", "200 length 5")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|Connection: CLOSE||", "200 length 5")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|Connection: foo , Close||", "200 length 5")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|Connection: foo|Connection: close||", "200 length 5")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|Connection: keep-alive, close||", "200 length 5")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|Connection: close, foo||", "200 length 5")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|Connection: close|Connection: keep-alive||", "200 length 5")]
    [InlineData("HTTP/1.0 200 OK|Content-Length: 5|Connection: keep-alive, foo||", "200 length 5 keep")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|Connection: closed||", "200 length 5 keep")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|Connection: ||", "200 length 5 keep")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|Connection: ,,,||", "200 length 5 keep")]
    [InlineData("HTTP/1.0 200 OK|Content-Length: 5||", "200 length 5")]
    [InlineData("HTTP/1.0 200 OK|Content-Length: 5|Connection: Keep-Alive||", "200 length 5 keep")]
    [InlineData("HTTP/1.0 200 OK|Content-Length: 5|Connection: foo, keep-alive||", "200 length 5 keep")]
    [InlineData("HTTP/1.0 200 OK|Content-Length: 5|Connection: keep-alive, close||", "200 length 5")]
    [InlineData("HTTP/1.0 200 OK|Connection: keep-alive||", "200 until close")]
    // Fields of every lawful shape.
    [InlineData("HTTP/1.1 204 x|A:||", "204 none keep")]
    [InlineData("HTTP/1.1 204 x|A: \t ||", "204 none keep")]
    [InlineData("HTTP/1.1 204 x|A:b:c||", "204 none keep")]
    [InlineData("HTTP/1.1 204 x|!#$%&'*+-.^_`~09azAZ: b||", "204 none keep")]
    [InlineData("HTTP/1.1 204 x|A: tab\tin the middle||", "204 none keep")]
    [InlineData("HTTP/1.1 204 x|A: caf\u00e9 \u0080\u00ff||", "204 none keep")]
    [InlineData("HTTP/1.1 204 x|A: \"quoted, \\\" string\"; ()<>@||", "204 none keep")]
    [InlineData("HTTP/1.1 204 x|A: b|A: c|a: d||", "204 none keep")]
    // LF alone ends a line (RFC 9112, section 2.2), but then the connection is not used again.
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 5\n\n", "200 length 5")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5\n|", "200 length 5")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|\n", "200 length 5")]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 5||", "200 length 5")]
    [InlineData("HTTP/1.1 200\n\n", "200 until close")]
    [InlineData("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", "200 chunked")]
    // A folded field is joined by spaces (section 5.2), with the same caution.
    [InlineData("HTTP/1.1 200 OK|A: b| c|Content-Length: 5||", "200 length 5")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|A: b|\tc| d||", "200 length 5")]
    [InlineData("HTTP/1.1 200 OK|Content-Length:| 5||", "200 length 5")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5| ||", "200 length 5")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|A: b\n c\n\n", "200 length 5")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding:|\tchunked| ||", "200 chunked")]
    public void A_lawful_head_is_accepted(string head, string expected) =>
        HeadJudge.JudgeInEveryWay(HeadJudge.Bytes(head)).ShouldBe(expected);

    [Theory]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5||", "200 none keep")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: chunked||", "200 none keep")]
    [InlineData("HTTP/1.1 200 OK||", "200 none keep")]
    [InlineData("HTTP/1.1 200 OK|Connection: close||", "200 none")]
    [InlineData("HTTP/1.0 200 OK|Content-Length: 5||", "200 none")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: x||", "refused: a Content-Length that is not a number of bytes")]
    public void A_response_to_HEAD_has_no_body(string head, string expected) =>
        HeadJudge.JudgeInEveryWay(HeadJudge.Bytes(head), isHead: true).ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData("H")]
    [InlineData("HTTP/1.")]
    [InlineData("HTTP/1.1 200 OK")]
    [InlineData("HTTP/1.1 200 OK\r")]
    [InlineData("HTTP/1.1 200 OK|")]
    [InlineData("HTTP/1.1 200 OK|\r")]
    [InlineData("HTTP/1.1 200 OK|A")]
    [InlineData("HTTP/1.1 200 OK|A: b\r")]
    [InlineData("HTTP/1.1 200 OK|A: b|")]
    [InlineData("HTTP/1.1 200 OK|A: b|\r")]
    [InlineData("HTTP/1.1 200 OK|A: b| folded")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5|")]
    public void A_good_beginning_is_incomplete(string head) => HeadJudge.JudgeInEveryWay(HeadJudge.Bytes(head)).ShouldBe("incomplete");

    [Theory]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5||hello", 38)]
    [InlineData("HTTP/1.1 100 Continue||HTTP/1.1 200 OK||", 25)]
    [InlineData("HTTP/1.1 200 OK\n\n\n\n", 17)]
    [InlineData("HTTP/1.1 200 OK||\r\0\n", 19)]
    public void What_follows_the_head_is_not_touched(string data, int expected)
    {
        var bytes = HeadJudge.Bytes(data);
        ResponseParser.Parse(bytes, false, new ResponseHead(), out var consumed, out _).ShouldBe(ParseStatus.Complete);
        consumed.ShouldBe(expected);
        HeadJudge.JudgeInEveryWay(bytes).ShouldBe(HeadJudge.Judge(bytes.AsSpan(0, expected)));
    }
}
