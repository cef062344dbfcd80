using System.Buffers;
using System.Text;
using Fetcher.Core;
using Fetcher.Core.Reports;
using Fetcher.Core.Reports.WriteOut;

namespace Fetcher.Tests.Reports;

/// <summary>What --write-out prints, by the text that it is given.</summary>
public sealed class WriteOutTests
{
    [Theory]
    [InlineData(@"%{http_code} %{time_total}\n", "200 0.301000\n")]
    [InlineData(@"a%%b\tc\rd%c\e%", "a%b\tc\rd%c\\e%")]
    [InlineData("%{unclosed", "%{unclosed")]
    [InlineData("%{nope}[%{Http_code}]", "[]")]
    [InlineData("%{http_code}%{response_code}%{status}", "200200200")]
    [InlineData("%{http_version} %{scheme} %{method} %{url} %{url_effective} %{urlnum}", "1.1 http GET http://a/ http://a/ 3")]
    [InlineData("%{size_download} %{size_body} %{size_upload} %{speed_download} %{speed_upload}", "1234 5678 0 4099 0")]
    [InlineData("%{time_namelookup} %{time_connect} %{time_appconnect}", "0.001000 0.002000 0.000000")]
    [InlineData("%{time_pretransfer} %{time_starttransfer} %{time_redirect} %{time_queue}", "0.002000 0.103000 0.000000 0.000000")]
    [InlineData("%{num_connects} %{num_redirects} %{num_retries} %{attempts}", "1 0 0 1")]
    [InlineData("%{remote_ip} %{remote_port} %{local_port} %{content_type}", "127.0.0.1 80 40000 text/html")]
    [InlineData("[%{exitcode}] [%{errormsg}] [%{error}] [%{filename_effective}] [%{sha256}] [%{id}] %{ok}", "[0] [] [] [] [] [] true")]
    [InlineData("é%{http_code}€", "é200€")]
    [InlineData("", "")]
    public void Variables_stand_for_their_values(string template, string expected) =>
        Output(template, Sample.Result(3)).ShouldBe(expected);

    [Fact]
    public void What_failed_has_the_values_that_curl_gives_it() =>
        Output("%{http_code} %{http_version} %{exitcode} %{errormsg} %{error} %{num_retries} %{url_effective} %{scheme}", Sample.Failed())
            .ShouldBe("000 0 7 connection refused connect 2 http://b/ http");

    [Theory]
    [InlineData("%header{x-a}|%header{Set-Cookie}|%header{nope}|", "1|a=b||")]
    [InlineData("%header{SET-cookie:all:, }", "a=b, c=\u00e9")]
    [InlineData("%{num_headers}", "3")]
    [InlineData("%{header_json}", "{\"set-cookie\":[\"a=b\",\"c=\u00e9\"],\"x-a\":[\"1\"]}")]
    [InlineData("%{headers}", "[[\"X-A\",\"1\"]]")]
    [InlineData("%{redirects}", "[{\"url\":\"http://a/\",\"status\":302,\"location\":\"/\\u001b\"}]")]
    [InlineData("%header{unclosed", "%header{unclosed")]
    public void Header_fields_are_variables(string template, string expected)
    {
        var result = Sample.Result();
        result.Headers = new HeaderFields(["x-a"], keepsAll: true);
        result.Headers.Add("Set-Cookie"u8, "a=b"u8);
        result.Headers.Add("X-A"u8, "1"u8);
        result.Headers.Add("set-cookie"u8, [(byte)'c', (byte)'=', 0xE9]);
        result.Redirects = [new RedirectStep("http://a/", 302, "/\u001b")];

        Output(template, result).ShouldBe(expected);
    }

    [Fact]
    public void Header_fields_are_copied_for_a_template_that_shows_them()
    {
        ((string[])["%header{a}", "%{header_json}", "%{num_headers}"]).ShouldAllBe(template => WriteOutTemplate.Parse(template).UsesHeaders);
        WriteOutTemplate.Parse("%{http_code} %header{").UsesHeaders.ShouldBeFalse();
        Output("[%header{a}%{num_headers}%{header_json}]", Sample.Result()).ShouldBe("[0{}]");
    }

    [Fact]
    public void Json_is_the_line_of_ndjson() =>
        (Output("%{json}", Sample.Result()) + "\n").ShouldBe(Sample.Write(new NdjsonReport(), Sample.Result()));

    [Fact]
    public void A_stall_is_told_by_its_kind_and_its_parts()
    {
        var result = Sample.Result();
        result.StallBlocker = new StallBlocker(7, "blocking read", 2_500_000);

        Output("%{stall_blocker} %{stall_blocker_transfer} %{stall_blocker_kind} %{stall_blocker_cost}", result)
            .ShouldBe("blocking read 7 blocking read 0.002500");
    }

    [Fact]
    public void What_follows_stderr_goes_there_until_stdout()
    {
        const string Template = @"a%{stderr}b%{url}%{stdout}c";

        (Output(Template, Sample.Result()), Error(Template, Sample.Result())).ShouldBe(("ac", "bhttp://a/"));
        WriteOutTemplate.Parse(Template).UsesStandardError.ShouldBeTrue();
        WriteOutTemplate.Parse("%{stdout}a%{stderr}").UsesStandardError.ShouldBeFalse();
    }

    [Fact]
    public void What_follows_onerror_is_for_failures()
    {
        const string Template = @"%{url}%{onerror} failed: %{errormsg}";

        Output(Template, Sample.Result()).ShouldBe("http://a/");
        Output(Template, Sample.Failed()).ShouldBe("http://b/ failed: connection refused");
    }

    [Fact]
    public void On_a_terminal_a_value_moves_no_cursor()
    {
        var result = Sample.Result();
        result.ContentType = "a\u009b31m\u202e";

        Write("\u001b[1m%{content_type}", result, isTerminal: true).ShouldBe("\u001b[1ma\\u{9b}31m\\u{202e}", "the template is the user's own");
        Write("%{content_type}", result).ShouldBe("a\u009b31m\u202e");
    }

    [Fact]
    public void Unknown_variables_are_told() =>
        WriteOutTemplate.Parse("%{http_code}%{certs}%{x y}%{stderr}").Unknown.ShouldBe(["certs", "x y"]);

    [Fact]
    public void The_time_before_the_last_request_is_that_of_redirects()
    {
        var result = Sample.Result();
        result.NumRedirects = 1;
        result.TimeBegin = result.TimeNameLookup = result.TimeConnect = result.TimePreTransfer = 90 * Sample.Millisecond;

        Output("%{time_redirect}", result).ShouldBe("0.090000");
    }

    private static string Output(string template, FetchResult result) => Write(template, result);

    private static string Error(string template, FetchResult result) => Write(template, result, toStandardError: true);

    private static string Write(string template, FetchResult result, bool toStandardError = false, bool isTerminal = false)
    {
        var output = new ArrayBufferWriter<byte>();
        new WriteOutReport(WriteOutTemplate.Parse(template), toStandardError, isTerminal).Write(output, result);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
