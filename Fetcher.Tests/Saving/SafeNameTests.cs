using System.Text;
using Fetcher.Core.Http;
using Fetcher.Core.Saving;

namespace Fetcher.Tests.Saving;

/// <summary>The names of saved bodies: whatever a URL says, a name in the folder.</summary>
public sealed class SafeNameTests
{
    [Theory]
    [InlineData("http://h/", "index.html")]
    [InlineData("http://h", "index.html")]
    [InlineData("http://h/a/b.txt", "b.txt")]
    [InlineData("http://h/a/", "index.html")]
    [InlineData("http://h/a?x=1&y=/../z", "a?x=1&y=_.._z")]
    [InlineData("http://h/?x", "index.html?x")]
    [InlineData("http://h/a#b", "a")]
    [InlineData("http://h/a%20b", "a b")]
    [InlineData("http://h/caf%C3%A9", "café")]
    [InlineData("http://h/café", "café")]
    [InlineData("http://h/a%2Fb", "a_b")]
    [InlineData("http://h/a%5Cb", "a_b")]
    [InlineData("http://h/..%2F..%2Fetc%2Fpasswd", ".._.._etc_passwd")]
    [InlineData("http://h/%2Fetc%2Fpasswd", "_etc_passwd")]
    [InlineData("http://h/a%00b", "a_b")]
    [InlineData("http://h/a%0A%1B%7Fb", "a___b")]
    [InlineData("http://h/a%C2%85b", "a_b")]
    [InlineData("http://h/a%E2%80%AEb", "a_b")]
    [InlineData("http://h/a%FFb", "a_b")]
    [InlineData("http://h/a%2", "a%2")]
    [InlineData("http://h/a%zz", "a%zz")]
    [InlineData("http://h/%252e%252e", "%2e%2e")]
    [InlineData("http://h/x.part", "x.part_")]
    [InlineData("http://h/x.PART.meta", "x.PART.meta_")]
    [InlineData("http://h/~root", "~root")]
    [InlineData("http://h/CON", "CON")]
    public void A_name_is_made_of_the_last_part_of_the_path(string url, string name) => Expand("{name}", url).ShouldBe(name);

    [Theory]
    [InlineData("%2e%2e", "__")]
    [InlineData("..", "__")]
    [InlineData(".", "_")]
    [InlineData("...", "...")]
    [InlineData("/", "_")]
    public void Dots_that_lead_elsewhere_are_no_name(string text, string name) =>
        SafeName.FromUrl(Encoding.UTF8.GetBytes(text)).ShouldBe(name);

    [Fact]
    public void An_overlong_name_is_cut_to_one_of_its_own_with_its_extension()
    {
        var one = Expand("{name}", $"http://h/{new string('a', 1000)}1.html");
        var other = Expand("{name}", $"http://h/{new string('a', 1000)}2.html");

        one.ShouldNotBe(other);
        one.ShouldEndWith(".html");
        Encoding.UTF8.GetByteCount(SafeName.Numbered(one, int.MaxValue) + SafeName.PartFacts).ShouldBeLessThanOrEqualTo(255);
    }

    [Fact]
    public void An_overlong_name_is_cut_between_characters()
    {
        for (var shift = 0; shift < 4; shift++)
        {
            var name = Expand("{name}", $"http://h/{new string('x', shift)}{string.Concat(Enumerable.Repeat("🦊", 200))}");

            name.ShouldNotContain("\uFFFD");
            Encoding.UTF8.GetByteCount(name).ShouldBeLessThanOrEqualTo(SafeName.MaxLength);
        }
    }

    [Theory]
    [InlineData("{host}/{path}/{name}", "http://h:81/a/b/c.txt", "h/a/b/c.txt")]
    [InlineData("{host}/{path}/{name}", "http://h/", "h/index.html")]
    [InlineData("{path}/{name}", "http://h/%2e%2e/a", "__/a")]
    [InlineData("{path}/{name}", "http://h//a//b", "a/b")]
    [InlineData("x{path}y/{name}", "http://h/a/b/c", "xa_by/c")]
    [InlineData("{scheme}-{host}-{port}/{index}.{ext}", "http://[::1]/a/b.gif?q.png", "http-::1-80/7.gif")]
    [InlineData("{query}", "http://h/a?q=1", "q=1")]
    [InlineData("{query}", "http://h/a", "index.html")]
    [InlineData("100%41-{name}", "http://h/a", "100%41-a")]
    public void A_template_is_filled(string template, string url, string path) => Expand(template, url).ShouldBe(path);

    [Theory]
    [InlineData("/{name}")]
    [InlineData("{name}/")]
    [InlineData("../{name}")]
    [InlineData("a/./{name}")]
    [InlineData("{nome}")]
    [InlineData("{sha256:0}/{name}")]
    [InlineData("{sha256:65}")]
    [InlineData("{sha256:x}")]
    [InlineData("{name:2}")]
    [InlineData("a\0b")]
    public void A_template_that_leads_nowhere_good_is_refused(string template) =>
        Should.Throw<FormatException>(() => NameTemplate.Parse(template));

    private static string Expand(string template, string text)
    {
        var url = new HttpUrl();
        url.TryParse(Encoding.UTF8.GetBytes(text), out var reason).ShouldBeTrue(reason);
        return string.Join('/', NameTemplate.Parse(template).Expand(url, 7, null));
    }
}
