using System.Text.Json;
using Fetcher.Core;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing;

namespace Fetcher.Tests.Reports;

public sealed class HarReportTests
{
    private const string Schema = "har.schema.json";

    private static readonly string[] Parts = ["blocked", "dns", "connect", "send", "wait", "receive"];

    [Fact]
    public void An_archive_of_everything_is_as_the_format_says()
    {
        FetchResult[] results =
        [
            Sample.Result(), NdjsonReportTests.EveryFieldDifferent(), Skipped(), Redirected(), OverTls(), ByHttp2(), NoUrl(),
            .. Enum.GetValues<FetchErrorKind>().Select(kind => Sample.Failed(kind: kind)),
        ];

        SchemaCheck.Problems(Schema, Written(results)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(HttpProtocol.Negotiate, "1.1", "HTTP/1.1", "HTTP/1.1")]
    [InlineData(HttpProtocol.Http10, "1.1", "HTTP/1.0", "HTTP/1.1")]
    [InlineData(HttpProtocol.Http10, "1.0", "HTTP/1.0", "HTTP/1.0")]
    [InlineData(HttpProtocol.Negotiate, "1.0", "HTTP/1.1", "HTTP/1.0")]
    [InlineData(HttpProtocol.Negotiate, "2", "h2", "h2")]
    [InlineData(HttpProtocol.Http10, null, "HTTP/1.0", "")]
    [InlineData(HttpProtocol.Http2PriorKnowledge, null, "h2", "")]
    public void A_request_has_the_version_that_was_sent_and_a_response_its_own(HttpProtocol protocol, string? version, string request, string response)
    {
        var (run, result) = (Sample.Run(), Sample.Result());
        result.HttpVersion = version;

        var entry = Entry(result, run with { Options = run.Options with { Protocol = protocol } });

        entry.GetProperty("request").GetProperty("httpVersion").GetString().ShouldBe(request);
        entry.GetProperty("response").GetProperty("httpVersion").GetString().ShouldBe(response);
    }

    [Fact]
    public void An_archive_without_results_is_as_the_format_says() => SchemaCheck.Problems(Schema, Written()).ShouldBeEmpty();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(499)]
    [InlineData(500)]
    [InlineData(999_999_999)]
    public void The_timings_add_up_to_the_time_to_the_last_digit(long odd)
    {
        var result = OverTls();
        result.TimeQueue = odd / 7;
        result.TimeNameLookup += odd / 6;
        result.TimeConnect += odd / 5;
        result.TimeAppConnect += odd / 4;
        result.TimePreTransfer += odd / 4;
        result.TimeStartTransfer += odd / 2;
        result.TimeTotal += odd;

        var entry = Entry(result);

        var parts = Parts.Select(part => entry.GetProperty("timings").GetProperty(part).GetDecimal()).Where(part => part >= 0);
        parts.Sum().ShouldBe(entry.GetProperty("time").GetDecimal());
        entry.GetProperty("time").GetDecimal().ShouldBe(Math.Round(result.TimeTotal / 1e6m, 3, MidpointRounding.AwayFromZero));
    }

    [Fact]
    public void The_handshake_is_part_of_connecting()
    {
        var timings = Entry(OverTls()).GetProperty("timings");

        timings.GetProperty("connect").GetDecimal().ShouldBe(4);
        timings.GetProperty("ssl").GetDecimal().ShouldBe(3);
    }

    [Fact]
    public void A_kept_connection_was_neither_looked_up_nor_connected()
    {
        var result = Sample.Result();
        result.NumConnects = 0;
        result.TimeBegin = result.TimeNameLookup = result.TimeConnect = result.TimePreTransfer = 5000;

        var timings = Entry(result).GetProperty("timings");

        timings.GetProperty("dns").GetDecimal().ShouldBe(-1);
        timings.GetProperty("connect").GetDecimal().ShouldBe(-1);
        timings.GetProperty("ssl").GetDecimal().ShouldBe(-1);
        timings.GetProperty("blocked").GetDecimal().ShouldBe(0.005m);
    }

    [Fact]
    public void What_went_before_the_last_request_is_said()
    {
        var entry = Entry(Redirected());

        entry.GetProperty("timings").GetProperty("blocked").GetDecimal().ShouldBe(51);
        entry.GetProperty("comment").GetString().ShouldEndWith("2 redirects, 1 failed attempts");
        entry.GetProperty("request").GetProperty("url").GetString().ShouldBe("http://a/last");
    }

    [Fact]
    public void A_transfer_starts_where_it_did_in_the_run() =>
        Entry(Sample.Result()).GetProperty("startedDateTime").GetString().ShouldBe("2026-01-02T03:04:05.000123Z");

    [Fact]
    public void A_line_that_is_no_URL_shows_nothing_of_itself_but_its_error()
    {
        var text = Written(NoUrl());

        text.ShouldNotContain("secret");
        text.ShouldContain("\"url\":\"about:invalid\"");
        text.ShouldContain("\"_error\":\"urls.txt:3: no host\"");
    }

    [Fact]
    public void The_method_is_that_of_the_request()
    {
        var result = Sample.Result();
        result.Method = FetchMethod.Head;

        Entry(result).GetProperty("request").GetProperty("method").GetString().ShouldBe("HEAD");
        SchemaCheck.Problems(Schema, Written(result)).ShouldBeEmpty();
    }

    [Fact]
    public void Header_fields_that_are_asked_for_are_there()
    {
        var result = Sample.Result();
        result.Headers = new HeaderFields([], keepsAll: false);
        result.Headers.Reason.Set("O\"K");
        result.Headers.Add("Set-Cookie"u8, "a=\u0001"u8);
        result.Headers.Add("Set-Cookie"u8, "b"u8);
        result.Redirects = [new RedirectStep("http://b/", 301, "http://a/\"")];

        var entry = Entry(result);

        SchemaCheck.Problems(Schema, Written(result)).ShouldBeEmpty();
        entry.GetProperty("response").GetProperty("headers").EnumerateArray()
            .Select(header => (header.GetProperty("name").GetString(), header.GetProperty("value").GetString()))
            .ShouldBe([("Set-Cookie", "a=\u0001"), ("Set-Cookie", "b")]);
        entry.GetProperty("response").GetProperty("statusText").GetString().ShouldBe("O\"K");
        entry.GetProperty("_redirects")[0].GetProperty("location").GetString().ShouldBe("http://a/\"");
    }

    [Theory]
    [InlineData(FetchErrorKind.Connect, 0, "(failed) refused")]
    [InlineData(FetchErrorKind.Receive, 200, "(failed) refused")]
    [InlineData(FetchErrorKind.HttpStatus, 404, "Not Found")]
    public void A_failure_is_told_where_DevTools_shows_it(FetchErrorKind kind, int status, string text)
    {
        var result = Sample.Failed(kind: kind, message: "refused");
        result.Status = status;
        result.Headers = new HeaderFields(null, keepsAll: false);
        result.Headers.Reason.Set("Not Found");

        var response = Entry(result).GetProperty("response");

        (response.GetProperty("status").GetInt32(), response.GetProperty("statusText").GetString()).ShouldBe((status, text));
        response.GetProperty("_error").GetString().ShouldBe("refused");
        response.GetProperty("headers").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public void What_a_server_sent_stays_text()
    {
        var result = Sample.Result();
        result.ContentType = "text/\"\u0001</script>";

        Entry(result).GetProperty("response").GetProperty("content").GetProperty("mimeType").GetString().ShouldBe(result.ContentType);
    }

    [Fact]
    public void An_entry_allocates_nothing()
    {
        var har = new HarReport();
        var output = new System.Buffers.ArrayBufferWriter<byte>(1 << 16);
        var result = Sample.Result();
        AllocationCheck.ShouldAllocateNothing(() =>
        {
            output.ResetWrittenCount();
            har.Write(output, result);
        });
    }

    private static FetchResult NoUrl()
    {
        var result = Sample.Failed(0, "http://user:secret@", FetchErrorKind.BadUrl, "urls.txt:3: no host", 3);
        result.Attempts = result.NumConnects = 0;
        result.TimeBegin = result.TimeNameLookup = result.TimeTotal = 0;
        return result;
    }

    private static FetchResult Skipped()
    {
        var result = Sample.Result();
        result.Skipped = true;
        result.Attempts = 0;
        return result;
    }

    private static FetchResult Redirected()
    {
        var result = Sample.Result();
        result.FinalUrl.Set("http://a/last"u8);
        result.NumRedirects = 2;
        result.Attempts = 2;
        result.TimeQueue = 20 * Sample.Millisecond;
        result.TimeBegin = result.TimeNameLookup = result.TimeConnect = result.TimePreTransfer = 51 * Sample.Millisecond;
        return result;
    }

    private static FetchResult ByHttp2()
    {
        var result = OverTls();
        result.HttpVersion = "2";
        return result;
    }

    private static FetchResult OverTls()
    {
        var result = Sample.Result();
        result.TimeAppConnect = result.TimePreTransfer = 5 * Sample.Millisecond;
        return result;
    }

    private static JsonElement Entry(FetchResult result) => Entry(result, Sample.Run());

    private static JsonElement Entry(FetchResult result, RunInfo run) =>
        JsonDocument.Parse(Sample.WriteAll(new HarReport(), run, [result])).RootElement.GetProperty("log").GetProperty("entries")[0];

    private static string Written(params FetchResult[] results) => Sample.WriteAll(new HarReport(), Sample.Run(), results);
}
