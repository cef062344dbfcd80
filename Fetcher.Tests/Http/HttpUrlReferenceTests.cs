using System.Text;
using Fetcher.Core.Http;

namespace Fetcher.Tests.Http;

/// <summary>Redirects: what a Location field means, seen from the URL that answered.</summary>
public sealed class HttpUrlReferenceTests
{
    private const string Base = "http://a/b/c/d;p?q";

    [Theory]
    // The examples of RFC 3986, section 5.4; fragments are dropped.
    [InlineData("g", "http://a/b/c/g")]
    [InlineData("./g", "http://a/b/c/g")]
    [InlineData("g/", "http://a/b/c/g/")]
    [InlineData("/g", "http://a/g")]
    [InlineData("//g", "http://g/")]
    [InlineData("?y", "http://a/b/c/d;p?y")]
    [InlineData("g?y", "http://a/b/c/g?y")]
    [InlineData("#s", "http://a/b/c/d;p?q")]
    [InlineData("g#s", "http://a/b/c/g")]
    [InlineData("g?y#s", "http://a/b/c/g?y")]
    [InlineData(";x", "http://a/b/c/;x")]
    [InlineData("g;x", "http://a/b/c/g;x")]
    [InlineData("g;x?y#s", "http://a/b/c/g;x?y")]
    [InlineData("", "http://a/b/c/d;p?q")]
    [InlineData(".", "http://a/b/c/")]
    [InlineData("./", "http://a/b/c/")]
    [InlineData("..", "http://a/b/")]
    [InlineData("../", "http://a/b/")]
    [InlineData("../g", "http://a/b/g")]
    [InlineData("../..", "http://a/")]
    [InlineData("../../", "http://a/")]
    [InlineData("../../g", "http://a/g")]
    [InlineData("../../../g", "http://a/g")]
    [InlineData("../../../../g", "http://a/g")]
    [InlineData("/./g", "http://a/g")]
    [InlineData("/../g", "http://a/g")]
    [InlineData("g.", "http://a/b/c/g.")]
    [InlineData(".g", "http://a/b/c/.g")]
    [InlineData("g..", "http://a/b/c/g..")]
    [InlineData("..g", "http://a/b/c/..g")]
    [InlineData("./../g", "http://a/b/g")]
    [InlineData("./g/.", "http://a/b/c/g/")]
    [InlineData("g/./h", "http://a/b/c/g/h")]
    [InlineData("g/../h", "http://a/b/c/h")]
    [InlineData("g;x=1/./y", "http://a/b/c/g;x=1/y")]
    [InlineData("g;x=1/../y", "http://a/b/c/y")]
    [InlineData("g?y/./x", "http://a/b/c/g?y/./x")]
    [InlineData("g?y/../x", "http://a/b/c/g?y/../x")]
    [InlineData("g#s/./x", "http://a/b/c/g")]
    [InlineData("g#s/../x", "http://a/b/c/g")]
    // And some more.
    [InlineData("https://Other:444/x", "https://other:444/x")]
    [InlineData("HTTP://a/x", "http://a/x")]
    [InlineData("//other:8080/x", "http://other:8080/x")]
    [InlineData("//other", "http://other/")]
    [InlineData("/x?u=http://b/", "http://a/x?u=http://b/")]
    [InlineData("x?u=http://b/", "http://a/b/c/x?u=http://b/")]
    [InlineData("1:2", "http://a/b/c/1:2")]
    [InlineData("./g:h", "http://a/b/c/g:h")]
    [InlineData("/a b?c d", "http://a/a%20b?c%20d")]
    [InlineData("/caf\u00e9", "http://a/caf%C3%A9")]
    [InlineData("//b\u00fccher.example/x", "http://xn--bcher-kva.example/x")]
    [InlineData("/x#a b", "http://a/x")]
    // One slash or three before the host, as in curl.
    [InlineData("http:///h/p", "http://h/p")]
    [InlineData("http:/h/p", "http://h/p")]
    [InlineData("https:/h:8/p?q", "https://h:8/p?q")]
    [InlineData("HTTPS:///me@h", "https://h/")]
    [InlineData("http:///[::1]:81/p", "http://[::1]:81/p")]
    [InlineData("///h/p", "http://h/p")]
    public void A_reference_is_resolved(string reference, string expected) => Resolve(Base, reference).ShouldBe(expected);

    [Theory]
    [InlineData("http://a", "x", "http://a/x")]
    [InlineData("http://a?q", "x", "http://a/x")]
    [InlineData("http://a?q=/b/c", "x", "http://a/x")]
    [InlineData("https://a/b", "//c/d", "https://c/d")]
    [InlineData("https://a:8443/b/c", "d", "https://a:8443/b/d")]
    [InlineData("https://a:8443/b/c", "/d", "https://a:8443/d")]
    [InlineData("http://[::1]:81/b/c", "?d", "http://[::1]:81/b/c?d")]
    public void Scheme_and_authority_of_the_base_are_kept(string baseUrl, string reference, string expected) =>
        Resolve(baseUrl, reference).ShouldBe(expected);

    [Theory]
    [InlineData("g:h", "the scheme 'g' is not http or https")]
    [InlineData("ftp://a/b", "the scheme 'ftp' is not http or https")]
    [InlineData("javascript:alert(1)", "the scheme 'javascript' is not http or https")]
    [InlineData("http:g", "not one to three slashes after the scheme")]
    [InlineData("http:", "not one to three slashes after the scheme")]
    [InlineData("http:////g", "not one to three slashes after the scheme")]
    [InlineData("////g", "not one to three slashes after the scheme")]
    [InlineData("http:\\\\g", "not one to three slashes after the scheme")]
    [InlineData("http:///", "no host")]
    [InlineData("http:/?g", "no host")]
    [InlineData("//", "no host")]
    [InlineData("//a:b/", "a port that is not a number")]
    [InlineData("//a b/", "the character ' ' in the host")]
    [InlineData("/a\r\nX: y", "the control character 0x0D")]
    [InlineData("/a\tb", "the control character 0x09")]
    [InlineData("/a\0b", "the control character 0x00")]
    public void A_faulty_reference_is_refused_with_the_reason(string reference, string because)
    {
        var url = new HttpUrl();
        url.TryResolve(Parse(Base), Encoding.UTF8.GetBytes(reference), out var reason).ShouldBeFalse();
        reason.ShouldNotBeNull().ShouldContain(because, Case.Sensitive);
        url.Text.Length.ShouldBe(0);
    }

    [Fact]
    public void User_info_is_inherited_by_a_relative_reference_only()
    {
        var url = Parse("http://me:pw@a:81/b");
        url.TryResolve(url, "c?d"u8, out _).ShouldBeTrue();
        url.ToString().ShouldBe("http://a:81/c?d");
        Encoding.ASCII.GetString(url.UserInfo).ShouldBe("me:pw");
        url.TryResolve(url, "//you@b/"u8, out _).ShouldBeTrue();
        Encoding.ASCII.GetString(url.UserInfo).ShouldBe("you");
        url.TryResolve(url, "http://b/"u8, out _).ShouldBeTrue();
        url.UserInfo.Length.ShouldBe(0);
    }

    [Fact]
    public void A_chain_of_references_stays_within_the_limit()
    {
        // Each step appends a little; percent-encoding may triple it.
        var url = Parse("http://a/" + new string('b', HttpUrl.MaxLength - 10) + "/");
        url.TryResolve(url, "x"u8, out var reason).ShouldBeFalse();
        reason.ShouldBe("a URL longer than 65536 bytes");
        new HttpUrl().TryResolve(Parse(Base), new byte[HttpUrl.MaxLength + 1], out reason).ShouldBeFalse();
        reason.ShouldBe("a URL longer than 65536 bytes");
    }

    private static string Resolve(string baseUrl, string reference)
    {
        var url = new HttpUrl();
        url.TryResolve(Parse(baseUrl), Encoding.UTF8.GetBytes(reference), out var reason).ShouldBeTrue(reason);
        return url.ToString();
    }

    private static HttpUrl Parse(string url)
    {
        var parsed = new HttpUrl();
        parsed.TryParse(Encoding.UTF8.GetBytes(url), out var reason).ShouldBeTrue(reason);
        return parsed;
    }
}
