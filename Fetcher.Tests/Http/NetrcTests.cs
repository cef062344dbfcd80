using Fetcher.Core;

namespace Fetcher.Tests.Http;

public sealed class NetrcTests
{
    [Theory]
    [InlineData("machine a.test login me password secret", "me:secret")]
    [InlineData("machine\ta.test\r\nlogin me\r\npassword secret\r\n", "me:secret")]
    [InlineData("machine b.test login x password y machine A.Test login me password secret", "me:secret")]
    [InlineData("# machine a.test login x password y\nmachine a.test login me password s#t", "me:s#t")]
    [InlineData("machine a.test login \"m e\" password \"s\\\"e\\nc\"", "m e:s\"e\nc")]
    [InlineData("machine a.test login me account x password secret", "me:secret")]
    [InlineData("machine b.test login x password y\nmacdef init\nmachine a.test login no password no\n\nmachine a.test login me password secret", "me:secret")]
    [InlineData("default login any password thing", "any:thing")]
    [InlineData("machine a.test login me", "me:")]
    [InlineData("machine a.test password secret", null)]
    [InlineData("machine b.test login x password y", null)]
    [InlineData("login x password y", null)]
    [InlineData("machine", null)]
    [InlineData("machine a.test login \"open", "open:")]
    [InlineData("", null)]
    public void Words_are_read_as_curl_reads_them(string text, string? credentials) => Netrc.Parse(text).Find("a.test", user: null).ShouldBe(credentials);

    [Fact]
    public void The_password_of_a_user_is_found()
    {
        var netrc = Netrc.Parse("machine a login one password 1 machine a login two password 2");

        netrc.Find("a", "two").ShouldBe("two:2");
        netrc.Find("a", "three").ShouldBeNull();
    }

    [Fact]
    public void Nothing_of_it_is_printed() => Netrc.Parse("machine a login me password secret").ToString().ShouldBe("1 entries");
}
