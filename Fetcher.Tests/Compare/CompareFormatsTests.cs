using System.Text.Json;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Tests.Compare;

public sealed class CompareFormatsTests
{
    private static readonly ComparisonResult Single = CompareSample.Result(CompareSample.Point());
    private static readonly ComparisonResult Swept = CompareSample.Result(CompareSample.Point(10), CompareSample.Point(100));

    [Fact]
    public void Modes_that_spoke_different_versions_of_HTTP_or_shared_other_connections_are_told()
    {
        NotesOf(("1.1", 64), ("1.1", 1)).ShouldBeEmpty();
        NotesOf(("2", 1), ("2", 1)).ShouldBeEmpty();
        NotesOf(("1.1", 64), ("2", 1)).ShouldBe(
            ["async spoke HTTP/1.1 over 64 connections, poll HTTP/2 over 1 connection: that is no difference in how they wait"]);
        NotesOf(("2", 1), ("2", 8)).ShouldBe(
            ["async spoke HTTP/2 over 1 connection, poll HTTP/2 over 8 connections: that is no difference in how they wait"]);

        static IEnumerable<string> NotesOf((string Version, int Connections) first, (string Version, int Connections) other)
        {
            var sample = Sample("async", null, first);
            return CompareText.Notes(CompareSample.Result(new ComparisonPoint(null, [sample, Sample("poll", sample, other)])));
        }

        static ModeSample Sample(string name, ModeSample? first, (string Version, int Connections) of) =>
            CompareSample.Mode(name, first, [1], wall => CompareSample.Round(wall) with { HttpVersions = [of.Version], Connections = of.Connections });
    }

    [Fact]
    public void Json_has_every_round_and_what_follows_from_them()
    {
        using var json = JsonDocument.Parse(CompareSample.Written(CompareJson.Write, Single));
        var root = json.RootElement;

        root.GetProperty("run").GetProperty("network").GetString().ShouldBe("lab");
        root.GetProperty("modes").EnumerateArray().Select(mode => mode.GetString()).ShouldBe(["blocking-read", "async"]);
        root.GetProperty("conclusions").EnumerateArray().Single().GetString().ShouldBe(Conclusions.Of(Single).Single());
        var comparison = root.GetProperty("comparisons").EnumerateArray().Single();
        comparison.GetProperty("value").ValueKind.ShouldBe(JsonValueKind.Null);
        var async = comparison.GetProperty("modes").EnumerateArray().Last();
        async.GetProperty("rounds").EnumerateArray().Select(round => round.GetProperty("wall").GetDouble())
            .ShouldBe(CompareSample.Around(1));
        var wall = async.GetProperty("figures").GetProperty("wall");
        wall.GetProperty("median").GetDouble().ShouldBe(1);
        wall.GetProperty("ratio").GetProperty("value").GetDouble().ShouldBe(0.1, 1e-9);
        wall.GetProperty("ratio").GetProperty("low").GetDouble().ShouldBeLessThanOrEqualTo(0.1 + 1e-9);
        async.GetProperty("syscalls_per_url").GetProperty("sendto").GetDouble().ShouldBe(1);
    }

    [Fact]
    public void Json_of_the_first_mode_has_no_ratios()
    {
        using var json = JsonDocument.Parse(CompareSample.Written(CompareJson.Write, Single));

        var first = json.RootElement.GetProperty("comparisons")[0].GetProperty("modes")[0];
        first.GetProperty("figures").GetProperty("wall").GetProperty("ratio").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public void A_lost_round_is_in_the_reports_with_its_problem()
    {
        var first = CompareSample.Mode("async", null, CompareSample.Around(1));
        var result = CompareSample.Result(new ComparisonPoint(null, [first, CompareSample.Lost("select", first, 5, "it <cannot>")]));

        using var json = JsonDocument.Parse(CompareSample.Written(CompareJson.Write, result));
        var select = json.RootElement.GetProperty("comparisons")[0].GetProperty("modes")[1];
        select.GetProperty("rounds")[4].GetProperty("problem").GetString().ShouldBe("it <cannot>");
        CompareSample.Written(CompareMarkdown.Write, result).ShouldContain("select lost 5 rounds of 5: it \\<cannot\\>");
        CompareSample.Written(CompareHtml.Write, result).ShouldContain("select lost 5 rounds of 5: it &lt;cannot&gt;");
        result.AllFetched.ShouldBeFalse();
    }

    [Fact]
    public void Ndjson_has_a_line_a_round_with_the_value_of_the_sweep()
    {
        var text = CompareSample.Written(CompareJson.WriteRounds, Swept).TrimEnd('\n');
        var lines = text.Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToArray();

        lines.Length.ShouldBe(2 * 2 * 5);
        lines[^1].GetProperty("value").GetDouble().ShouldBe(100);
        lines[^1].GetProperty("mode").GetString().ShouldBe("async");
        lines[^1].GetProperty("round").GetInt32().ShouldBe(5);
        lines[^1].GetProperty("syscalls").GetProperty("sendto").GetInt64().ShouldBe(100);
    }

    [Fact]
    public void Csv_has_a_line_a_mode_and_value_with_as_many_fields_as_the_header()
    {
        var lines = CompareSample.Written(CompareCsv.Write, Swept).TrimEnd('\n').Split('\n').Select(line => line.Split(',')).ToArray();

        lines.Length.ShouldBe(1 + (2 * 2));
        lines.ShouldAllBe(line => line.Length == lines[0].Length);
        lines[0].Take(6).ShouldBe(["concurrency", "mode", "rounds", "rounds_lost", "urls_failed", "wall_median"]);
        lines[2].Take(6).ShouldBe(["10", "async", "5", "0", "0", "1"]);
        lines[2][Array.IndexOf(lines[0], "wall_ratio")].ShouldBe("0.1");
        lines[1][Array.IndexOf(lines[0], "wall_ratio")].ShouldBe("");
    }

    [Fact]
    public void Markdown_leads_with_what_is_shown_and_all_rows_of_a_table_have_as_many_cells()
    {
        var lines = CompareSample.Written(CompareMarkdown.Write, Swept).Split('\n');

        lines.First(line => line.StartsWith("**", StringComparison.Ordinal))
            .ShouldContain("blocking-read took 10.0 times as long as async");
        lines.ShouldContain("## concurrency 100");
        foreach (var table in string.Join('\n', lines).Split("\n\n").Where(part => part.StartsWith('|')))
        {
            table.Split('\n').Select(row => row.Count(c => c == '|')).Distinct().Count().ShouldBe(1);
        }
    }

    [Theory]
    [InlineData("x.json", "{\"run\"")]
    [InlineData("x.NDJSON", "{\"value\"")]
    [InlineData("x.md", "# fetcher compare")]
    [InlineData("x.csv", "value,mode")]
    [InlineData("x.html", "<!DOCTYPE html>")]
    public void The_extension_says_the_format(string path, string start) =>
        CompareSample.Written(CompareFormats.ForFile(path), Single).ShouldStartWith(start);
}
