using System.Text;
using CsCheck;
using Fetcher.Core.Http;

namespace Fetcher.Tests.Http;

/// <summary>
/// Where both accept a response, .NET's HttpClient and these parsers see the same status, length and body. <c>|</c> is CR LF.
/// </summary>
public sealed class HttpClientAgreementTests
{
    // Without "Content-Length: 5, 5": RFC 9110, 8.6 lets that be 5, and .NET takes it for no length at all.
    private static readonly Gen<string> Line = Gen.OneOf(
        "Content-Length: 5", "Content-Length: 0", "content-length:5", "Content-Length: 05", "Content-Length: +5", "Transfer-Encoding: chunked",
        "transfer-encoding:CHUNKED", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: identity", "Connection: close", "Connection: keep-alive",
        "Content-Type: text/plain", "Content-Encoding: gzip", "Location: /b", "X-A:", "X-A: \u00e9", "X-A: b\0", "X A: b", "X-A : b", " folded", "X-A", ": b", "");

    private static readonly Gen<string> Start = Gen.OneOf(
        "HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.0 200 OK", "HTTP/1.1 404", "HTTP/1.1 204 No Content", "HTTP/1.1 304 ", "HTTP/1.1 599 Odd",
        "HTTP/1.1 099 Odd", "HTTP/1.1 100 Continue", "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK", "HTTP/2 200 OK", "HTTP/1.1  200 OK", "http/1.1 200 OK");

    private static readonly Gen<string> Body = Gen.OneOf(
        "hello", "5\r\nhello\r\n", "0\r\n\r\n", "0\r\nT: t\r\n\r\n", "5;a=b\r\nhello\r\n", "005\r\nhello\r\n", "0x5\r\nhello\r\n", "5 \r\nhello\r\n", "5\nhello\n",
        "-1\r\n", "ffffffffffffffff\r\n", "\r\n", "more");

    private static readonly Gen<string> Response = Gen.Select(Start, Line.Array[0, 4], Gen.OneOf("\r\n", "\r\n", "\r\n", "\n"), Body.Array[0, 4]).Select(
        (start, lines, end, body) => string.Concat(lines.Prepend(start).Select(line => line + end)) + end + string.Concat(body));

    [Theory]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 5||hello")]
    [InlineData("HTTP/1.1 200|content-length:\t5 ||hello, and more")]
    [InlineData("HTTP/1.0 200 OK|Content-Length: 5||hello")]
    [InlineData("HTTP/1.1 200 OK|Content-Length: 0||")]
    [InlineData("HTTP/1.1 404 Not Found|Content-Length: 3||no!")]
    [InlineData("HTTP/1.1 200 OK||until the end")]
    [InlineData("HTTP/1.0 200 OK|Connection: keep-alive||until the end")]
    [InlineData("HTTP/1.1 204 No Content||junk")]
    [InlineData("HTTP/1.1 304 Not Modified|Content-Length: 5||junk")]
    [InlineData("HTTP/1.1 100 Continue||HTTP/1.1 200 OK|Content-Length: 5||hello")]
    [InlineData("HTTP/1.1 103 Early Hints|Link: </a>||HTTP/1.1 200 OK|Content-Length: 5||hello")]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello")]
    [InlineData("HTTP/1.1 200 OK|A: b| c|Content-Length: 5||hello")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: chunked||5|hello|0||")]
    [InlineData("HTTP/1.1 200 OK|transfer-encoding: Chunked||5;a=b|hello|6|, you!|0|T: t||")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: chunked||0||")]
    [InlineData("HTTP/1.1 200 OK|Transfer-Encoding: chunked||001|a|00b|01234567890|0000||more")]
    [InlineData("HTTP/1.1 599 Odd|Content-Length: 1|Connection: close||x")]
    public async Task HttpClient_sees_the_same_response(string text)
    {
        var data = HeadJudge.Bytes(text);
        var theirs = await ReadByHttpClientAsync(data);

        Read(data).ShouldBe(theirs);
        theirs.ShouldNotBeNull();
    }

    [Fact]
    public async Task Whatever_both_accept_is_the_same_to_both()
    {
        var agreed = 0;
        await Response.SampleAsync(
            async text =>
            {
                var data = Encoding.Latin1.GetBytes(text);
                if (Read(data) is { } ours && await ReadByHttpClientAsync(data) is { } theirs)
                {
                    ours.ShouldBe(theirs);
                    Interlocked.Increment(ref agreed);
                }
            },
            iter: 3000);
        agreed.ShouldBeGreaterThan(100);
    }

    /// <summary>What HttpClient makes of a response; null when it refuses it.</summary>
    private static async Task<Seen?> ReadByHttpClientAsync(byte[] data)
    {
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new ScriptedStream(data)),
        };
        using var client = new HttpClient(handler);
        try
        {
            using var response = await client.GetAsync(new Uri("http://a/"));
            var body = await response.Content.ReadAsByteArrayAsync();
            return new Seen((int)response.StatusCode, response.Version.Minor, Encoding.Latin1.GetString(body));
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>The final response in <paramref name="data"/>, read with nothing but the parsers; null when they refuse it, or it is not whole.</summary>
    private static Seen? Read(byte[] data)
    {
        var head = new ResponseHead();
        var position = 0;
        do
        {
            if (ResponseParser.Parse(data.AsSpan(position), false, head, out var consumed, out _) != ParseStatus.Complete)
            {
                return null;
            }

            position += consumed;
        }
        while (head.Status < 200);

        var rest = data.AsSpan(position);
        var body = head.Framing switch
        {
            BodyFraming.None => "",
            BodyFraming.ContentLength => head.ContentLength <= rest.Length ? Encoding.Latin1.GetString(rest[..(int)head.ContentLength]) : null,
            BodyFraming.CloseDelimited => Encoding.Latin1.GetString(rest),
            _ => Dechunk(rest),
        };
        return body is null ? null : new Seen(head.Status, head.MinorVersion, body);
    }

    private static string? Dechunk(ReadOnlySpan<byte> rest)
    {
        var body = new StringBuilder();
        var decoder = new ChunkedDecoder();
        ChunkStatus status;
        while ((status = decoder.Decode(rest, out var consumed, out var offset, out var length, out _)) == ChunkStatus.Data)
        {
            body.Append(Encoding.Latin1.GetString(rest.Slice(offset, length)));
            rest = rest[consumed..];
        }

        return status == ChunkStatus.End ? body.ToString() : null;
    }

    private sealed record Seen(int Status, int MinorVersion, string Body);

    /// <summary>A connection that takes any request and then answers with fixed bytes.</summary>
    private sealed class ScriptedStream(byte[] answer) : MemoryStream(answer, writable: false)
    {
        private readonly TaskCompletionSource _requested = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override bool CanWrite => true;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await _requested.Task.WaitAsync(cancellationToken);
            return Read(buffer.Span);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _requested.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
