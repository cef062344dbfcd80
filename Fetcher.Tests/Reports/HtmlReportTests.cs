using System.Xml.Linq;
using Fetcher.Core;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing;

namespace Fetcher.Tests.Reports;

public sealed class HtmlReportTests
{
    [Fact]
    public void The_page_leads_with_what_came_of_the_URLs() =>
        Page(Sample.Result(), Sample.Result(1), Sample.Failed(2)).Descendants("h1").Single().Value
            .ShouldBe("2 of 3 URLs fetched in 2.000 s, 1 failed");

    [Fact]
    public void The_page_loads_nothing_and_runs_its_own_script_alone()
    {
        var page = Page(Sample.Result(), Sample.Failed(1));

        page.Descendants().Select(element => element.Name.LocalName).Intersect(["link", "img", "iframe", "object"]).ShouldBeEmpty();
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(HtmlScript.Text)));
        page.Descendants("meta").Attributes("content").ShouldContain(content => content.Value.EndsWith($"script-src 'sha256-{hash}'", StringComparison.Ordinal));
        Sample.WriteAll(new HtmlReport(), Sample.Run()).ShouldContain($"<script>{HtmlScript.Text}</script>");
        page.Descendants().Attributes().ShouldNotContain(attribute => attribute.Name == "src" || attribute.Name == "href");
    }

    [Fact]
    public void Every_transfer_of_a_short_run_has_a_row_and_a_name()
    {
        var page = Page(Sample.Result(0, "http://a/1"), Sample.Result(1, "http://a/2"));

        page.Descendants("title").Count(title => title.Value.Contains(": http://a/", StringComparison.Ordinal)).ShouldBe(2);
        page.Descendants("div").Single(Is("rows")).Elements("span").Select(name => name.Value).ShouldBe(["0 a/1", "1 a/2"]);
        page.Descendants("figcaption").Single().Value.ShouldStartWith("Every transfer");
    }

    [Fact]
    public void A_phase_is_drawn_at_its_place_in_time()
    {
        // Waiting from 2 to 103 ms of a run of 2 s, which begins at 0.123 ms.
        var wait = Page(Sample.Result()).Descendants("rect").Single(Is("p-wait"));

        ((string)wait.Attribute("x")!).ShouldBe("0.106%");
        ((string)wait.Attribute("width")!).ShouldBe("5.05%");
    }

    [Fact]
    public void A_long_run_is_drawn_in_part_and_says_so()
    {
        var page = Page([.. Enumerable.Range(0, 1000).Select(i => Sample.Result(i))]);

        page.Descendants("figcaption").Single().Value.ShouldBe("The 100 slowest of 1,000 transfers, and 150 of the others, chosen evenly, in the order they were due");
        page.Descendants("title").Count(title => title.Value.Contains(": http://a/", StringComparison.Ordinal)).ShouldBe(250);
    }

    [Fact]
    public void A_long_run_shows_its_course_and_its_times()
    {
        var results = Enumerable.Range(0, 1000).Select(i => Sample.Result(i)).Append(Sample.Failed(1000)).ToArray();
        var page = Page(results);

        page.Descendants("h2").Select(title => title.Value).ShouldContain("The whole run");
        page.Descendants("title").ShouldContain(title => title.Value.EndsWith("1,000 ok, 0 failed", StringComparison.Ordinal));
        page.Descendants("title").ShouldContain(title => title.Value.EndsWith(": 1,000 transfers", StringComparison.Ordinal));
        Page([.. results.Take(10)]).Descendants("h2").Select(title => title.Value).ShouldNotContain("The whole run");
    }

    [Fact]
    public void A_run_of_some_seconds_whose_transfers_all_have_rows_shows_these_first()
    {
        var results = Enumerable.Range(0, 10).Select(i => Sample.Result(i)).ToArray();
        foreach (var (i, result) in results.Index())
        {
            result.Start = i * 1_000_000_000L;
        }

        var titles = Page(results).Descendants("h2").Select(title => title.Value).ToList();

        titles.IndexOf("Transfers").ShouldBeInRange(0, titles.IndexOf("The whole run"));
    }

    [Fact]
    public void The_slowest_of_a_run_whose_transfers_would_be_specks_begin_at_the_left()
    {
        var results = Enumerable.Range(0, 1000).Select(i => Sample.Result(i, $"http://a/{i}")).ToArray();
        foreach (var result in results)
        {
            (result.Start, result.TimeTotal) = (result.Index * Sample.Millisecond, (10 + (result.Index % 7)) * Sample.Millisecond);
        }

        var page = Page(results);

        page.Descendants("figcaption").Single().Value.ShouldBe("The 40 slowest of 1,000 transfers, each from its own start");
        page.Descendants("g").Where(row => row.Attribute("data-row") is not null)
            .Select(row => row.Elements("rect").First()).Select(rect => (string?)rect.Attribute("x")).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public void A_reader_with_a_keyboard_or_a_screen_reader_gets_all_of_it() =>
        PageCheck.Problems(Page([.. Enumerable.Range(0, 1000).Select(i => i % 9 == 0 ? Sample.Failed(i) : Sample.Result(i))])).ShouldBeEmpty();

    [Fact]
    public void A_run_of_some_seconds_shows_percentiles_over_time()
    {
        var last = Sample.Result(1);
        last.Start = 5_000_000_000;
        var page = Page(Sample.Result(), last);

        page.Descendants("h3").Select(title => title.Value).ShouldContain("p50 and p99, each second at most 301 ms");
        page.Descendants("title").Select(title => title.Value).ShouldContain(title => title.EndsWith(": p50 301 ms, p99 301 ms", StringComparison.Ordinal));
    }

    [Fact]
    public void Failures_stand_above_the_transfers()
    {
        var titles = Page(Sample.Result(), Sample.Failed(1)).Descendants("h2").Select(title => title.Value).ToList();

        titles.IndexOf("Failures").ShouldBeLessThan(titles.IndexOf("Transfers"));
    }

    [Fact]
    public void What_came_from_outside_is_only_text()
    {
        var page = Page(
            Sample.Result(0, "http://a/?x=<script>alert(1)</script>&y=\"1\""),
            Sample.Failed(1, "http://b/<b>", message: "<img src=x onerror=alert(1)>\u001b[2J"));

        page.Descendants("script").Single().Value.ShouldNotContain("alert");
        page.Descendants("img").ShouldBeEmpty();
        page.Descendants("td").ShouldContain(cell => cell.Value == @"<img src=x onerror=alert(1)>\u{1b}[2J");
    }

    [Fact]
    public void A_run_without_results_makes_a_page() => Page().Descendants("h1").Single().Value.ShouldBe("0 URLs fetched in 2.000 s");

    [Fact]
    public void Every_number_in_the_drawing_is_one()
    {
        var text = Sample.WriteAll(new HtmlReport(), Sample.Run(), Sample.Failed(0, kind: FetchErrorKind.Dns), Sample.Failed(1, kind: FetchErrorKind.BadUrl));

        text.ShouldNotContain("NaN");
        text.ShouldNotContain("Infinity");
        text.ShouldNotContain("\u221e");
    }

    [Fact]
    public void A_stall_is_hatched_with_a_line_to_the_row_of_its_blocker()
    {
        var page = PageCheck.Load(WatchedSample.Write(new HtmlReport(), WatchedSample.Results()));

        var stall = page.Descendants("rect").Single(rect => (string?)rect.Attribute("fill") == "url(#stall-run)");
        ((string)stall.Attribute("x")!).ShouldBe("5.05%");
        ((string)stall.Attribute("width")!).ShouldBe("4.95%");
        stall.Parent!.Element("title")!.Value.ShouldBe("waited 99.0 ms for its loop, behind: blocking read of transfer 0");
        var line = page.Descendants("line").Single(Is("behind"));
        ((string)line.Attribute("x1")!).ShouldBe("5.05%");
        Middle(page, "http://b/").ShouldBe((double)line.Attribute("y1")!);
        Middle(page, "http://a/").ShouldBe((double)line.Attribute("y2")!);
    }

    [Fact]
    public void A_loop_has_a_lane_of_what_it_ran()
    {
        var lane = PageCheck.Load(WatchedSample.Write(new HtmlReport(), WatchedSample.Results())).Descendants("g")
            .Single(group => group.Element("title")?.Value == "loop 0");

        lane.Elements("rect").ShouldContain(rect => (string?)rect.Attribute("fill") == "url(#hatch-run)" && (string)rect.Attribute("x")! == "5%");
    }

    [Fact]
    public void Workers_are_lanes_on_one_time_line()
    {
        FetchResult Of(string worker, long index, long start, bool ok = true)
        {
            var result = ok ? Sample.Result(index) : Sample.Failed(index);
            (result.Worker, result.Start, result.TimeTotal) = (worker, start * Sample.Millisecond, 50 * Sample.Millisecond);
            return result;
        }

        var page = Page(Of("late", 0, 100), Of("early", 1, 0), Of("early", 2, 0), Of("early", 3, 120, ok: false));

        var figure = page.Descendants("figure").Single(Is("mode-async lanes"));
        figure.Element("figcaption")!.Value.ShouldBe("Transfers in flight at each worker, at most 2.0 at once, on the time line of the job");
        figure.Elements("p").Select(name => name.Value).ShouldBe(["early 3 URLs, 1 failed, from 0 s to 170 ms", "late 1 URL, from 100 ms to 150 ms"]);

        // A step is a millisecond: both of the first are in flight for 50 of the 170, then nothing until one more begins.
        var lanes = figure.Elements("svg").Select(svg => (string)svg.Element("path")!.Attribute("d")!).ToArray();
        lanes[0].Split(" V")[1..51].ShouldAllBe(step => step.StartsWith("0 H", StringComparison.Ordinal));
        lanes[0].Split(" V")[51..121].ShouldAllBe(step => step.StartsWith("30 H", StringComparison.Ordinal));
        lanes[0].Split(" V")[121..171].ShouldAllBe(step => step.StartsWith("15 H", StringComparison.Ordinal));
        lanes[1].Split(" V")[101].ShouldBe("15 H101");
        ((string)figure.Descendants("rect").Single(Is("failed")).Attribute("x")!).ShouldBe("169");
        Page(Sample.Result()).Descendants("h2").Select(title => title.Value).ShouldNotContain("Workers");
    }

    [Fact]
    public void Lanes_of_a_long_job_keep_their_proportions()
    {
        var course = new WorkerCourse();
        for (var second = 0; second < 1000; second++)
        {
            var result = Sample.Result(second);
            (result.Worker, result.Start, result.TimeTotal) = ("w", second * 1000 * Sample.Millisecond, 500 * Sample.Millisecond);
            course.Add(result);
        }

        var lane = course.Lanes.ShouldHaveSingleItem();
        lane.Busy.Sum().ShouldBe(1000 * 500 * Sample.Millisecond);
        lane.Busy.Take((int)(course.End / course.Step)).ShouldAllBe(busy => busy * 10 >= course.Step * 4 && busy * 10 <= course.Step * 6);
    }

    private static double Middle(XDocument page, string url)
    {
        var phase = page.Descendants("title").Single(title => title.Value.Contains(": " + url, StringComparison.Ordinal)).Parent!.Element("rect")!;
        return (double)phase.Attribute("y")! + ((double)phase.Attribute("height")! / 2);
    }

    private static Func<XElement, bool> Is(string look) => element => (string?)element.Attribute("class") == look;

    private static XDocument Page(params FetchResult[] results) => PageCheck.Load(Sample.WriteAll(new HtmlReport(), Sample.Run(), results));
}
