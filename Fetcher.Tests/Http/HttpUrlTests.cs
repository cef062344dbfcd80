using System.Text;
using Fetcher.Core.Http;

namespace Fetcher.Tests.Http;

public sealed class HttpUrlTests
{
    [Theory]
    [InlineData("http://example.com", "http://example.com/")]
    [InlineData("http://example.com/", "http://example.com/")]
    [InlineData("HTTP://EXAMPLE.Com/Path", "http://example.com/Path")]
    [InlineData("HttpS://a/", "https://a/")]
    [InlineData("http://localhost/x", "http://localhost/x")]
    [InlineData("http://a_b.example-1.com/", "http://a_b.example-1.com/")]
    [InlineData("http://example.com./", "http://example.com./")]
    // Ports.
    [InlineData("http://a:80/", "http://a/")]
    [InlineData("https://a:443/", "https://a/")]
    [InlineData("http://a:443/", "http://a:443/")]
    [InlineData("https://a:80/", "https://a:80/")]
    [InlineData("http://a:8080/x", "http://a:8080/x")]
    [InlineData("http://a:/x", "http://a/x")]
    [InlineData("http://a:00080/", "http://a/")]
    [InlineData("http://a:1/", "http://a:1/")]
    [InlineData("http://a:65535/", "http://a:65535/")]
    // Path, query and fragment.
    [InlineData("http://a?q", "http://a/?q")]
    [InlineData("http://a?", "http://a/?")]
    [InlineData("http://a#f", "http://a/")]
    [InlineData("http://a/#f?not=query", "http://a/")]
    [InlineData("http://a/b?c=d&e#f", "http://a/b?c=d&e")]
    [InlineData("http://a/b;c=1/d,e", "http://a/b;c=1/d,e")]
    [InlineData("http://a//b///c", "http://a//b///c")]
    [InlineData("http://a/%7e%2F%zz%", "http://a/%7e%2F%zz%")]
    [InlineData("http://a/\"<>\\^`{|}", "http://a/\"<>\\^`{|}")]
    [InlineData("http://a/?x=/../y", "http://a/?x=/../y")]
    [InlineData("http://a:8080?b@c:d/e", "http://a:8080/?b@c:d/e")]
    [InlineData("http://a/b@c:1", "http://a/b@c:1")]
    // Dot segments (RFC 3986, section 5.2.4).
    [InlineData("http://a/./b", "http://a/b")]
    [InlineData("http://a/b/../c", "http://a/c")]
    [InlineData("http://a/b/c/./../../g", "http://a/g")]
    [InlineData("http://a/../../b", "http://a/b")]
    [InlineData("http://a/..", "http://a/")]
    [InlineData("http://a/.", "http://a/")]
    [InlineData("http://a/b/.", "http://a/b/")]
    [InlineData("http://a/b/..", "http://a/")]
    [InlineData("http://a/b/c/..", "http://a/b/")]
    [InlineData("http://a/b/..?x=/.", "http://a/?x=/.")]
    [InlineData("http://a/b//../c", "http://a/b/c")]
    [InlineData("http://a/.b/..c/d./e../...", "http://a/.b/..c/d./e../...")]
    [InlineData("http://a/b/.#f", "http://a/b/")]
    // IPv4 in any notation of inet_aton(3).
    [InlineData("http://127.0.0.1:8080/", "http://127.0.0.1:8080/")]
    [InlineData("http://255.255.255.255/", "http://255.255.255.255/")]
    [InlineData("http://0.0.0.0/", "http://0.0.0.0/")]
    [InlineData("http://127.1/", "http://127.0.0.1/")]
    [InlineData("http://10.1.257/", "http://10.1.1.1/")]
    [InlineData("http://2130706433/", "http://127.0.0.1/")]
    [InlineData("http://0x7f.1/", "http://127.0.0.1/")]
    [InlineData("http://0X7F000001/", "http://127.0.0.1/")]
    [InlineData("http://0177.0.0.01/", "http://127.0.0.1/")]
    [InlineData("http://127.0.0.1./", "http://127.0.0.1/")]
    [InlineData("http://0/", "http://0.0.0.0/")]
    // These only look like it.
    [InlineData("http://1.2.3.4.com/", "http://1.2.3.4.com/")]
    [InlineData("http://1.2.3.4a/", "http://1.2.3.4a/")]
    [InlineData("http://0xyz/", "http://0xyz/")]
    // IPv6.
    [InlineData("http://[::1]/", "http://[::1]/")]
    [InlineData("http://[::1]:8080/x", "http://[::1]:8080/x")]
    [InlineData("http://[::1]:/x", "http://[::1]/x")]
    [InlineData("http://[2001:DB8:0:0:0:0:0:1]:80/", "http://[2001:db8::1]/")]
    [InlineData("http://[::ffff:127.0.0.1]/", "http://[::ffff:127.0.0.1]/")]
    [InlineData("http://[1:2:3:4:5:6:7:8]?x", "http://[1:2:3:4:5:6:7:8]/?x")]
    // Beyond ASCII.
    [InlineData("http://b\u00fccher.example/", "http://xn--bcher-kva.example/")]
    [InlineData("http://B\u00dcCHER.Example:81/\u00fc", "http://xn--bcher-kva.example:81/%C3%BC")]
    [InlineData("http://\u65e5\u672c\u8a9e\u3002jp/", "http://xn--wgv71a119e.jp/")]
    [InlineData("http://bu\u0308\u00adcher\uff0eexample/", "http://xn--bcher-kva.example/")]
    [InlineData("http://\u0639\u0631\u0628\u064a1.test/", "http://xn--1-0mc0a5a6f.test/")]
    [InlineData("http://\uff11\uff12\uff17.1/", "http://127.0.0.1/")]
    [InlineData("http://a/caf\u00e9?q=\u20ac#\u00fc", "http://a/caf%C3%A9?q=%E2%82%AC")]
    [InlineData("http://a/\ud83d\ude00/../b", "http://a/b")]
    // User info is kept apart.
    [InlineData("http://user:pass@a/b", "http://a/b")]
    [InlineData("http://user@a:81/b", "http://a:81/b")]
    [InlineData("http://@a/", "http://a/")]
    public void A_URL_is_normalised(string url, string expected)
    {
        var parsed = Parse(url);
        parsed.ToString().ShouldBe(expected);
        Parse(expected).ToString().ShouldBe(expected);
        Text(parsed.Text).ShouldBe(Text(parsed.Origin) + Text(parsed.PathAndQuery));
        Text(parsed.Origin).ShouldBe((parsed.IsHttps ? "https://" : "http://") + Text(parsed.HostHeader));
    }

    [Theory]
    [InlineData("", "no scheme")]
    [InlineData("example.com", "no scheme")]
    [InlineData("/path", "no scheme")]
    [InlineData("//a/b", "no scheme")]
    [InlineData("://a/", "no scheme")]
    [InlineData("1http://a/", "no scheme")]
    [InlineData("ht tp://a/", "a space in the URL")]
    [InlineData("ht_tp://a/", "no scheme")]
    [InlineData("ftp://a/", "the scheme 'ftp' is not http or https")]
    [InlineData("file:///etc/passwd", "the scheme 'file' is not http or https")]
    [InlineData("javascript:alert(1)", "the scheme 'javascript' is not http or https")]
    [InlineData("localhost:8080/x", "the scheme 'localhost' is not http or https")]
    [InlineData("httpx://a/", "the scheme 'httpx' is not http or https")]
    [InlineData("http:a/", "no // after the scheme")]
    [InlineData("http:/a/", "no // after the scheme")]
    [InlineData("https:", "no // after the scheme")]
    [InlineData("http://", "no host")]
    [InlineData("http:///a", "no host")]
    [InlineData("http://?a", "no host")]
    [InlineData("http://:80/", "no host")]
    [InlineData("http://user@/", "no host")]
    [InlineData("http://user@:80/", "no host")]
    // Ports.
    [InlineData("http://a:0/", "a port that is not a number from 1 to 65535")]
    [InlineData("http://a:65536/", "a port that is not a number from 1 to 65535")]
    [InlineData("http://a:99999999999999999999/", "a port that is not a number from 1 to 65535")]
    [InlineData("http://a:-1/", "a port that is not a number from 1 to 65535")]
    [InlineData("http://a:8x/", "a port that is not a number from 1 to 65535")]
    [InlineData("http://a:80:80/", "a port that is not a number from 1 to 65535")]
    // Characters.
    [InlineData("http://a/b c", "a space in the URL")]
    [InlineData(" http://a/", "a space in the URL")]
    [InlineData("http://a/\r\nX: y", "the control character 0x0D")]
    [InlineData("http://a/\n", "the control character 0x0A")]
    [InlineData("http://a/\0", "the control character 0x00")]
    [InlineData("http://a\t/", "the control character 0x09")]
    [InlineData("http://a/\u007f", "the control character 0x7F")]
    // Hosts.
    [InlineData("http://a b@c/", "a space in the URL")]
    [InlineData("http://a@b@c/", "the character '@' in the host")]
    [InlineData("http://a\\b/", "the character '\\' in the host")]
    [InlineData("http://evil\\@a/", "a backslash before the host")]
    [InlineData("http://a%41/", "the character '%' in the host")]
    [InlineData("http://a,b/", "the character ',' in the host")]
    [InlineData("http://a..b/", "an empty label")]
    [InlineData("http://.a/", "an empty label")]
    [InlineData("http://./", "an empty label")]
    [InlineData("http://a../", "an empty label")]
    [InlineData("http://b\u00fc..c/", "an empty label")]
    [InlineData("http://\u00ad/", "not a valid internationalised name")]
    [InlineData("http://\u05d0a/", "not a valid internationalised name")]
    [InlineData("http://a\uff0fb/", "the character '/' in the host")]
    [InlineData("http://\uff11.\uff12\u3002\uff13.256/", "looks like an IPv4 address and is none")]
    [InlineData("http://\u00fc\u0000/", "the control character 0x00")]
    // IPv4.
    [InlineData("http://256.1.1.1/", "looks like an IPv4 address and is none")]
    [InlineData("http://1.2.3.256/", "looks like an IPv4 address and is none")]
    [InlineData("http://1.2.3.4.5/", "looks like an IPv4 address and is none")]
    [InlineData("http://1.2.65536/", "looks like an IPv4 address and is none")]
    [InlineData("http://4294967296/", "looks like an IPv4 address and is none")]
    [InlineData("http://99999999999999999999999/", "looks like an IPv4 address and is none")]
    [InlineData("http://08.0.0.1/", "looks like an IPv4 address and is none")]
    [InlineData("http://1.2.3.08/", "looks like an IPv4 address and is none")]
    [InlineData("http://a.1/", "looks like an IPv4 address and is none")]
    [InlineData("http://1..2/", "looks like an IPv4 address and is none")]
    [InlineData("http://.1/", "looks like an IPv4 address and is none")]
    // IPv6.
    [InlineData("http://[]/", "an invalid IPv6 address")]
    [InlineData("http://[:::1]/", "an invalid IPv6 address")]
    [InlineData("http://[::1::]/", "an invalid IPv6 address")]
    [InlineData("http://[12345::]/", "an invalid IPv6 address")]
    [InlineData("http://[1:2:3:4:5:6:7:8:9]/", "an invalid IPv6 address")]
    [InlineData("http://[127.0.0.1]/", "an invalid IPv6 address")]
    [InlineData("http://[example.com]/", "an invalid IPv6 address")]
    [InlineData("http://[fe80::1%25eth0]/", "an invalid IPv6 address")]
    [InlineData("http://[[::1]]/", "text after the closing bracket")]
    [InlineData("http://[::1/", "an IPv6 address without its closing bracket")]
    [InlineData("http://[::1]x/", "text after the closing bracket")]
    [InlineData("http://::1/", "no host")]
    public void A_faulty_URL_is_refused_with_the_reason(string url, string because)
    {
        var parsed = Parse("https://user@before:99/x");
        parsed.TryParse(Encoding.UTF8.GetBytes(url), out var reason).ShouldBeFalse();
        reason.ShouldNotBeNull().ShouldContain(because, Case.Sensitive);
        parsed.Port.ShouldBe(0);
        Text(parsed.Text).ShouldBe("");
        Text(parsed.Host).ShouldBe("");
        Text(parsed.UserInfo).ShouldBe("");
    }

    [Fact]
    public void The_parts_of_a_URL()
    {
        var url = Parse("HTTPS://us%65r:p:w@[::1]:8443/a/b?c#d");
        url.IsHttps.ShouldBeTrue();
        url.Port.ShouldBe(8443);
        Text(url.Host).ShouldBe("::1");
        url.HostString.ShouldBe("::1");
        Text(url.HostHeader).ShouldBe("[::1]:8443");
        Text(url.Origin).ShouldBe("https://[::1]:8443");
        Text(url.PathAndQuery).ShouldBe("/a/b?c");
        Text(url.UserInfo).ShouldBe("us%65r:p:w");
        Text(url.Text).ShouldBe("https://[::1]:8443/a/b?c");

        url = Parse("http://Example.com");
        url.IsHttps.ShouldBeFalse();
        url.Port.ShouldBe(80);
        Text(url.Host).ShouldBe("example.com");
        Text(url.HostHeader).ShouldBe("example.com");
        Text(url.UserInfo).ShouldBe("");
        Parse("https://a").Port.ShouldBe(443);
    }

    [Fact]
    public void Names_and_labels_may_be_as_long_as_DNS_allows_and_no_longer()
    {
        var label = new string('a', 63);
        var longest = $"{label}.{label}.{label}.{new string('b', 61)}";
        longest.Length.ShouldBe(253);
        Parse($"http://{longest}/").HostString.ShouldBe(longest);
        Parse($"http://{longest}./").HostString.ShouldBe(longest + ".");
        Refusal($"http://{longest}b/").ShouldBe("a host name longer than 253 bytes");
        Refusal($"http://{label}a/").ShouldBe("a host name label longer than 63 bytes");
        Refusal($"http://{new string('\u00fc', 64)}.com/").ShouldBe("a host name that is not a valid internationalised name");
        var manyLabels = string.Join('.', Enumerable.Repeat("\u00fc", 100));
        Refusal($"http://{manyLabels}/").ShouldBe("a host name longer than 253 bytes");
    }

    [Fact]
    public void A_URL_may_be_as_long_as_the_limit_and_no_longer()
    {
        var longest = "http://a/" + new string('b', HttpUrl.MaxLength - 9);
        Parse(longest).Text.Length.ShouldBe(HttpUrl.MaxLength);
        Refusal(longest + "b").ShouldBe("a URL longer than 65536 bytes");
        var encoded = "http://a/" + new string('\u00fc', (HttpUrl.MaxLength - 9) / 2);
        Parse(encoded).Text.Length.ShouldBe(9 + ((HttpUrl.MaxLength - 9) / 2 * 6));
    }

    [Fact]
    public void A_short_URL_after_a_long_one_is_read_like_any_other()
    {
        var url = Parse("http://a/" + new string('b', 60_000));
        url.TryParse("http://user@c/d"u8, out _).ShouldBeTrue();
        url.ToString().ShouldBe("http://c/d");
        Text(url.UserInfo).ShouldBe("user");
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_encoded_in_a_path_and_refused_in_a_host()
    {
        var url = new HttpUrl();
        url.TryParse([.. "http://a/"u8, 0xE9, 0xFF], out _).ShouldBeTrue();
        url.ToString().ShouldBe("http://a/%E9%FF");
        url.TryParse([.. "http://a"u8, 0xE9, .. "/"u8], out var reason).ShouldBeFalse();
        reason.ShouldBe("a host name that is not a valid internationalised name");
    }

    [Fact]
    public void A_copy_stands_for_itself()
    {
        var url = Parse("http://user@a:81/b");
        var copy = new HttpUrl();
        copy.CopyFrom(url);
        url.TryParse("https://other/"u8, out _).ShouldBeTrue();
        copy.ToString().ShouldBe("http://a:81/b");
        copy.IsHttps.ShouldBeFalse();
        copy.Port.ShouldBe(81);
        copy.HostString.ShouldBe("a");
        Text(copy.UserInfo).ShouldBe("user");
        copy.CopyFrom(copy);
        copy.ToString().ShouldBe("http://a:81/b");
    }

    private static string Refusal(string url)
    {
        new HttpUrl().TryParse(Encoding.UTF8.GetBytes(url), out var reason).ShouldBeFalse();
        return reason.ShouldNotBeNull();
    }

    private static HttpUrl Parse(string url)
    {
        var parsed = new HttpUrl();
        parsed.TryParse(Encoding.UTF8.GetBytes(url), out var reason).ShouldBeTrue(reason);
        return parsed;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes);

    /// <summary>A mark that has to be seen at every place of targets of many lengths.</summary>
    private static IEnumerable<string> TargetsWithOneMark() =>
        from length in (int[])[1, 2, 3, 15, 16, 17, 18, 32, 33, 34, 50]
        from place in Enumerable.Range(0, length)
        from mark in (string[])["#", "/./", "/../", ".", "\u007f", "\u00e4", "\t", "~"]
        select $"http://a.test/{new string('p', place)}{mark}{new string('q', length - place)}";

    [Fact]
    public void A_URL_like_the_one_before_is_read_like_any_other()
    {
        string[] texts =
        [
            "http://a.test:8080/x", "http://a.test:8080/y?q#f", "http://a.test:8080", "http://a.test:8080#f", "http://a.test:80801/", "http://a.test:808/",
            "http://a.test:80/", "http://a.test/", "http://a.test/a/../b", "http://a.test@b.test/", "http://user@a.test/", "http://a.test/z", "https://a.test/",
            "http://a.test/ä", "http://a.test/ a", "http://a.test/p", "http://a.test", "http://a.testing/",
            .. TargetsWithOneMark(),
        ];
        var used = new HttpUrl();
        foreach (var text in texts.Concat(texts.Reverse()))
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var fresh = new HttpUrl();
            var isUrl = fresh.TryParse(bytes, out var reason);
            used.TryParse(bytes, out var usedReason).ShouldBe(isUrl, text);
            usedReason.ShouldBe(reason);
            used.ToString().ShouldBe(fresh.ToString());
            Encoding.ASCII.GetString(used.UserInfo).ShouldBe(Encoding.ASCII.GetString(fresh.UserInfo));
            (used.HostString, used.Port, used.IsHttps).ShouldBe((fresh.HostString, fresh.Port, fresh.IsHttps));
        }
    }
}
