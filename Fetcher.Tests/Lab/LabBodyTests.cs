using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using ZstdSharp;

namespace Fetcher.Tests.Lab;

public sealed class LabBodyTests(LabFixture lab) : IClassFixture<LabFixture>
{
    [Fact]
    public async Task Bytes_gives_as_many_as_asked_for_and_always_the_same()
    {
        var one = await lab.Client.GetByteArrayAsync("http://h/bytes/200000?seed=5");
        var two = await lab.Client.GetByteArrayAsync("https://other/bytes/200000?seed=5");
        var three = await lab.Client.GetByteArrayAsync("http://h/bytes/200000");

        one.Length.ShouldBe(200_000);
        two.SequenceEqual(one).ShouldBeTrue();
        three.SequenceEqual(one).ShouldBeFalse();
    }

    [Theory]
    [InlineData("/bytes/7", "Content-Length: 7\r\n")]
    [InlineData("/range/7", "Content-Length: 7\r\n")]
    [InlineData("/paced/7?rate=1000000", "Content-Length: 7\r\n")]
    [InlineData("/drip?numbytes=7&duration=0", "Content-Length: 7\r\n")]
    [InlineData("/?body=7&delay=0", "Content-Length: 7\r\n")]
    [InlineData("/stream-bytes/7", "Transfer-Encoding: chunked\r\n")]
    public async Task A_body_is_framed_as_its_route_says(string path, string field)
    {
        await using var stream = await LabClient.OpenAsync(lab.Origin, tls: false);
        await LabClient.RequestAsync(stream, path);

        (await ReadHeadAsync(stream)).ShouldContain(field);
    }

    [Fact]
    public async Task Stream_bytes_makes_chunks_of_the_size_asked_for()
    {
        await using var stream = await LabClient.OpenAsync(lab.Origin, tls: false);
        await stream.WriteAsync("GET /stream-bytes/10?chunk_size=4 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"u8.ToArray());
        var answer = await new StreamReader(stream, Encoding.Latin1).ReadToEndAsync();

        var body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        body.Length.ShouldBe("4\r\n....\r\n4\r\n....\r\n2\r\n..\r\n0\r\n\r\n".Length);
        (body[..3], body[9..12], body[18..21], body[^7..]).ShouldBe(("4\r\n", "4\r\n", "2\r\n", "\r\n0\r\n\r\n"));
    }

    [Fact]
    public async Task Stream_bytes_has_the_bytes_of_bytes() =>
        (await lab.Client.GetByteArrayAsync("http://h/stream-bytes/300000?chunk_size=70000"))
            .ShouldBe(await lab.Client.GetByteArrayAsync("http://h/bytes/300000"));

    [Theory]
    [InlineData("/gzip", "gzip")]
    [InlineData("/deflate", "deflate")]
    [InlineData("/brotli", "br")]
    [InlineData("/zstd", "zstd")]
    public async Task A_coded_answer_decodes_to_the_echo(string path, string coding)
    {
        using var response = await lab.Client.GetAsync("http://h" + path);
        var body = await response.Content.ReadAsStreamAsync();
        await using Stream decoder = coding switch
        {
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(body, CompressionMode.Decompress),
            "zstd" => new DecompressionStream(body),
            _ => new BrotliStream(body, CompressionMode.Decompress),
        };

        response.Content.Headers.ContentEncoding.ShouldBe([coding]);
        (await JsonDocument.ParseAsync(decoder)).RootElement.GetProperty("url").GetString().ShouldBe("http://h" + path);
    }

    [Fact]
    public async Task Drip_sends_its_bytes_one_after_the_other()
    {
        using var response = await lab.Client.GetAsync(
            "http://h/drip?numbytes=4&duration=0.2&delay=0&code=201", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[4];
        var first = await body.ReadAsync(buffer);
        await body.ReadExactlyAsync(buffer.AsMemory(first));

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        first.ShouldBeLessThan(4);
        Encoding.ASCII.GetString(buffer).ShouldBe("****");
    }

    [Theory]
    [InlineData("/bytes/1000000")]
    [InlineData("/?body=1000000&delay=0")]
    [InlineData("/drip?numbytes=1000000&duration=3600")]
    public async Task Head_gets_the_length_and_no_body(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "http://h" + path);
        using var response = await lab.Client.SendAsync(request);

        response.Content.Headers.ContentLength.ShouldBe(1_000_000);
        (await response.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    private static async Task<string> ReadHeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
