using System.Text;
using Fetcher.Core.Http;

namespace Fetcher.Tests.Http;

/// <summary>What a robots.txt allows (RFC 9309).</summary>
public sealed class RobotsRulesTests
{
    public static TheoryData<string, string, bool> Rules => new()
    {
        // Groups (section 2.2.1).
        { "", "/", true },
        { "User-agent: *\nDisallow: /", "/", false },
        { "User-agent: *\nDisallow:", "/", true },
        { "User-agent: other\nDisallow: /", "/", true },
        { "User-agent: fetcher\nDisallow: /a\nUser-agent: *\nDisallow: /", "/b", true },
        { "User-agent: *\nDisallow: /\n\nUser-agent: fetcher\nDisallow: /a", "/b", true },
        { "User-agent: FETCHER/1.0\nDisallow: /", "/", false },
        { "User-agent: fetcherbot\nDisallow: /", "/", true },
        { "User-agent: a\nUser-agent: fetcher\nUser-agent: b\nDisallow: /", "/", false },
        { "User-agent: fetcher\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: fetcher\nDisallow: /b", "/b", false },
        { "User-agent: fetcher\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: fetcher\nDisallow: /b", "/c", true },
        { "User-agent: fetcher\n\nUser-agent: *\nDisallow: /", "/", false },
        { "User-agent: fetcher\nAllow: /\nUser-agent: *\nDisallow: /", "/", true },
        { "Disallow: /\nUser-agent: *\nDisallow: /a", "/", true },
        { "User-agent: *\nCrawl-delay: 5\nDisallow: /", "/", false },
        { "User-agent: *\nSitemap: http://h/s\nUser-agent: x\nDisallow: /", "/", false },

        // Lines.
        { "user-AGENT : * # all\r\nDISALLOW : /a # this\r\n", "/a", false },
        { "User-agent: *\rDisallow: /a\r", "/a", false },
        { "\uFEFFUser-agent: *\nDisallow: /", "/", false },
        { "<html>not found</html>", "/", true },
        { "User-agent: *\nDisallow: /a#b", "/a", false },

        // The longest match; Allow wins a draw (section 2.2.2).
        { "User-agent: *\nAllow: /p\nDisallow: /", "/page", true },
        { "User-agent: *\nDisallow: /\nAllow: /p", "/page", true },
        { "User-agent: *\nAllow: /folder\nDisallow: /folder", "/folder/page", true },
        { "User-agent: *\nAllow: /page\nDisallow: /*.htm", "/page.htm", false },
        { "User-agent: *\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif", "/example/page/disallowed.gif", false },
        { "User-agent: *\nDisallow: /", "/robots.txt", true },
        { "User-agent: *\nDisallow: /fish", "/Fish", true },
        { "User-agent: *\nDisallow: /fish/", "/fish", true },

        // Special characters (section 2.2.3).
        { "User-agent: *\nDisallow: /*.gif$", "/a/b.gif", false },
        { "User-agent: *\nDisallow: /*.gif$", "/a/b.gif?x", true },
        { "User-agent: *\nDisallow: /*.gif$", "/a.gif/b.gif", false },
        { "User-agent: *\nDisallow: /a*c*e", "/abcde", false },
        { "User-agent: *\nDisallow: /a*c*e", "/aec", true },
        { "User-agent: *\nDisallow: *", "/x", false },
        { "User-agent: *\nDisallow: /$", "/", false },
        { "User-agent: *\nDisallow: /$", "/x", true },
        { "User-agent: *\nDisallow: /a**b", "/a-b", false },
        { "User-agent: *\nDisallow: /a$b", "/a$b", false },
        { "User-agent: *\nDisallow: /a%24", "/a$", false },
        { "User-agent: *\nDisallow: /a%2A", "/a*", false },
        { "User-agent: *\nDisallow: /a%2A", "/axx", true },
        { "User-agent: *\nDisallow: /?q=*&x", "/?q=1&x=2", false },

        // Percent-encoding (section 2.2.2).
        { "User-agent: *\nDisallow: /foo/bar/ツ", "/foo/bar/%E3%83%84", false },
        { "User-agent: *\nDisallow: /foo/bar/%e3%83%84", "/foo/bar/%E3%83%84", false },
        { "User-agent: *\nDisallow: /%62%61%7A", "/baz", false },
        { "User-agent: *\nDisallow: /baz", "/%62az", false },
        { "User-agent: *\nDisallow: /a%2Fb", "/a/b", true },
        { "User-agent: *\nDisallow: /a%2fb", "/a%2Fb", false },
        { "User-agent: *\nDisallow: /100%", "/100%", false },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Rules_decide_as_the_standard_has_it(string file, string path, bool allows) =>
        RobotsRules.Parse(Encoding.UTF8.GetBytes(file), "fetcher").Allows(Encoding.UTF8.GetBytes(path)).ShouldBe(allows);

    [Theory]
    [MemberData(nameof(Rules))]
    public void Rules_decide_the_same_in_whatever_pieces_they_come(string file, string path, bool allows)
    {
        var bytes = Encoding.UTF8.GetBytes(file);
        for (var size = 1; size < Math.Min(bytes.Length, 8); size++)
        {
            var parser = new RobotsParser("fetcher");
            foreach (var piece in bytes.Chunk(size))
            {
                parser.Write(piece);
            }

            parser.End().Allows(Encoding.UTF8.GetBytes(path)).ShouldBe(allows);
        }
    }

    [Fact]
    public void A_line_that_the_limit_cuts_says_nothing()
    {
        var begin = "User-agent: *\nDisallow: /\n#";
        var parser = new RobotsParser("fetcher");
        parser.Write(Encoding.ASCII.GetBytes(begin + new string('x', RobotsParser.MostBytes - begin.Length - "\nAllow: /a".Length) + "\nAllow: /a"));
        parser.IsFull.ShouldBeFalse();
        parser.Write("bc\n"u8);

        parser.IsFull.ShouldBeTrue();
        parser.End().Allows("/ab"u8).ShouldBeFalse();
    }

    [Fact]
    public void What_is_kept_is_no_more_than_the_rules_for_this_client()
    {
        var others = string.Concat(Enumerable.Range(0, 10_000).Select(i => $"User-agent: other{i}\nDisallow: /{i}\n"));
        RobotsRules.Parse(Encoding.ASCII.GetBytes(others), "fetcher").ShouldBeSameAs(RobotsRules.AllowAll);

        var many = "User-agent: *\n" + string.Concat(Enumerable.Repeat("Disallow:/a\n", 100_000));
        RobotsRules.Parse(Encoding.ASCII.GetBytes(many), "fetcher").Size.ShouldBeLessThan(RobotsParser.MostBytes);
        RobotsRules.Parse(Encoding.ASCII.GetBytes(many + "User-agent: fetcher\nDisallow: /b"), "fetcher").Size.ShouldBeLessThan(RobotsParser.MostBytes);
        RobotsRules.Parse(Encoding.ASCII.GetBytes(many[..1000] + "\nUser-agent: fetcher\nDisallow: /b"), "fetcher").Size.ShouldBe(6);
    }

    [Theory]
    [InlineData("fetcher/0.1.0", "fetcher")]
    [InlineData("Mozilla/5.0 (X11)", "Mozilla")]
    [InlineData("my_bot-two", "my_bot-two")]
    [InlineData("", "")]
    public void The_token_is_what_the_user_agent_begins_with(string userAgent, string token) => RobotsRules.TokenOf(userAgent).ShouldBe(token);

    [Fact]
    public void A_client_without_a_name_goes_by_the_rules_of_all() =>
        RobotsRules.Parse("User-agent:\nDisallow: /\nUser-agent: *\nDisallow: /a"u8, "").Allows("/b"u8).ShouldBeTrue();

    [Fact]
    public void What_is_behind_the_first_500_KiB_does_not_count()
    {
        var begin = "User-agent: *\nDisallow: /a\n#";
        var file = begin + new string('x', RobotsParser.MostBytes - begin.Length) + "\nDisallow: /b\n";

        var rules = RobotsRules.Parse(Encoding.ASCII.GetBytes(file), "fetcher");

        rules.Allows("/a"u8).ShouldBeFalse();
        rules.Allows("/b"u8).ShouldBeTrue();
    }
}
