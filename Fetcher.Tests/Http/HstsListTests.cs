using System.Text;
using Fetcher.Core.Http;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Http;

/// <summary>The rules of RFC 6797.</summary>
public sealed class HstsListTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly HstsList _list;

    public HstsListTests() => _list = new HstsList(_clock);

    [Theory]
    [InlineData("max-age=100", "http://a.test/p?q", "https://a.test/p?q")]
    [InlineData("max-age=100", "http://A.TEST:80/", "https://a.test/")]
    [InlineData("max-age=100", "http://a.test:8080/", "https://a.test:8080/")]
    [InlineData("max-age=100", "http://a.test./", "https://a.test./")]
    [InlineData("MAX-AGE = \"100\" ; unknown=\"x\"", "http://a.test/", "https://a.test/")]
    [InlineData("max-age=99999999999999999999999", "http://a.test/", "https://a.test/")]
    [InlineData("max-age=100", "http://b.a.test/", "http://b.a.test/")]
    [InlineData("max-age=100", "http://xa.test/", "http://xa.test/")]
    [InlineData("includeSubDomains; max-age=100", "http://c.b.a.test/", "https://c.b.a.test/")]
    [InlineData("includeSubDomains; max-age=100", "http://test/", "http://test/")]
    [InlineData("includeSubDomains", "http://a.test/", "http://a.test/")]
    [InlineData("max-age=x", "http://a.test/", "http://a.test/")]
    [InlineData("max-age=", "http://a.test/", "http://a.test/")]
    [InlineData("max-age=1; max-age=2", "http://a.test/", "http://a.test/")]
    [InlineData("max-age=-1", "http://a.test/", "http://a.test/")]
    public void A_host_says_to_be_asked_over_https(string field, string url, string asked)
    {
        Take("https://a.test/", field);

        Upgraded(url).ShouldBe(asked);
    }

    [Fact]
    public void Zero_forgets_and_time_does_so_too()
    {
        Take("https://a.test/", "max-age=100");
        Take("https://a.test/", "max-age=0");
        Upgraded("http://a.test/").ShouldBe("http://a.test/");

        Take("https://a.test/", "max-age=100");
        _clock.Advance(TimeSpan.FromSeconds(101));
        Upgraded("http://a.test/").ShouldBe("http://a.test/");
        _list.All.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("http://a.test/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://[::1]/")]
    public void Neither_http_nor_an_address_may_say_so(string url)
    {
        Take(url, "max-age=100; includeSubDomains");

        _list.All.ShouldBeEmpty();
    }

    [Fact]
    public void An_address_is_never_meant()
    {
        _list.Add(new HstsEntry("1", DateTimeOffset.MaxValue, IncludesSubdomains: true));

        Upgraded("http://127.0.0.1/").ShouldBe("http://127.0.0.1/");
    }

    [Fact]
    public void Credentials_in_the_URL_stay()
    {
        Take("https://a.test/", "max-age=100");
        var url = Url("http://me:pw@a.test/");
        _list.Upgrade(url);

        (url.ToString(), Encoding.ASCII.GetString(url.UserInfo)).ShouldBe(("https://a.test/", "me:pw"));
    }

    private void Take(string url, string field)
    {
        var head = new ResponseHead();
        ResponseParser.Parse(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nStrict-Transport-Security: {field}\r\n\r\n"), false, head, out _, out _)
            .ShouldBe(ParseStatus.Complete);
        _list.Take(Url(url), head);
    }

    private string Upgraded(string text)
    {
        var url = Url(text);
        _list.Upgrade(url);
        return url.ToString();
    }

    private static HttpUrl Url(string text)
    {
        var url = new HttpUrl();
        url.TryParse(Encoding.ASCII.GetBytes(text), out _).ShouldBeTrue();
        return url;
    }
}
