using System.Xml.Linq;
using Fetcher.Core.Reports;
using Fetcher.Tests.Compare;

namespace Fetcher.Tests.Reports;

public sealed class SvgTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public static TheoryData<string> Pictures =>
    [
        WatchedSample.Write(new SvgReport(), WatchedSample.Results()),
        Sample.WriteAll(new SvgReport(), Sample.Run(), Sample.Result(0, "http://a/<script>"), Sample.Failed(1)),
        Sample.WriteAll(new SvgReport(), Sample.Run()),
        CompareSample.Written(CompareSvg.Write, CompareSample.Result(CompareSample.Point())),
        CompareSample.Written(CompareSvg.Write, CompareSample.Result(CompareSample.Point(10), CompareSample.Point(1000))),
    ];

    [Theory]
    [MemberData(nameof(Pictures))]
    public void A_picture_is_whole_loads_nothing_and_is_light_or_dark(string picture)
    {
        var root = XDocument.Parse(picture).Root!;

        root.Name.ShouldBe(Svg + "svg");
        root.Descendants(Svg + "script").ShouldBeEmpty();
        picture.ShouldContain("prefers-color-scheme: dark");
        root.DescendantsAndSelf().Attributes().Where(each => each.Name.LocalName is "href" or "src").ShouldBeEmpty();
        root.Descendants().Attributes("fill").Select(fill => fill.Value).Where(fill => fill.StartsWith("url(#", StringComparison.Ordinal)).Distinct()
            .ShouldAllBe(fill => root.Descendants(Svg + "pattern").Any(pattern => fill == $"url(#{pattern.Attribute("id")!.Value})"));
    }

    [Fact]
    public void The_picture_of_a_comparison_says_what_it_shows_and_draws_both_modes()
    {
        var root = XDocument.Parse(CompareSample.Written(CompareSvg.Write, CompareSample.Result(CompareSample.Point()))).Root!;
        var text = string.Join(' ', root.Descendants(Svg + "text").Select(each => each.Value));

        text.ShouldContain("blocking-read took 10.0 times as long as async");
        text.ShouldContain("1.00 s, 0.10 times");
        root.Elements(Svg + "svg").Count().ShouldBe(4);
    }
}
