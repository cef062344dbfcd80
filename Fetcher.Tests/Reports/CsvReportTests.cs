using System.Buffers;
using System.Text;
using Fetcher.Core;
using Fetcher.Core.Reports;

namespace Fetcher.Tests.Reports;

public sealed class CsvReportTests
{
    [Fact]
    public void The_columns_keep_their_places() => Header().ShouldBe(
        "index,url,final_url,mode,ok,status,http_version,error_kind,error_message,exitcode,attempts,num_connects,num_redirects,"
        + "size_download,size_body,sha256,saved_as,content_type,remote_ip,remote_port,local_port,loop,start,time_queue,time_namelookup,"
        + "time_connect,time_appconnect,time_pretransfer,time_starttransfer,time_total,client_stall,id,"
        + "stall_blocker_transfer,stall_blocker_kind,stall_blocker_cost,worker,headers,redirects,trace_id");

    [Fact]
    public void A_fetched_URL_is_a_line() => Sample.Write(new CsvReport(), Sample.Result()).ShouldBe(
        "0,http://a/,http://a/,async,true,200,1.1,,,0,1,1,0,1234,5678,,,text/html,127.0.0.1,80,40000,0,"
        + "0.000123,0,0.001000,0.002000,0,0.002000,0.103000,0.301000,0,,,,,,,,\n");

    [Fact]
    public void Every_field_stands_in_its_own_column() => Sample.Write(new CsvReport(), NdjsonReportTests.EveryFieldDifferent()).ShouldBe(
        "1,http://u/,http://f/,poll,false,204,1.0,too_large,m,63,2,3,4,5,6,ab,dir/file,text/plain,::1,7,8,9,"
        + "1.000000,2.000000,3.000000,4.000000,5.000000,6.000000,7.000000,8.000000,9.000000,,,,,,,,\n");

    [Fact]
    public void A_stall_is_told_behind_the_id()
    {
        var result = Sample.Result();
        result.Id = new UrlId("x");
        result.StallBlocker = new StallBlocker(7, "blocking read", 2_500_000);
        Sample.Write(new CsvReport(), result).ShouldEndWith(",0.301000,0,x,7,blocking read,0.002500,,,,\n");
    }

    [Fact]
    public void Lists_are_there_as_JSON()
    {
        var result = Sample.Result();
        result.Headers = new HeaderFields([], keepsAll: false);
        result.Headers.Add("A"u8, "\"b\u0001"u8);
        result.Redirects = [];
        Sample.Write(new CsvReport(), result).ShouldEndWith(",,\"[[\"\"A\"\",\"\"\\\"\"b\\u0001\"\"]]\",[],\n");
    }

    [Theory]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("\"", "\"\"\"\"")]
    [InlineData("back\\slash", "back\\slash")]
    [InlineData("é€😀", "é€😀")]
    [InlineData("a\r\nb\tc\u001b\u009b", "a\ufffd\ufffdb\ufffdc\ufffd\ufffd")]
    public void A_field_is_quoted_if_it_must_be_and_stays_on_its_line(string text, string field)
    {
        var result = Sample.Failed(message: text);
        result.Url.Set(text);
        var line = Sample.Write(new CsvReport(), result);
        line.ShouldStartWith($"0,{field},,async,", Case.Sensitive);
        line.ShouldContain($",connect,{field},7,", Case.Sensitive);
    }

    [Fact]
    public void A_lone_surrogate_becomes_U_FFFD() =>
        Sample.Write(new CsvReport(), Sample.Failed(message: "\ud800")).ShouldContain(",connect,\ufffd,7,");

    [Fact]
    public void Bytes_that_are_not_UTF8_become_U_FFFD() =>
        Sample.Write(new CsvReport(), Sample.Result(0, [0xff, (byte)','])).ShouldStartWith("0,\"\ufffd,\",");

    [Fact]
    public void A_report_is_a_header_and_a_line_a_URL() =>
        Sample.WriteAll(new CsvReport(), Sample.Run(), Sample.Result(), Sample.Result(1)).Split('\n').Length.ShouldBe(4);

    [Fact]
    public void A_line_allocates_nothing()
    {
        var output = new ArrayBufferWriter<byte>(1 << 16);
        var writer = new CsvReport();
        FetchResult[] results = [Sample.Result(0, "http://a/\u0001ä,\""), Sample.Failed(message: "no, \"never\"")];
        AllocationCheck.ShouldAllocateNothing(() =>
        {
            output.ResetWrittenCount();
            foreach (var result in results)
            {
                writer.Write(output, result);
            }
        });
    }

    private static string Header()
    {
        var output = new ArrayBufferWriter<byte>();
        new CsvReport().Begin(output, Sample.Run());
        return Encoding.UTF8.GetString(output.WrittenSpan).TrimEnd('\n');
    }
}
