using Fetcher.Core.Reports;

namespace Fetcher.Tests.Reports;

public sealed class ReportFormatsTests
{
    [Theory]
    [InlineData("ndjson", typeof(NdjsonReport))]
    [InlineData("json", typeof(JsonReport))]
    [InlineData("csv", typeof(CsvReport))]
    [InlineData("markdown", typeof(MarkdownReport))]
    [InlineData("html", typeof(HtmlReport))]
    [InlineData("har", typeof(HarReport))]
    [InlineData("trace", typeof(TraceReport))]
    public void A_name_stands_for_a_format(string name, Type type) => ForName(name).ShouldBeOfType(type);

    [Fact]
    public void The_table_comes_from_the_terminal()
    {
        var table = new NdjsonReport();
        ReportFormats.ForName("table", () => table).ShouldBeSameAs(table);
    }

    [Theory]
    [InlineData("out.ndjson", typeof(NdjsonReport))]
    [InlineData("dir.csv/out.json", typeof(JsonReport))]
    [InlineData("OUT.CSV", typeof(CsvReport))]
    [InlineData("a.b.md", typeof(MarkdownReport))]
    [InlineData("out.html", typeof(HtmlReport))]
    [InlineData("out.svg", typeof(SvgReport))]
    [InlineData("out.har", typeof(HarReport))]
    [InlineData("out.hlog", typeof(HdrLogReport))]
    [InlineData("out.trace.json", typeof(TraceReport))]
    public void An_extension_stands_for_a_format(string path, Type type) => ReportFormats.ForFile(path).ShouldBeOfType(type);

    [Fact]
    public void An_unknown_name_is_refused_with_those_there_are() =>
        Should.Throw<FormatException>(() => ForName("xml")).Message
            .ShouldBe("'xml' is no report format; there are table, ndjson, json, csv, markdown, html, svg, har, hlog, trace");

    [Theory]
    [InlineData("out.htm")]
    [InlineData("out")]
    [InlineData("json")]
    public void An_unknown_extension_is_refused_with_those_there_are(string path) =>
        Should.Throw<FormatException>(() => ReportFormats.ForFile(path)).Message
            .ShouldBe($"the report '{path}' has no known extension; there are .ndjson, .json, .csv, .md, .html, .svg, .har, .hlog, .trace.json");

    [Fact]
    public void Every_name_and_every_extension_works()
    {
        foreach (var name in ReportFormats.Names)
        {
            ReportFormats.ForName(name, () => new CsvReport()).ShouldNotBeNull();
        }

        foreach (var extension in ReportFormats.Extensions)
        {
            ReportFormats.ForFile("report" + extension).ShouldNotBeNull();
        }
    }

    private static IReportWriter ForName(string name) =>
        ReportFormats.ForName(name, () => throw new InvalidOperationException("not the table"));
}
