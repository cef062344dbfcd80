using System.Text;
using Fetcher.Core;
using Fetcher.Core.Http;
using Fetcher.Core.Http.Http2;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Http.Http2;

/// <summary>What requests look like on the wire, as the decoder reads them.</summary>
public sealed class Http2RequestEncoderTests
{
    private readonly Http2RequestEncoder _encoder = new();
    private readonly HpackDecoder _decoder = new(new Http2Limits());
    private int _length;

    [Fact]
    public void Pseudo_fields_come_first_and_what_is_repeated_takes_a_byte()
    {
        var writer = new RequestWriter(new FetchOptions { UserAgent = "test/1", Headers = [new("X-One", "1"), new("Connection", "close")] });
        const string Rest = "user-agent: test/1, accept: */*, x-one: 1";
        Send(writer, "https://a.test/one").ShouldBe($":method: GET, :scheme: https, :authority: a.test, :path: /one, {Rest}");
        var first = _length;
        Send(writer, "https://a.test/two").ShouldBe($":method: GET, :scheme: https, :authority: a.test, :path: /two, {Rest}");
        _length.ShouldBe(3 + 2 + "/two".Length + 3);
        Send(writer, "https://a.test/").ShouldBe($":method: GET, :scheme: https, :authority: a.test, :path: /, {Rest}");
        _length.ShouldBe(7);
        first.ShouldBeGreaterThan(30);
        Send(writer, "https://a.test/three", isHead: true).ShouldBe($":method: HEAD, :scheme: https, :authority: a.test, :path: /three, {Rest}");
    }

    [Fact]
    public void Secrets_are_never_added_to_a_table()
    {
        var writer = new RequestWriter(new FetchOptions { UserAgent = "", Credentials = "me:secret", Cookie = "a=b" });
        var more = "Cookie: c=d\r\nRange: bytes=5-\r\n"u8.ToArray();
        for (var i = 0; i < 3; i++)
        {
            Send(writer, "http://a.test/x", more).ShouldBe(
                ":method: GET, :scheme: http, :authority: a.test, :path: /x, accept: */*, authorization: Basic bWU6c2VjcmV0, cookie: a=b, cookie: c=d, range: bytes=5-");
        }

        // Only the host and the Accept field.
        _decoder.TableSize.ShouldBe(":authority".Length + "a.test".Length + "accept".Length + "*/*".Length + 64);
    }

    [Fact]
    public void Another_origin_gets_no_credentials()
    {
        var writer = new RequestWriter(new FetchOptions { UserAgent = "", Credentials = "me:secret" });
        Send(writer, "http://u:p@b.test/x", isFirstOrigin: false).ShouldBe(":method: GET, :scheme: http, :authority: b.test, :path: /x, accept: */*");
        var own = new RequestWriter(new FetchOptions { UserAgent = "" });
        Send(own, "http://u:p@b.test/x").ShouldEndWith("accept: */*, authorization: Basic dTpw");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(100)]
    [InlineData(65536)]
    public void The_servers_table_may_become_smaller_or_larger(int size)
    {
        var writer = new RequestWriter(new FetchOptions { UserAgent = "test" });
        const string Expected = ":method: GET, :scheme: http, :authority: a.test, :path: /x, user-agent: test, accept: */*";
        Send(writer, "http://a.test/x").ShouldBe(Expected);
        _encoder.LimitTable(size);
        for (var i = 0; i < 3; i++)
        {
            Send(writer, "http://a.test/x").ShouldBe(Expected);
            _decoder.TableSize.ShouldBeLessThanOrEqualTo(size);
        }

        _encoder.LimitTable(4096);
        Send(writer, "http://a.test/x").ShouldBe(Expected);
        Send(writer, "http://a.test/x").ShouldBe(Expected);
    }

    [Fact]
    public void More_than_the_table_holds_is_sent_as_it_is()
    {
        var writer = new RequestWriter(new FetchOptions { Headers = [.. Enumerable.Range(0, 20).Select(i => new RequestHeader($"x-{i}", new string('v', 400)))] });
        var first = Send(writer, "http://a.test/x");
        Send(writer, "http://a.test/x").ShouldBe(first);
        Send(writer, "http://a.test/x").ShouldBe(first);
        _decoder.TableSize.ShouldBeLessThanOrEqualTo(4096);
    }

    private string Send(RequestWriter writer, string text, byte[]? more = null, bool isFirstOrigin = true, bool isHead = false)
    {
        var url = new HttpUrl();
        url.TryParse(Encoding.ASCII.GetBytes(text), out _).ShouldBeTrue();
        var section = _encoder.Encode(writer, url, isFirstOrigin, more, isHead);
        _length = section.Length;
        _decoder.Decode(section).ShouldBeNull();
        return HpackText.Of(_decoder.Section);
    }
}
