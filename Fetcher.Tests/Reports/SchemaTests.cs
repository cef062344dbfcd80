using System.Text.Json.Nodes;
using Fetcher.Core;
using Fetcher.Core.Reports;

namespace Fetcher.Tests.Reports;

/// <summary>Holds the reports and docs/schema/fetcher-report.schema.json together.</summary>
public sealed class SchemaTests
{
    private const string SchemaName = "fetcher-report.schema.json";
    private const string ResultDefinition = "#/$defs/result";

    [Fact]
    public void A_report_of_everything_is_as_the_schema_says()
    {
        var different = NdjsonReportTests.EveryFieldDifferent();
        different.Sha256 = new string('a', 64);
        FetchResult[] results = [Sample.Result(), different, .. Enum.GetValues<FetchErrorKind>().Select(kind => Sample.Failed(kind: kind))];
        Problems(Sample.WriteAll(new JsonReport(), Sample.Run("lab"), results), "#").ShouldBeEmpty();
    }

    [Fact]
    public void A_report_of_a_watched_run_is_as_the_schema_says()
    {
        var results = WatchedSample.Results();
        results[1].StallBlocker = new StallBlocker(0, "blocking read", 99);
        Problems(WatchedSample.Write(new JsonReport(), results), "#").ShouldBeEmpty();
    }

    [Fact]
    public void A_report_without_results_is_as_the_schema_says() =>
        Problems(Sample.WriteAll(new JsonReport(), Sample.Run()), "#").ShouldBeEmpty();

    [Fact]
    public void A_report_with_every_option_is_as_the_schema_says()
    {
        var run = Sample.Run() with
        {
            Options = new FetchOptions
            {
                Headers = [new("A", "b")],
                MaxTime = TimeSpan.FromSeconds(1),
                RetryDelay = TimeSpan.FromSeconds(1),
                RetryMaxTime = TimeSpan.FromSeconds(1),
                AddressFamily = AddressFamilyChoice.IPv4Only,
            },
        };
        Problems(Sample.WriteAll(new JsonReport(), run), "#").ShouldBeEmpty();
    }

    [Fact]
    public void A_line_of_ndjson_is_as_the_schema_says() =>
        Problems(Sample.Write(new NdjsonReport(), Sample.Result()), ResultDefinition).ShouldBeEmpty();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_line_with_an_id_is_as_the_schema_says(bool isNumber)
    {
        var result = Sample.Result();
        result.Id = new UrlId("7", isNumber);
        Problems(Sample.Write(new NdjsonReport(), result), ResultDefinition).ShouldBeEmpty();
    }

    [Fact]
    public void The_schema_names_every_kind_of_error()
    {
        var kinds = SchemaCheck.Read(SchemaName).GetProperty("$defs").GetProperty("errorKind").GetProperty("enum").EnumerateArray();
        kinds.Select(kind => kind.GetString()).ShouldBe(Enum.GetValues<FetchErrorKind>().Select(FetchError.NameOf));
    }

    [Theory]
    [InlineData("index", -1)]
    [InlineData("index", "0")]
    [InlineData("status", 1000)]
    [InlineData("ok", null)]
    [InlineData("error", "oops")]
    [InlineData("sha256", "ABC")]
    [InlineData("unheard_of", 1)]
    public void A_wrong_value_is_found(string key, object? value)
    {
        var line = JsonNode.Parse(Sample.Write(new NdjsonReport(), Sample.Result()))!.AsObject();
        line[key] = value switch { int number => number, string text => text, _ => null };
        Problems(line.ToJsonString(), ResultDefinition).Count.ShouldBe(1);
    }

    [Fact]
    public void A_missing_key_is_found()
    {
        var line = JsonNode.Parse(Sample.Write(new NdjsonReport(), Sample.Result()))!.AsObject();
        line.Remove("loop");
        Problems(line.ToJsonString(), ResultDefinition).Count.ShouldBe(1);
    }

    /// <summary>What is wrong with a line of ndjson.</summary>
    internal static IReadOnlyList<string> ProblemsOfLine(string line) => Problems(line, ResultDefinition);

    /// <summary>What is wrong with a JSON report.</summary>
    internal static IReadOnlyList<string> ProblemsOfReport(string report) => Problems(report, "#");

    private static IReadOnlyList<string> Problems(string json, string definition) => SchemaCheck.Problems(SchemaName, json, definition);
}
