using System.Text;
using Fetcher.Lab;

namespace Fetcher.Tests.Lab;

public class LabPageTests
{
    [Fact]
    public void A_host_is_the_same_in_every_process()
    {
        var page = LabPage.For("a.com");

        (page.Size, page.Delay.TotalMilliseconds, page.Duration.TotalMilliseconds, page.Rate).ShouldBe((864_596, 27, 318, 2_718_855));
    }

    [Fact]
    public void Upper_case_makes_no_other_host() => LabPage.For("A.Com").ShouldBe(LabPage.For("a.com"));

    [Fact]
    public void Hosts_lie_within_the_stated_ranges_and_differ()
    {
        var pages = Enumerable.Range(0, 1000).Select(i => LabPage.For($"host{i}.example")).ToList();

        pages.ShouldAllBe(page => page.Size >= 512 << 10 && page.Size <= 3 << 20);
        pages.ShouldAllBe(page => page.Delay >= TimeSpan.FromMilliseconds(20) && page.Delay <= TimeSpan.FromMilliseconds(120));
        pages.ShouldAllBe(page => page.Size / (double)page.Rate >= 0.199 && page.Size / (double)page.Rate <= 0.601);
        pages.Select(page => page.Size).Distinct().Count().ShouldBeGreaterThan(900);
        pages.Select(page => page.Delay).Distinct().Count().ShouldBe(101);
    }

    [Fact]
    public void A_page_is_html_that_names_its_host()
    {
        var text = Text(LabPage.For("a.com").Content(200_000));

        text.Length.ShouldBe(200_000);
        text.ShouldStartWith("<!DOCTYPE html>\n");
        text.ShouldContain("<h1>a.com</h1>");
        text.ShouldEndWith("</html>\n");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(170)]
    [InlineData(5000)]
    public void A_page_has_any_length_asked_for(int length) => Text(LabPage.For("a.com").Content(length)).Length.ShouldBe(length);

    [Fact]
    public void Content_is_the_same_from_any_offset()
    {
        var content = LabPage.For("a.com").Content(250_000);
        var whole = new byte[content.Length];
        content.CopyTo(0, whole);

        for (var offset = 0; offset < whole.Length; offset += 997)
        {
            var piece = content.At(offset, 700).Span;
            piece.Length.ShouldBeInRange(1, 700);
            piece.SequenceEqual(whole.AsSpan(offset, piece.Length)).ShouldBeTrue();
        }
    }

    [Fact]
    public void Another_seed_gives_other_bytes()
    {
        var one = new byte[1000];
        var two = new byte[1000];
        LabContent.Random(1000, 1).CopyTo(0, one);
        LabContent.Random(1000, 2).CopyTo(0, two);

        one.ShouldNotBe(two);
    }

    private static string Text(LabContent content)
    {
        var bytes = new byte[content.Length];
        content.CopyTo(0, bytes);
        return Encoding.UTF8.GetString(bytes);
    }
}
