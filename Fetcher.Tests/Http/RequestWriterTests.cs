using System.Text;
using Fetcher.Core;
using Fetcher.Core.Http;
using Fetcher.Core.Net;

namespace Fetcher.Tests.Http;

/// <summary>What a request looks like on the wire (RFC 9112, section 3).</summary>
public sealed class RequestWriterTests
{
    private static readonly FetchOptions Bare = new() { UserAgent = "", RemovedHeaders = ["Accept"] };

    [Fact]
    public void A_request_has_its_line_its_host_and_its_fields() =>
        Written(new FetchOptions { UserAgent = "me/1" }, "http://a.test/x?y").ShouldBe(
            "GET /x?y HTTP/1.1\r\nHost: a.test\r\nUser-Agent: me/1\r\nAccept: */*\r\n\r\n");

    [Fact]
    public void Each_option_has_its_field() => Written(
        new FetchOptions { UserAgent = "", Compressed = true, Credentials = "me:secret", Cookie = "a=b", Protocol = HttpProtocol.Http10 }, "http://a.test:8080/").ShouldBe(
        "GET / HTTP/1.0\r\nHost: a.test:8080\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
        + "Authorization: Basic bWU6c2VjcmV0\r\nCookie: a=b\r\n\r\n");

    [Fact]
    public void A_given_field_takes_the_place_of_ours_and_a_removed_one_is_not_sent() =>
        Written(new FetchOptions { UserAgent = "me", Headers = [new("accept", "text/html"), new("X", "1")], RemovedHeaders = ["user-agent"] }).ShouldBe(
            "GET / HTTP/1.1\r\nHost: a.test\r\naccept: text/html\r\nX: 1\r\n\r\n");

    [Fact]
    public void Another_origin_gets_neither_secrets_nor_a_given_host()
    {
        var options = Bare with
        {
            Credentials = "me:secret",
            Cookie = "a=b",
            Headers = [new("Host", "other.test"), new("Proxy-Authorization", "x"), new("X", "1")],
        };

        Written(options, "http://u:p@b.test/", isFirstOrigin: true).ShouldBe(
            "GET / HTTP/1.1\r\nHost: other.test\r\nAuthorization: Basic bWU6c2VjcmV0\r\nCookie: a=b\r\nProxy-Authorization: x\r\nX: 1\r\n\r\n");
        Written(options, "http://u:p@b.test/", isFirstOrigin: false).ShouldBe("GET / HTTP/1.1\r\nHost: b.test\r\nX: 1\r\n\r\n");
    }

    [Theory]
    [InlineData("http://me:se:cret@a.test/", "bWU6c2U6Y3JldA==")]
    [InlineData("http://me@a.test/", "bWU6")]
    [InlineData("http://me:%C3%A4@a.test/", "bWU6w6Q=")]
    public void The_user_info_of_a_URL_is_its_login(string url, string login) =>
        Written(Bare, url).ShouldBe($"GET / HTTP/1.1\r\nHost: a.test\r\nAuthorization: Basic {login}\r\n\r\n");

    [Fact]
    public void A_proxy_is_told_the_whole_URL_and_its_own_login()
    {
        var proxy = new ForwardProxy(new ProxyAddress(ProxyScheme.Http, "proxy.test", 3128, "me:secret"));

        Encoding.ASCII.GetString(Writer(Bare).Write(new byte[1000], Url("http://a.test/x"), isFirstOrigin: true, forwarder: proxy).Span).ShouldBe(
            "GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n");
    }

    [Fact]
    public void Fields_of_one_request_come_last_and_HEAD_is_one_of_two_methods() =>
        Encoding.ASCII.GetString(Writer(Bare).Write(new byte[1000], Url("http://a.test/"), true, "Range: bytes=5-\r\n"u8.ToArray(), isHead: true).Span).ShouldBe(
            "HEAD / HTTP/1.1\r\nHost: a.test\r\nRange: bytes=5-\r\n\r\n");

    [Fact]
    public void A_request_that_does_not_fit_gets_a_buffer_of_its_own()
    {
        var url = "http://a.test/" + new string('x', 5000);
        var small = new byte[10];

        var request = Writer(Bare).Write(small, Url(url), isFirstOrigin: true);

        Encoding.ASCII.GetString(request.Span).ShouldBe($"GET /{new string('x', 5000)} HTTP/1.1\r\nHost: a.test\r\n\r\n");
        small.ShouldAllBe(one => one == 0);
    }

    [Fact]
    public void What_the_user_asks_for_is_known()
    {
        var writer = Writer(Bare with { Headers = [new("range", "bytes=0-1"), new("IF-none-match", "x"), new("cookie", "a")] });

        (writer.AsksForPart, writer.AsksForChange, writer.HasCookie).ShouldBe((true, true, true));
        (Writer(Bare).AsksForPart, Writer(Bare).AsksForChange, Writer(Bare).HasCookie).ShouldBe((false, false, false));
        Writer(Bare with { RemovedHeaders = ["Cookie"] }).HasCookie.ShouldBeTrue();
    }

    private static RequestWriter Writer(FetchOptions options) => new(options);

    private static string Written(FetchOptions options, string url = "http://a.test/", bool isFirstOrigin = true) =>
        Encoding.ASCII.GetString(Writer(options).Write(new byte[1000], Url(url), isFirstOrigin).Span);

    private static HttpUrl Url(string text)
    {
        var url = new HttpUrl();
        url.TryParse(Encoding.UTF8.GetBytes(text), out var reason).ShouldBeTrue(reason);
        return url;
    }
}
