using Fetcher.Core.Http;
using Fetcher.Core.Http.Http2;
using Fetcher.Tests.Reports;

namespace Fetcher.Tests.Http;

/// <summary>Once warm, the hot path allocates nothing.</summary>
public sealed class HttpParsingAllocationTests
{
    private const int Rounds = AllocationCheck.Total;

    [Fact]
    public void Parsing_heads_allocates_nothing()
    {
        var plain = HeadJudge.Bytes(
            "HTTP/1.1 200 OK|Server: x|Date: Tue, 06 May 2025 10:00:00 GMT|Content-Type: text/html; charset=utf-8|"
            + "Content-Length: 10240|Connection: keep-alive||");
        var chunked = HeadJudge.Bytes("HTTP/1.1 200 OK|Transfer-Encoding: chunked|Content-Encoding: gzip|Set-Cookie: a|Set-Cookie: b||");
        var folded = HeadJudge.Bytes("HTTP/1.1 200 OK|A: b| c|Content-Length: 5, 5||");
        var large = HeadJudge.Bytes($"HTTP/1.1 200 OK|A: {new string('b', 20_000)}|Content-Length: 5||");
        var head = new ResponseHead();
        var complete = 0;
        var cookies = 0;
        AllocationCheck.ShouldAllocateNothing(() =>
        {
            complete += Parse(plain) + Parse(chunked);
            foreach (var cookie in head.SetCookies)
            {
                cookies += cookie.Length;
            }

            complete += Parse(folded) + Parse(large);
            complete += Parse(plain.AsSpan(0, 50)) + Parse(plain, 50);
        });
        complete.ShouldBe(5 * Rounds);
        cookies.ShouldBe(2 * Rounds);

        int Parse(ReadOnlySpan<byte> data, int alreadySearched = 0) =>
            ResponseParser.Parse(data, false, head, out _, out _, alreadySearched) == ParseStatus.Complete ? 1 : 0;
    }

    [Fact]
    public void Reading_heads_of_HTTP2_that_all_differ_allocates_nothing()
    {
        var decoder = new HpackDecoder(new Http2Limits());
        var head = new ResponseHead();
        byte[] section =
        [
            0x88, 0x5F, (byte)"text/html".Length, .. "text/html"u8, 0x0F, 0x0D, 3, .. "600"u8, 0x40, (byte)"x-id".Length, .. "x-id"u8, 8, .. "aaaaaaaa"u8,
        ];
        var (round, lengths) = (0, 0);
        AllocationCheck.ShouldAllocateNothing(() =>
        {
            var id = section.AsSpan(section.Length - 8);
            id[round % id.Length] = (byte)('a' + (((round / id.Length) + 1) % 26));
            round++;
            lengths += decoder.Decode(section) is null && Http2HeadReader.Read(head, decoder.Section, isHead: false, isWhole: false) is null ? 1 : 0;
            lengths += head.ContentType.Length + (head.Field("x-id"u8).SequenceEqual(id) ? 1 : 0);
        });
        lengths.ShouldBe(Rounds * (1 + "text/html".Length + 1));
    }

    [Fact]
    public void Decoding_chunks_allocates_nothing()
    {
        var body = HeadJudge.Bytes("5|hello|6;a=b|world!|0|A: b||");
        var length = 0;
        AllocationCheck.ShouldAllocateNothing(() =>
        {
            var decoder = new ChunkedDecoder();
            ReadOnlySpan<byte> rest = body;
            while (decoder.Decode(rest, out var consumed, out _, out var run, out _) == ChunkStatus.Data)
            {
                rest = rest[consumed..];
                length += run;
            }
        });
        length.ShouldBe(11 * Rounds);
    }

    [Fact]
    public void Parsing_URLs_allocates_nothing()
    {
        var url = new HttpUrl();
        var copy = new HttpUrl();
        var accepted = true;
        AllocationCheck.ShouldAllocateNothing(() =>
        {
            accepted &= url.TryParse("http://127.0.0.1:8080/page/1?delay=10"u8, out _);
            accepted &= url.TryParse("https://user@www.Example.com/a/../b#c"u8, out _);
            copy.CopyFrom(url);
        });
        accepted.ShouldBeTrue();
        copy.ToString().ShouldBe("https://www.example.com/b");
    }
}
