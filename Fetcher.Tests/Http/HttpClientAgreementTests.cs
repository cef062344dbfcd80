using System.Text;
using Fetcher.Core.Http;

namespace Fetcher.Tests.Http;

/// <summary>
/// Where both accept a response, .NET's HttpClient and these parsers see the same status, length and body. <c>|</c> is CR LF.
/// </summary>
public sealed class HttpClientAgreementTests
{
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
        using var handler = new SocketsHttpHandler { ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new ScriptedStream(data)) };
        using var client = new HttpClient(handler);
        using var response = await client.GetAsync(new Uri("http://a/"));
        var body = await response.Content.ReadAsByteArrayAsync();

        var (head, ours) = Read(data);
        head.Status.ShouldBe((int)response.StatusCode);
        head.MinorVersion.ShouldBe(response.Version.Minor);
        Encoding.Latin1.GetString(ours).ShouldBe(Encoding.Latin1.GetString(body));
        if (head.Framing == BodyFraming.ContentLength)
        {
            head.ContentLength.ShouldBe(response.Content.Headers.ContentLength ?? -1);
        }
    }

    /// <summary>The final response in <paramref name="data"/>, read with nothing but the parsers.</summary>
    private static (ResponseHead Head, byte[] Body) Read(byte[] data)
    {
        var head = new ResponseHead();
        var position = 0;
        do
        {
            var status = ResponseParser.Parse(data.AsSpan(position), false, head, out var consumed, out var reason);
            status.ShouldBe(ParseStatus.Complete, reason);
            position += consumed;
        }
        while (head.Status < 200);

        var rest = data.AsSpan(position);
        return (head, head.Framing switch
        {
            BodyFraming.None => [],
            BodyFraming.ContentLength => rest[..(int)head.ContentLength].ToArray(),
            BodyFraming.CloseDelimited => rest.ToArray(),
            _ => Dechunk(rest),
        });
    }

    private static byte[] Dechunk(ReadOnlySpan<byte> rest)
    {
        var body = new MemoryStream();
        var decoder = new ChunkedDecoder();
        ChunkStatus status;
        while ((status = decoder.Decode(rest, out var consumed, out var offset, out var length, out _)) == ChunkStatus.Data)
        {
            body.Write(rest.Slice(offset, length));
            rest = rest[consumed..];
        }

        status.ShouldBe(ChunkStatus.End);
        return body.ToArray();
    }

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
