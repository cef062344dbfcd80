using System.Diagnostics;
using System.Text;
using CsCheck;
using Fetcher.Core.Work.Sources;

namespace Fetcher.Tests.Fetch;

/// <summary>URLs that stand for many, as curl has them.</summary>
public sealed class UrlGlobTests
{
    [Theory]
    [InlineData("http://a/{b,c}", "http://a/b http://a/c")]
    [InlineData("http://a/{b}", "http://a/b")]
    [InlineData("http://a/{,b}/", "http://a// http://a/b/")]
    [InlineData("http://{x,y}.a/[1-3]", "http://x.a/1 http://x.a/2 http://x.a/3 http://y.a/1 http://y.a/2 http://y.a/3")]
    [InlineData("http://a/[1-2][1-2]", "http://a/11 http://a/12 http://a/21 http://a/22")]
    [InlineData("http://a/[08-12:2].png", "http://a/08.png http://a/10.png http://a/12.png")]
    [InlineData("http://a/[001-2]", "http://a/001 http://a/002")]
    [InlineData("http://a/[9-010]", "http://a/9 http://a/10")]
    [InlineData("http://a/[0-10:3]", "http://a/0 http://a/3 http://a/6 http://a/9")]
    [InlineData("http://a/[a-c]", "http://a/a http://a/b http://a/c")]
    [InlineData("http://a/[X-Z:2]", "http://a/X http://a/Z")]
    [InlineData("http://a/[7-7]", "http://a/7")]
    [InlineData(@"http://a/\{b\}\[c\]\d", @"http://a/{b}[c]\d")]
    [InlineData(@"http://a/{b\,c,d\}}", "http://a/b,c http://a/d}")]
    [InlineData("http://a/{é,ü}", "http://a/é http://a/ü")]
    [InlineData("http://[::1]:80/", "http://[::1]:80/")]
    [InlineData("http://[2001:db8::a-b]/", null)]
    [InlineData("http://[::ffff:1.2.3.4]/[1-2]", "http://[::ffff:1.2.3.4]/1 http://[::ffff:1.2.3.4]/2")]
    [InlineData("http://a/[]", "http://a/[]")]
    public void A_pattern_stands_for_its_URLs_the_last_one_fastest(string pattern, string? urls)
    {
        if (urls is null)
        {
            Should.Throw<FormatException>(() => UrlGlob.Parse(pattern));
            return;
        }

        Expand(UrlGlob.Parse(pattern)).ShouldBe(urls.Split(' '));
    }

    [Theory]
    [InlineData("http://a/{b", "unmatched brace in URL position 10")]
    [InlineData("http://a/b}", "unmatched close brace/bracket in URL position 11")]
    [InlineData("http://a/b]", "unmatched close brace/bracket in URL position 11")]
    [InlineData("http://a/{}", "empty string within braces in URL position 10")]
    [InlineData("http://a/{b,{c}}", "nested brace in URL position 13")]
    [InlineData("http://a/{b[1-2]}", "nested brace in URL position 12")]
    [InlineData("http://a/{b]}", "unexpected close bracket in URL position 12")]
    [InlineData("http://a/[1-3", "unmatched bracket in URL position 10")]
    [InlineData("http://a/[b]", "bad range in URL position 10")]
    [InlineData("http://a/[b-]", "bad range in URL position 10")]
    [InlineData("http://a/[3-1]", "bad range in URL position 10")]
    [InlineData("http://a/[c-a]", "bad range in URL position 10")]
    [InlineData("http://a/[A-z]", "bad range in URL position 10")]
    [InlineData("http://a/[a-3]", "bad range in URL position 10")]
    [InlineData("http://a/[1-3:0]", "bad range in URL position 10")]
    [InlineData("http://a/[1-3:9]", "bad range in URL position 10")]
    [InlineData("http://a/[1-3:x]", "bad range in URL position 10")]
    [InlineData("http://a/[-1-3]", "bad range in URL position 10")]
    [InlineData("http://a/[1-99999999999999999999]", "bad range in URL position 10")]
    [InlineData("http://a/[1-999999999999][1-999999999999]", "range overflow: the URL stands for too many")]
    public void What_is_no_pattern_is_said_with_its_place(string pattern, string problem) =>
        Should.Throw<FormatException>(() => UrlGlob.Parse(pattern)).Message.ShouldStartWith(problem);

    [Fact]
    public void Any_text_is_a_pattern_or_refused_and_what_is_written_fits() => Gen.String[Gen.Char["ab19{}[]-:,\\"], 0, 20].Sample(text =>
    {
        try
        {
            var glob = UrlGlob.Parse(text);
            foreach (var number in new[] { 0, glob.Count / 2, glob.Count - 1 })
            {
                glob.Write(number, new byte[glob.MaxLength]).ShouldBeLessThanOrEqualTo(glob.MaxLength);
            }
        }
        catch (FormatException e)
        {
            e.Message.ShouldNotBeEmpty();
        }
    });

    [Fact]
    public void A_list_has_the_URLs_in_place_of_the_pattern()
    {
        using var source = UrlSource.Open(["http://a/", "http://b/[1-2]", "http://c/{x"], count: 2, options: new ListOptions(Globs: true));

        source.Total.ShouldBe(8);
        var items = source.TakeAll();
        items.Select(item => (item.Index, item.Text)).ShouldBe(
        [
            (0, "http://a/"), (1, "http://b/1"), (2, "http://b/2"), (3, "http://c/{x"),
            (4, "http://a/"), (5, "http://b/1"), (6, "http://b/2"), (7, "http://c/{x"),
        ]);
        items.ShouldAllBe(item => item.Origin == "argument" && item.Line == 0);
        items[3].Problem.ShouldBe("unmatched brace in URL position 10; with -g the URL is taken as it stands");
    }

    [Fact]
    public void Without_globs_a_URL_is_taken_as_it_stands()
    {
        using var source = UrlSource.Open(["http://a/{b,c}[1-2]"]);
        source.TakeAll().Select(item => (item.Text, item.Problem)).ShouldBe([("http://a/{b,c}[1-2]", null)]);
    }

    [Fact]
    public void A_pattern_in_a_file_is_none()
    {
        using var source = UrlSource.Open(["-"], openStandardInput: () => new MemoryStream("http://a/{b,c}\n"u8.ToArray()), options: new ListOptions(Globs: true));
        source.TakeAll().ShouldHaveSingleItem().Text.ShouldBe("http://a/{b,c}");
    }

    [Fact]
    public void A_pattern_for_more_URLs_than_memory_holds_is_streamed()
    {
        using var source = UrlSource.Open(["http://a/[1-1000000000][a-z]"], count: 3, options: new ListOptions(Globs: true));

        source.Total.ShouldBe(78_000_000_000);
        for (var i = 0; i < 100_000; i++)
        {
            var item = source.TakeNext().ShouldNotBeNull();
            item.Text.ShouldBe($"http://a/{(i / 26) + 1}{(char)('a' + (i % 26))}");
        }
    }

    [Fact]
    public void Rounds_of_a_streamed_pattern_are_all_whole()
    {
        using var source = UrlSource.Open(["http://a/[1-5000]"], count: 2, options: new ListOptions(Globs: true));
        source.TakeAll().Select(item => item.Text).ShouldBe(
            [.. Enumerable.Range(0, 10_000).Select(i => $"http://a/{(i % 5000) + 1}")]);
    }

    private static string[] Expand(UrlGlob glob)
    {
        Debug.Assert(glob.Count < 1000);
        var url = new byte[glob.MaxLength];
        return [.. Enumerable.Range(0, (int)glob.Count).Select(number => Encoding.UTF8.GetString(url, 0, glob.Write(number, url)))];
    }
}
