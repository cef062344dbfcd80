using System.Text;
using Fetcher.Core.Http;
using Fetcher.Core.Http.Cookies;

namespace Fetcher.Tests.Http;

public sealed class PublicSuffixesTests
{
    private static readonly PublicSuffixes List = PublicSuffixes.Read(
        ["// a comment", "", "com", "co.uk \t// of a kind", "*.ck", "!www.ck", "公司.cn", "github.io"]);

    [Theory]
    [InlineData("com", true)]
    [InlineData("a.com", false)]
    [InlineData("co.uk", true)]
    [InlineData("bbc.co.uk", false)]
    [InlineData("ck", false)]
    [InlineData("any.ck", true)]
    [InlineData("www.ck", false)]
    [InlineData("a.any.ck", false)]
    [InlineData("xn--55qx5d.cn", true)]
    [InlineData("github.io", true)]
    public void Rules_are_those_of_the_list(string domain, bool isSuffix) => List.Contains(domain).ShouldBe(isSuffix);

    [Theory]
    [InlineData("http://a.co.uk/", "n=v; Domain=co.uk", "http://b.co.uk/", "")]
    [InlineData("http://a.b.co.uk/", "n=v; Domain=b.co.uk", "http://c.b.co.uk/", "Cookie: n=v\r\n")]
    [InlineData("http://github.io/", "n=v; Domain=github.io", "http://github.io/", "Cookie: n=v\r\n")]
    [InlineData("http://github.io/", "n=v; Domain=github.io", "http://me.github.io/", "")]
    public void Nobody_sets_cookies_for_such_a_name(string setter, string field, string asked, string sent)
    {
        var jar = new CookieJar(TimeProvider.System, List);
        if (SetCookie.Parse(Encoding.ASCII.GetBytes(field), Url(setter), DateTimeOffset.UtcNow, List) is { } cookie)
        {
            jar.Add(cookie);
        }

        Encoding.ASCII.GetString(jar.FieldFor(Url(asked), null) ?? []).ShouldBe(sent);
    }

    [Fact]
    public void The_systems_list_is_read_where_there_is_one()
    {
        Assert.SkipWhen(PublicSuffixes.OfSystem() is null, "there is no /usr/share/publicsuffix");

        PublicSuffixes.OfSystem()!.Contains("co.uk").ShouldBeTrue();
    }

    private static HttpUrl Url(string text)
    {
        var url = new HttpUrl();
        url.TryParse(Encoding.ASCII.GetBytes(text), out _).ShouldBeTrue();
        return url;
    }
}
