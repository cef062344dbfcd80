using Fetcher.Core;
using static Fetcher.Tests.Commands.CommandLineTesting;

namespace Fetcher.Tests.Commands;

/// <summary>From -x and the environment to the proxies that are gone by; the cases are what curl does.</summary>
public sealed class ProxyOptionTests
{
    [Theory]
    [InlineData("proxy.test", "http://proxy.test:1080", null)]
    [InlineData("PROXY.test:3128/ignored", "http://proxy.test:3128", null)]
    [InlineData("http://me:pa%40ss@proxy.test:3128", "http://proxy.test:3128", "me:pa@ss")]
    [InlineData("https://proxy.test", "https://proxy.test:443", null)]
    [InlineData("socks5h://me@[::1]:9050", "socks5h://[::1]:9050", "me:")]
    [InlineData("SOCKS5://127.1", "socks5://127.0.0.1:1080", null)]
    public async Task A_proxy_is_read_as_curl_reads_it(string text, string address, string? credentials)
    {
        var proxies = (await InvocationAsync("u", "-x", text)).Options.Proxies.ShouldNotBeNull();

        proxies.ForHttp.ShouldNotBeNull().ToString().ShouldBe(address);
        proxies.ForHttp.Credentials.ShouldBe(credentials);
        proxies.ForHttps.ShouldBe(proxies.ForHttp);
    }

    [Theory]
    [InlineData("socks4://a", "the scheme of a proxy is http, https, socks5 or socks5h")]
    [InlineData("http://", "no host")]
    [InlineData("me:hush@a:99999", "a port that is not a number")]
    [InlineData("me:hush@a b", "host")]
    [InlineData("a\r\nX: y", "host")]
    public async Task What_is_no_proxy_is_refused_without_repeating_its_password(string text, string reason)
    {
        var outcome = await RunAsync(["u", "-x", text]);

        outcome.ExitStatus.ShouldBe(2);
        outcome.Error.ShouldContain(reason);
        outcome.Error.ShouldNotContain("hush");
    }

    [Fact]
    public async Task The_login_of_the_address_is_stronger_than_that_of_the_option()
    {
        (await InvocationAsync("u", "-x", "a:b@p", "-U", "c:d")).Options.Proxies!.ForHttp!.Credentials.ShouldBe("a:b");
        (await InvocationAsync("u", "-x", "p", "-U", "c:d")).Options.Proxies!.ForHttp!.Credentials.ShouldBe("c:d");
        (await InvocationAsync("u", "-x", "p", "-U", "c")).Options.Proxies!.ForHttp!.Credentials.ShouldBe("c:asked-for-c");
    }

    [Fact]
    public async Task The_environment_names_proxies_as_with_curl()
    {
        (await ProxiesAsync(("http_proxy", "a"), ("HTTPS_PROXY", "b"))).ShouldBe(("http://a:1080", "http://b:1080"));
        (await ProxiesAsync(("HTTP_PROXY", "a"))).ShouldBe((null, null), "it may come from a request's field");
        (await ProxiesAsync(("https_proxy", "a"), ("HTTPS_PROXY", "b"))).ShouldBe((null, "http://a:1080"));
        (await ProxiesAsync(("ALL_PROXY", "socks5://a"), ("https_proxy", "b"))).ShouldBe(("socks5://a:1080", "http://b:1080"));
        (await ProxiesAsync(("all_proxy", "a"), ("ALL_PROXY", "b"), ("http_proxy", ""))).ShouldBe(("http://a:1080", "http://a:1080"));
    }

    [Fact]
    public async Task An_option_is_stronger_than_the_environment()
    {
        (await InvocationAsync(["u", "-x", "p"], ("http_proxy", "a"))).Options.Proxies!.ForHttp!.Host.ShouldBe("p");
        (await InvocationAsync(["u", "-x", ""], ("http_proxy", "a"), ("all_proxy", "b"))).Options.Proxies.ShouldBeNull();
        (await InvocationAsync(["u", "-x", "p", "--noproxy", "x"], ("no_proxy", "y"))).Options.Proxies!.Except.Contains("y").ShouldBeFalse();
        (await InvocationAsync(["u", "-x", "p"], ("NO_PROXY", "y"))).Options.Proxies!.Except.Contains("y").ShouldBeTrue();
        (await InvocationAsync(["u", "--lab"], ("http_proxy", "a"))).Options.Proxies.ShouldBeNull("the lab is on loopback");
    }

    [Fact]
    public async Task A_variable_that_holds_no_proxy_is_named()
    {
        var outcome = await RunAsync(["u"], environment: name => name == "all_proxy" ? "socks4://me:hush@a" : null);

        outcome.ExitStatus.ShouldBe(2);
        outcome.Error.ShouldContain("the environment variable all_proxy: the scheme of a proxy");
        outcome.Error.ShouldNotContain("hush");
    }

    [Theory]
    [InlineData("a.test", "a.test", true)]
    [InlineData("a.test", "A.TEST.", true)]
    [InlineData("a.test", "b.a.test", true)]
    [InlineData(".a.test", "b.a.test", true)]
    [InlineData(".a.test", "a.test", true)]
    [InlineData("a.test", "ba.test", false)]
    [InlineData("*.a.test", "b.a.test", false)]
    [InlineData("a.test:80", "a.test", false)]
    [InlineData("*", "a.test", true)]
    [InlineData("b.test, a.test", "a.test", true)]
    [InlineData("b.test a.test", "a.test", true)]
    [InlineData("", "a.test", false)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "127.0.0.2", false)]
    [InlineData("127.0.0.0/8", "127.9.9.9", true)]
    [InlineData("10.16.0.0/12", "10.31.255.255", true)]
    [InlineData("10.16.0.0/12", "10.32.0.0", false)]
    [InlineData("10.0.0.0/33", "10.0.0.0", false)]
    [InlineData("0.0.0.0/0", "9.9.9.9", true)]
    [InlineData("0.0.0.0/0", "::1", false)]
    [InlineData("[::1]", "::1", true)]
    [InlineData("fd00::/8", "fdff::1", true)]
    [InlineData("fd00::/8", "fe00::1", false)]
    [InlineData("0.1", "10.0.0.1", false)]
    public void A_list_of_exceptions_is_read_as_curl_reads_it(string list, string host, bool isOnIt) =>
        NoProxyList.Parse(list).Contains(host).ShouldBe(isOnIt);

    [Fact]
    public async Task Lab_and_a_proxy_exclude_each_other() => (await RunAsync("u --lab -x p")).Error.ShouldContain("--lab and --proxy exclude each other");

    private static async Task<(string? ForHttp, string? ForHttps)> ProxiesAsync(params (string Name, string Value)[] environment)
    {
        var proxies = (await InvocationAsync(["u"], environment)).Options.Proxies;
        return (proxies?.ForHttp?.ToString(), proxies?.ForHttps?.ToString());
    }
}
