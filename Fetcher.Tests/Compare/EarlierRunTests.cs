using Fetcher.Compare;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Tests.Reports;
using Fetcher.Tests.Saving;

namespace Fetcher.Tests.Compare;

/// <summary>What was measured another time, read from its report and compared with.</summary>
public sealed class EarlierRunTests : IDisposable
{
    private static readonly ComparisonResult Then = CompareSample.Result(CompareSample.Point());

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_mode_of_a_comparison_comes_back_with_all_its_rounds()
    {
        var earlier = Read(CompareSample.Written(CompareJson.Write, Then), "async");

        earlier.Differences.ShouldBeEmpty();
        earlier.Started.ShouldBe(DateTimeOffset.UnixEpoch);
        foreach (var figure in Figure.All)
        {
            earlier.Sample.SpreadOf(figure).ShouldBe(Then.Points[0].Find("async")!.SpreadOf(figure), figure.Name);
        }
    }

    [Fact]
    public void A_run_is_one_round()
    {
        var json = Sample.WriteAll(new JsonReport(), Sample.Run(), Sample.Result(), Sample.Result(1), Sample.Failed(2));

        var earlier = Read(json, mode: null, Sample.Run() with { Version = "0.2.0" });

        var round = earlier.Sample.Measured.ShouldHaveSingleItem();
        (round.Urls, round.Failed, round.Cost.Wall, round.HttpVersions[0]).ShouldBe((3, 1, TimeSpan.FromSeconds(2), "1.1"));
        (round.TimeTotalP99 / 1e6).ShouldBe(301);
        earlier.Differences.ShouldBe(["version was \"0.1.0\" then and is \"0.2.0\" now"]);
    }

    [Fact]
    public void Other_options_are_told()
    {
        var now = Then.Run with { Options = Then.Run.Options with { Concurrency = 8, Stalls = true }, Count = 3 };

        Read(CompareSample.Written(CompareJson.Write, Then), "blocking-read", now).Differences
            .ShouldBe(["count was 1 then and is 3 now", "concurrency was 64 then and is 8 now"]);
    }

    [Theory]
    [InlineData("{}", null, "is no JSON report")]
    [InlineData("no json", null, "is no JSON report")]
    [InlineData(null, null, "has blocking-read and async: --modes says which, e.g. --modes async")]
    [InlineData(null, "poll", "has blocking-read and async")]
    public void What_cannot_be_compared_with_is_refused(string? json, string? mode, string reason) =>
        Should.Throw<FormatException>(() => Read(json ?? CompareSample.Written(CompareJson.Write, Then), mode)).Message.ShouldContain(reason);

    [Fact]
    public void Rounds_of_another_time_are_not_paired()
    {
        var earlier = new ModeSample(EarlierRun.Name, CompareSample.Mode("x", null, [1, 1.1, 0.9, 1, 1, 1.05, 0.95]).Rounds, null) { IsEarlier = true };
        var now = CompareSample.Mode("async", earlier, [2, 2.1, 1.9, 2]);

        var ratio = now.RatioTo(Figure.Wall)!;

        ratio.Value.ShouldBe(2, 0.001);
        (ratio.Low < 2, ratio.High > 2, ratio.ExcludesOne).ShouldBe((true, true, true));
    }

    [Theory]
    [InlineData(0.0004, false)]
    [InlineData(0.4, true)]
    public void A_figure_below_what_its_clock_can_tell_apart_has_no_ratio_to_another_time_either(double cpu, bool hasRatio)
    {
        var earlier = new ModeSample(EarlierRun.Name, CompareSample.Mode("x", null, [1, 2, 3]).Rounds, null) { IsEarlier = true };
        var now = CompareSample.Mode("async", earlier, [1, 2, 3], wall => CompareSample.Round(wall, cpu));

        (now.RatioTo(Figure.Cpu) is not null).ShouldBe(hasRatio);
        (now.RatioTo(Figure.CpuPerUrl) is not null).ShouldBe(hasRatio);
    }

    [Fact]
    public void Reports_say_what_it_was()
    {
        var result = Against(1.5);

        foreach (var write in (CompareWriter[])[CompareMarkdown.Write, CompareHtml.Write, CompareTable.Write])
        {
            var text = CompareSample.Written(write, result).ReplaceLineEndings(" ");
            text.ShouldContain("earlier is before.json: 5 rounds of 1970-01-01 00:00 UTC");
            text.ShouldContain("concurrency was 1 then");
        }

        CompareSample.Written(CompareJson.Write, result).ShouldContain("\"against\":{\"file\":\"before.json\"");
        CompareText.Problems(result).ShouldBeEmpty();
        result.AllFetched.ShouldBeTrue();
    }

    [Theory]
    [InlineData("ratio>1.1", true)]
    [InlineData("ratio>1.6", false)]
    [InlineData("ratio.time_total_p99>1", false)]
    [InlineData("ratio.cpu<1.1", true)]
    public void A_limit_for_a_ratio_holds_or_not(string text, bool holds)
    {
        var sentences = CompareCondition.Parse(text).Holding(Against(1.5)).ToArray();

        sentences.Length.ShouldBe(holds ? 1 : 0);
        sentences.ShouldAllBe(sentence => sentence.StartsWith($"--fail-if '{text}' holds: ") && sentence.EndsWith(" times that of earlier"));
    }

    [Fact]
    public void What_is_no_such_limit_is_told() =>
        Should.Throw<FormatException>(() => CompareCondition.Parse("wall>1")).Message.ShouldContain("'wall' is no figure; there are ratio (of wall), ratio.wall, ");

    private static ComparisonResult Against(double factor)
    {
        var earlier = new ModeSample(EarlierRun.Name, CompareSample.Mode("x", null, CompareSample.Around(1)).Rounds, null) { IsEarlier = true };
        var result = CompareSample.Result(new ComparisonPoint(null, [earlier, CompareSample.Mode("async", earlier, CompareSample.Around(factor))]));
        return result with { Against = new EarlierRun("before.json", DateTimeOffset.UnixEpoch, earlier, ["concurrency was 1 then and is 64 now"]) };
    }

    private EarlierRun Read(string json, string? mode, RunInfo? now = null)
    {
        File.WriteAllText(_folder["r.json"], json);
        return EarlierRunJson.Read(_folder["r.json"], mode, now ?? Then.Run);
    }
}
