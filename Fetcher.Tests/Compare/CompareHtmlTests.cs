using System.Xml.Linq;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Tests.Reports;

namespace Fetcher.Tests.Compare;

public sealed class CompareHtmlTests
{
    private static readonly ComparisonResult Single = CompareSample.Result(CompareSample.Point());

    [Fact]
    public void A_reader_with_a_keyboard_or_a_screen_reader_gets_all_of_it()
    {
        PageCheck.Problems(Page(CompareSample.Result(CompareSample.Point()))).ShouldBeEmpty();
        PageCheck.Problems(Page(CompareSample.Result(CompareSample.Point(1), CompareSample.Point(10)))).ShouldBeEmpty();
    }

    [Fact]
    public void Names_at_the_ends_of_curves_stay_beside_the_plot_and_apart()
    {
        string[] modes = ["async", "io-uring", "poll", "select", "busy-wait", "blocking-read", "threads", "sequential", "httpclient"];
        ComparisonPoint Point(double value)
        {
            var first = CompareSample.Mode(modes[0], null, [1, 1, 1]);
            return new ComparisonPoint(value, [first, .. modes.Skip(1).Select((mode, i) => CompareSample.Mode(mode, first, [1, 1, i == 0 ? 9 : 1]))]);
        }

        var names = Page(CompareSample.Result(Point(1), Point(2))).Descendants("text").Where(text => ((string?)text.Attribute("class"))?.StartsWith("curve-name", StringComparison.Ordinal) == true)
            .Take(modes.Length).Select(text => double.Parse(((string)text.Attribute("y")!).TrimEnd('%'), System.Globalization.CultureInfo.InvariantCulture)).ToArray();

        names.Length.ShouldBe(modes.Length);
        names.ShouldAllBe(down => down <= 100);
        names.Zip(names.Skip(1)).ShouldAllBe(pair => pair.Second - pair.First > 5);
    }

    [Fact]
    public void The_page_is_well_formed_and_leads_with_what_is_shown() =>
        Page(Single).Descendants("h1").Single().Value.ShouldBe(Conclusions.Of(Single).Single());

    [Fact]
    public void The_page_loads_nothing_and_runs_its_own_script_alone()
    {
        var page = Page(Single);

        page.Descendants().Select(element => element.Name.LocalName).Intersect(["link", "img", "iframe", "object"]).ShouldBeEmpty();
        page.Descendants("script").Single().Attributes().ShouldBeEmpty();
        page.Descendants().Attributes().ShouldNotContain(attribute => attribute.Name == "src" || attribute.Name == "href");
        page.Descendants("style").Single().Value.ShouldNotContain("url(http");
    }

    [Fact]
    public void What_a_URL_contains_is_only_text()
    {
        var page = Page(Single);

        page.Descendants("title").Count(title => Starts(title, "transfer 0: http://a/?x=<script>&y=1\n")).ShouldBe(2);
    }

    [Fact]
    public void Both_waterfalls_have_the_same_axis_and_a_row_a_transfer()
    {
        var panels = Panels(Single);

        panels.Length.ShouldBe(2);
        panels.Select(Ticks).Distinct().Count().ShouldBe(1);
        panels.ShouldAllBe(panel => panel.Descendants("title").Count(title => Starts(title, "transfer ")) == 2);
    }

    [Fact]
    public void A_stretch_in_a_blocking_read_is_hatched_at_its_place_in_time()
    {
        // Drawn is the round of 10 s, and of it the stretch from 110 to 140 ms.
        var hatched = Page(Single).Descendants("figure").First().Descendants("rect")
            .Where(rect => (string?)rect.Attribute("fill") == "url(#hatch-blocking-read)");

        hatched.ShouldContain(rect => (string)rect.Attribute("x")! == "1.1%" && (string)rect.Attribute("width")! == "0.3%");
    }

    [Fact]
    public void A_stall_is_hatched_with_a_line_to_the_row_of_its_blocker_in_both_drawings()
    {
        foreach (var panel in Panels(Single))
        {
            panel.Descendants("rect").Count(rect => ((string?)rect.Attribute("fill"))?.StartsWith("url(#stall-", StringComparison.Ordinal) == true).ShouldBe(2);
            panel.Descendants("line").Count(line => (string)line.Attribute("class")! == "behind").ShouldBe(2);
            panel.Descendants("title").ShouldContain(title => title.Value == "waited at most 40.0 ms for its loop, behind: blocking read of transfer 1");
        }
    }

    [Fact]
    public void Blockers_and_the_loops_time_are_tables()
    {
        var rows = Page(Single).Descendants("tr").Select(row => string.Join(' ', row.Elements().Select(cell => cell.Value))).ToArray();

        rows.ShouldContain("blocking read of transfer 1 30.0 ms 1 90.0 ms");
        rows.ShouldContain("blocked 300 ms 33 % 300 ms 33 %");
    }

    [Fact]
    public void That_a_mode_cannot_be_watched_is_said_where_others_are()
    {
        const string Words = "httpclient waits in .NET's own ways and cannot be watched";
        var unwatched = CompareSample.Mode("httpclient", null, [1, 1, 1], wall => CompareSample.Round(wall) with { Stalls = null });
        var watched = CompareSample.Mode("async", unwatched, [1, 1, 1]);

        CompareSample.Written(CompareHtml.Write, CompareSample.Result(new ComparisonPoint(null, [unwatched, watched]))).ShouldContain(System.Net.WebUtility.HtmlEncode(Words));
        CompareSample.Written(CompareHtml.Write, CompareSample.Result(new ComparisonPoint(null, [unwatched]))).ShouldNotContain("cannot be watched");
    }

    [Fact]
    public void A_sweep_is_drawn_as_curves_on_a_logarithmic_axis()
    {
        var page = Page(CompareSample.Result(CompareSample.Point(10), CompareSample.Point(100), CompareSample.Point(1000)));
        var points = page.Descendants("circle").Where(circle => (string)circle.Attribute("class")! == "point").ToArray();

        points.Take(3).Select(point => (string)point.Attribute("cx")!).ShouldBe(["0%", "50%", "100%"]);
        page.Descendants("details").Count().ShouldBe(3);
    }

    [Fact]
    public void Every_number_in_the_drawings_is_one()
    {
        var result = CompareSample.Result(
            CompareSample.Point(0),
            CompareSample.Point(5),
            new ComparisonPoint(100, [CompareSample.Lost("blocking-read", null, 5, "no"), CompareSample.Lost("async", null, 5, "no")]));

        var page = CompareSample.Written(CompareHtml.Write, result);

        page.ShouldNotContain("NaN");
        page.ShouldNotContain("Infinity");
        page.ShouldNotContain("\u221e");
    }

    [Fact]
    public void A_comparison_in_which_nothing_was_measured_still_makes_a_page()
    {
        var result = CompareSample.Result(new ComparisonPoint(null, [new ModeSample("async", [], null)]));

        Page(result).Descendants("h1").Single().Value.ShouldBe("async");
    }

    private static bool Starts(XElement element, string text) => element.Value.StartsWith(text, StringComparison.Ordinal);

    private static XElement[] Panels(ComparisonResult result) =>
        [.. Page(result).Descendants("figure").Where(figure => figure.Descendants("svg").Any())];

    private static string Ticks(XElement panel) =>
        string.Join(' ', panel.Descendants("text").Select(tick => $"{tick.Value}@{(string)tick.Attribute("x")!}"));

    private static XDocument Page(ComparisonResult result) => PageCheck.Load(CompareSample.Written(CompareHtml.Write, result));
}
