using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Fetcher.Core;
using Fetcher.Core.Reports;

namespace Fetcher.Tests.Reports;

public sealed class NdjsonReportTests
{
    [Fact]
    public void A_fetched_URL_is_the_line_of_the_contract() => Line(Sample.Result()).ShouldBe(
        """
        {"index":0,"url":"http://a/","final_url":"http://a/","mode":"async","ok":true,"status":200,"http_version":"1.1",
        "error":null,"exitcode":0,"attempts":1,"num_connects":1,"num_redirects":0,
        "size_download":1234,"size_body":5678,"sha256":null,"saved_as":null,"content_type":"text/html",
        "remote_ip":"127.0.0.1","remote_port":80,"local_port":40000,"loop":0,"start":0.000123,
        "time_queue":0,"time_namelookup":0.001000,"time_connect":0.002000,"time_appconnect":0,"time_pretransfer":0.002000,
        "time_starttransfer":0.103000,"time_total":0.301000,"client_stall":0}
        """.ReplaceLineEndings("") + "\n");

    [Theory]
    [InlineData("x\"y", false, "\"x\\\"y\"")]
    [InlineData("1.50", true, "1.50")]
    public void The_id_of_a_URL_comes_back_last_as_it_was_given(string text, bool isNumber, string written)
    {
        var result = Sample.Result();
        result.Id = new UrlId(text, isNumber);
        Line(result).ShouldEndWith($",\"client_stall\":0,\"id\":{written}}}\n");
    }

    [Fact]
    public void A_failed_URL_says_why() => Line(Sample.Failed(5)).ShouldBe(
        """
        {"index":5,"url":"http://b/","final_url":"","mode":"async","ok":false,"status":0,"http_version":null,
        "error":{"kind":"connect","message":"connection refused"},"exitcode":7,"attempts":3,"num_connects":3,"num_redirects":0,
        "size_download":0,"size_body":0,"sha256":null,"saved_as":null,"content_type":null,
        "remote_ip":null,"remote_port":0,"local_port":0,"loop":0,"start":0,
        "time_queue":0,"time_namelookup":0.001000,"time_connect":0,"time_appconnect":0,"time_pretransfer":0,
        "time_starttransfer":0,"time_total":0.004000,"client_stall":0}
        """.ReplaceLineEndings("") + "\n");

    [Fact]
    public void Every_field_stands_under_its_own_name()
    {
        var line = Parse(EveryFieldDifferent());
        line.GetProperty("index").GetInt64().ShouldBe(1);
        line.GetProperty("url").GetString().ShouldBe("http://u/");
        line.GetProperty("final_url").GetString().ShouldBe("http://f/");
        line.GetProperty("mode").GetString().ShouldBe("poll");
        line.GetProperty("ok").GetBoolean().ShouldBeFalse();
        line.GetProperty("status").GetInt32().ShouldBe(204);
        line.GetProperty("http_version").GetString().ShouldBe("1.0");
        line.GetProperty("error").GetProperty("kind").GetString().ShouldBe("too_large");
        line.GetProperty("error").GetProperty("message").GetString().ShouldBe("m");
        line.GetProperty("exitcode").GetInt32().ShouldBe(63);
        line.GetProperty("attempts").GetInt32().ShouldBe(2);
        line.GetProperty("num_connects").GetInt32().ShouldBe(3);
        line.GetProperty("num_redirects").GetInt32().ShouldBe(4);
        line.GetProperty("size_download").GetInt64().ShouldBe(5);
        line.GetProperty("size_body").GetInt64().ShouldBe(6);
        line.GetProperty("sha256").GetString().ShouldBe("ab");
        line.GetProperty("saved_as").GetString().ShouldBe("dir/file");
        line.GetProperty("content_type").GetString().ShouldBe("text/plain");
        line.GetProperty("remote_ip").GetString().ShouldBe("::1");
        line.GetProperty("remote_port").GetInt32().ShouldBe(7);
        line.GetProperty("local_port").GetInt32().ShouldBe(8);
        line.GetProperty("loop").GetInt32().ShouldBe(9);
        line.GetProperty("start").GetDecimal().ShouldBe(1);
        line.GetProperty("time_queue").GetDecimal().ShouldBe(2);
        line.GetProperty("time_namelookup").GetDecimal().ShouldBe(3);
        line.GetProperty("time_connect").GetDecimal().ShouldBe(4);
        line.GetProperty("time_appconnect").GetDecimal().ShouldBe(5);
        line.GetProperty("time_pretransfer").GetDecimal().ShouldBe(6);
        line.GetProperty("time_starttransfer").GetDecimal().ShouldBe(7);
        line.GetProperty("time_total").GetDecimal().ShouldBe(8);
        line.GetProperty("client_stall").GetDecimal().ShouldBe(9);
        line.EnumerateObject().Count().ShouldBe(30);
    }

    [Fact]
    public void Every_kind_of_error_has_its_name()
    {
        foreach (var kind in Enum.GetValues<FetchErrorKind>())
        {
            Parse(Sample.Failed(kind: kind)).GetProperty("error").GetProperty("kind").GetString().ShouldBe(FetchError.NameOf(kind));
        }
    }

    [Theory]
    [InlineData("a\"b\\c", """a\"b\\c""")]
    [InlineData("a\r\n\tb", """a\r\n\tb""")]
    [InlineData("\0\u001b[31m\u007f", """\u0000\u001b[31m\u007f""")]
    [InlineData("\u009b31m", """\u009b31m""")]
    [InlineData("é€😀", "é€😀")]
    public void Text_is_escaped_wherever_it_comes_from(string text, string escaped)
    {
        var result = Sample.Failed(message: text);
        result.Mode = result.HttpVersion = result.Sha256 = result.SavedAs = result.ContentType = result.RemoteIp = text;
        result.Url.Set(text);
        result.FinalUrl.Set(text);
        var line = Line(result);
        string[] keys = ["url", "final_url", "mode", "http_version", "message", "sha256", "saved_as", "content_type", "remote_ip"];
        foreach (var key in keys)
        {
            line.ShouldContain($"\"{key}\":\"{escaped}\"", Case.Sensitive);
        }
    }

    [Fact]
    public void A_lone_surrogate_becomes_U_FFFD() => Line(Sample.Failed(message: "\ud800x")).ShouldContain("\"message\":\"\ufffdx\"");

    [Theory]
    [InlineData(new byte[] { 0xff, 0xfe, (byte)'x' }, "\ufffd\ufffdx")]
    [InlineData(new byte[] { (byte)'x', 0xc3 }, "x\ufffd")]
    [InlineData(new byte[] { 0xe2, 0x82, (byte)'x' }, "\ufffdx")]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 }, "\ufffd\ufffd\ufffd")]
    [InlineData(new byte[] { 0xc0, 0xaf }, "\ufffd\ufffd")]
    public void Bytes_that_are_not_UTF8_become_U_FFFD(byte[] url, string expected) =>
        Parse(Sample.Result(0, url)).GetProperty("url").GetString().ShouldBe(expected);

    [Fact]
    public void Any_text_comes_back_as_it_was() => Gen.String.Sample(text =>
    {
        var result = Sample.Failed(message: text);
        result.Url.Set(text);
        var line = Parse(result);
        var expected = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        line.GetProperty("url").GetString().ShouldBe(expected);
        line.GetProperty("error").GetProperty("message").GetString().ShouldBe(expected);
    });

    [Fact]
    public void Any_bytes_make_one_line_of_valid_JSON() => Gen.Byte.Array[0, 200].Sample(url =>
    {
        var line = Line(Sample.Result(0, url));
        line.IndexOf('\n').ShouldBe(line.Length - 1);
        JsonDocument.Parse(line).RootElement.GetProperty("url").GetString().ShouldBe(Encoding.UTF8.GetString(url));
    });

    [Fact]
    public void A_URL_longer_than_a_block_is_written_whole()
    {
        var url = "http://a/" + new string('\u0001', 100_000);
        Parse(Sample.Result(0, url)).GetProperty("url").GetString().ShouldBe(url);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void The_largest_numbers_fit(long value)
    {
        var result = Sample.Failed(exitCode: (int)Math.Clamp(value, int.MinValue, int.MaxValue));
        result.Index = result.SizeDownload = result.SizeBody = value;
        result.Status = result.Attempts = result.NumConnects = result.NumRedirects = result.ExitCode;
        result.RemotePort = result.LocalPort = result.Loop = result.ExitCode;
        result.Start = result.TimeQueue = result.TimeNameLookup = result.TimeConnect = result.TimeAppConnect = value;
        result.TimePreTransfer = result.TimeStartTransfer = result.TimeTotal = result.ClientStall = value;
        var output = new ExactBufferWriter();
        new NdjsonReport().Write(output, result);
        var line = JsonDocument.Parse(output.Written).RootElement;
        line.GetProperty("index").GetInt64().ShouldBe(value);
        line.GetProperty("client_stall").GetDecimal().ShouldBe(Math.Round(value / 1_000_000_000m, 6));
    }

    [Fact]
    public void A_line_is_the_same_whatever_stood_in_the_line_before()
    {
        Action<FetchResult>[] changes =
        [
            _ => { }, .. typeof(FetchResult).GetProperties().Where(property => property.CanWrite).Select(property => Change(property)),
            r => r.Error = new FetchError(FetchErrorKind.HttpStatus, "no", 22), r => r.Url.Set("http://c/"), r => r.FinalUrl.Set("http://c/"),
        ];
        var report = new NdjsonReport();
        foreach (var (before, after) in changes.SelectMany(before => changes.Select(after => (Changed(before), Changed(after)))))
        {
            Sample.Write(report, before);
            Sample.Write(report, after).ShouldBe(Line(after));
        }

        static Action<FetchResult> Change(System.Reflection.PropertyInfo property) => result => property.SetValue(result, Otherwise.Than(property.GetValue(result), property.PropertyType));

        static FetchResult Changed(Action<FetchResult> change)
        {
            var result = Sample.Result();
            change(result);
            return result;
        }
    }

    [Fact]
    public void A_line_allocates_nothing()
    {
        var output = new ArrayBufferWriter<byte>(1 << 16);
        var writer = new NdjsonReport();
        FetchResult[] results = [Sample.Result(0, "http://a/\u0001ä"), Sample.Failed(), EveryFieldDifferent()];
        AllocationCheck.ShouldAllocateNothing(() =>
        {
            output.ResetWrittenCount();
            foreach (var result in results)
            {
                writer.Write(output, result);
            }
        });
    }

    /// <summary>A result in which no two fields of a kind are equal.</summary>
    internal static FetchResult EveryFieldDifferent()
    {
        const long Second = 1_000_000_000;
        var result = new FetchResult
        {
            Index = 1,
            Mode = "poll",
            Status = 204,
            HttpVersion = "1.0",
            Error = new FetchError(FetchErrorKind.TooLarge, "m", 63),
            Attempts = 2,
            NumConnects = 3,
            NumRedirects = 4,
            SizeDownload = 5,
            SizeBody = 6,
            Sha256 = "ab",
            SavedAs = "dir/file",
            ContentType = "text/plain",
            RemoteIp = "::1",
            RemotePort = 7,
            LocalPort = 8,
            Loop = 9,
            Start = 1 * Second,
            TimeQueue = 2 * Second,
            TimeNameLookup = 3 * Second,
            TimeConnect = 4 * Second,
            TimeAppConnect = 5 * Second,
            TimePreTransfer = 6 * Second,
            TimeStartTransfer = 7 * Second,
            TimeTotal = 8 * Second,
            ClientStall = 9 * Second,
        };
        result.Url.Set("http://u/");
        result.FinalUrl.Set("http://f/");
        return result;
    }

    private static string Line(FetchResult result) => Sample.Write(new NdjsonReport(), result);

    private static JsonElement Parse(FetchResult result) => JsonDocument.Parse(Line(result)).RootElement;

    /// <summary>Gives no byte more than it was asked for.</summary>
    private sealed class ExactBufferWriter : IBufferWriter<byte>
    {
        private byte[] _bytes = [];
        private int _length;

        public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

        public void Advance(int count) => _length += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => _bytes = new byte[sizeHint];

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
