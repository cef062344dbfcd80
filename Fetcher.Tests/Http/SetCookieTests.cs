using System.Globalization;
using System.Text;
using Fetcher.Core.Http;
using Fetcher.Core.Http.Cookies;

namespace Fetcher.Tests.Http;

/// <summary>What a Set-Cookie field means, and where its cookie goes (RFC 6265, section 5).</summary>
public sealed class SetCookieTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>Who sets what, who is asked next, and what is sent there.</summary>
    public static TheoryData<string, string, string, string> Cookies => new()
    {
        { "http://a.test/", "n=v", "http://a.test/x", "n=v" },
        { "http://a.test/", " n = v ; Path=/", "http://a.test/", "n=v" },
        { "http://a.test/", "n=\"v w\"", "http://a.test/", "n=\"v w\"" },
        { "http://a.test/", "n={\"x\":1,\"y\":[2,3]}", "http://a.test/", "n={\"x\":1,\"y\":[2,3]}" },
        { "http://a.test/", "n=a=b", "http://a.test/", "n=a=b" },
        { "http://a.test/", "n=", "http://a.test/", "n=" },
        { "http://a.test/", "n", "http://a.test/", "" },
        { "http://a.test/", "=v", "http://a.test/", "" },
        { "http://a.test/", "", "http://a.test/", "" },
        { "http://a.test/", "n=v; unknown; also=this", "http://a.test/", "n=v" },

        // The host (sections 5.1.3 and 5.3).
        { "http://a.test/", "n=v", "http://b.test/", "" },
        { "http://a.test/", "n=v", "http://x.a.test/", "" },
        { "http://a.test/", "n=v; Domain=a.test", "http://x.a.test/", "n=v" },
        { "http://a.test/", "n=v; domain=.A.Test", "http://x.a.test/", "n=v" },
        { "http://x.a.test/", "n=v; Domain=a.test", "http://a.test/", "n=v" },
        { "http://x.a.test/", "n=v; Domain=a.test", "http://xa.test/", "" },
        { "http://a.test/", "n=v; Domain=x.a.test", "http://x.a.test/", "" },
        { "http://a.test/", "n=v; Domain=other.test", "http://other.test/", "" },
        { "http://a.test/", "n=v; Domain=test", "http://b.test/", "" },
        { "http://a.test/", "n=v; Domain=", "http://a.test/", "n=v" },
        { "http://localhost/", "n=v; Domain=localhost", "http://localhost/", "n=v" },
        { "http://127.0.0.1/", "n=v; Domain=127.0.0.1", "http://127.0.0.1/", "n=v" },
        { "http://127.0.0.1/", "n=v; Domain=0.0.1", "http://127.0.0.1/", "" },
        { "http://a.test:81/", "n=v", "http://a.test:82/", "n=v" },

        // The path (section 5.1.4).
        { "http://a.test/x/y", "n=v", "http://a.test/x/z", "n=v" },
        { "http://a.test/x/y", "n=v", "http://a.test/x", "n=v" },
        { "http://a.test/x/y", "n=v", "http://a.test/xz", "" },
        { "http://a.test/x/y?/z/", "n=v", "http://a.test/", "" },
        { "http://a.test/x", "n=v; Path=/y", "http://a.test/y/z?q", "n=v" },
        { "http://a.test/x", "n=v; Path=/y/", "http://a.test/y", "" },
        { "http://a.test/x/y", "n=v; Path=no", "http://a.test/z", "" },
        { "http://a.test/", "n=v; Path=/a; Path=/", "http://a.test/", "n=v" },

        // https.
        { "https://a.test/", "n=v; Secure", "https://a.test/", "n=v" },
        { "https://a.test/", "n=v; Secure", "http://a.test/", "" },
        { "http://a.test/", "n=v; Secure", "https://a.test/", "" },
        { "https://a.test/", "__Secure-n=v", "https://a.test/", "" },
        { "https://a.test/", "__Secure-n=v; Secure", "https://a.test/", "__Secure-n=v" },
        { "https://a.test/", "__Host-n=v; Secure; Path=/; Domain=a.test", "https://a.test/", "" },
        { "https://a.test/", "__Host-n=v; Secure; Path=/", "https://a.test/", "__Host-n=v" },

        // Its end.
        { "http://a.test/", "n=v; Expires=Fri, 02 Jan 2026 03:04:06 GMT", "http://a.test/", "n=v" },
        { "http://a.test/", "n=v; Expires=Fri, 02 Jan 2026 03:04:04 GMT", "http://a.test/", "" },
        { "http://a.test/", "n=v; Expires=nonsense", "http://a.test/", "n=v" },
        { "http://a.test/", "n=v; Max-Age=1", "http://a.test/", "n=v" },
        { "http://a.test/", "n=v; Max-Age=0", "http://a.test/", "" },
        { "http://a.test/", "n=v; Max-Age=-1", "http://a.test/", "" },
        { "http://a.test/", "n=v; Max-Age=99999999999999999999", "http://a.test/", "n=v" },
        { "http://a.test/", "n=v; Max-Age=x", "http://a.test/", "n=v" },
        { "http://a.test/", "n=v; Max-Age=10; Expires=Fri, 02 Jan 2020 03:04:04 GMT", "http://a.test/", "n=v" },
    };

    [Theory]
    [MemberData(nameof(Cookies))]
    public void A_cookie_goes_where_it_belongs(string setter, string field, string asked, string sent)
    {
        var jar = new CookieJar(new FixedClock());

        Set(jar, setter, field);

        Sent(jar, asked).ShouldBe(sent);
    }

    [Theory]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06 08:49:37")]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06 08:49:37")]
    [InlineData("Sun Nov  6 08:49:37 1994", "1994-11-06 08:49:37")]
    [InlineData("6 november 69 8:49:7 x", "2069-11-06 08:49:07")]
    [InlineData("1 Jan 70 00:00:00", "1970-01-01 00:00:00")]
    [InlineData("31 Feb 2020 00:00:00", null)]
    [InlineData("1 Jan 1600 00:00:00", null)]
    [InlineData("1 Jan 2020 24:00:00", null)]
    [InlineData("1 Jan 2020", null)]
    [InlineData("", null)]
    public void Dates_come_in_every_form(string text, string? expected)
    {
        var isDate = CookieDate.TryParse(text, out var date);

        (isDate ? date.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : null).ShouldBe(expected);
    }

    [Fact]
    public void A_cookie_takes_the_place_of_one_like_it_and_no_other()
    {
        var jar = new CookieJar(new FixedClock());

        foreach (var field in (string[])["a=1", "b=2", "a=3", "a=4; Path=/x", "b=; Max-Age=0"])
        {
            Set(jar, "http://a.test/", field);
        }

        Sent(jar, "http://a.test/x").ShouldBe("a=4; a=3");
    }

    [Fact]
    public void Plain_http_replaces_no_cookie_of_https()
    {
        var jar = new CookieJar(new FixedClock());
        Set(jar, "https://a.test/", "n=safe; Secure");

        Set(jar, "http://a.test/", "n=forged");

        Sent(jar, "https://a.test/").ShouldBe("n=safe");
    }

    [Fact]
    public void The_oldest_make_room()
    {
        var jar = new CookieJar(new FixedClock());
        for (var i = 0; i < CookieJar.MostOfDomain + 1; i++)
        {
            Set(jar, "http://a.test/", $"n{i}=v");
        }

        for (var i = 0; i < CookieJar.Most; i++)
        {
            Set(jar, $"http://h{i}.test/", "n=v");
        }

        jar.All.Count.ShouldBe(CookieJar.Most);
        Sent(jar, "http://a.test/").ShouldBe("");
        Sent(jar, "http://h0.test/").ShouldBe("n=v");
    }

    private static void Set(CookieJar jar, string setter, string field)
    {
        if (SetCookie.Parse(Encoding.Latin1.GetBytes(field), Url(setter), Now) is { } cookie)
        {
            jar.Add(cookie, setter.StartsWith("https", StringComparison.Ordinal));
        }
    }

    private static string Sent(CookieJar jar, string asked) =>
        jar.FieldFor(Url(asked), more: null) is { } field ? Encoding.Latin1.GetString(field)["Cookie: ".Length..^2] : "";

    private static HttpUrl Url(string text)
    {
        var url = new HttpUrl();
        url.TryParse(Encoding.ASCII.GetBytes(text), out _).ShouldBeTrue();
        return url;
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
