using System.Buffers;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>
/// CSV with a header line: the columns of the JSON result in the same order, the error as <c>error_kind</c> and <c>error_message</c>.
/// Lines end in LF.
/// </summary>
internal sealed class CsvReport : IReportWriter
{
    /// <summary>More than the commas, the constants and all numbers take.</summary>
    private const int FixedLength = 640;

    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output, RunInfo run) => output.Write(
        "index,url,final_url,mode,ok,status,http_version,error_kind,error_message,exitcode,attempts,num_connects,num_redirects,"u8
        + "size_download,size_body,sha256,saved_as,content_type,remote_ip,remote_port,local_port,loop,start,time_queue,time_namelookup,"u8
        + "time_connect,time_appconnect,time_pretransfer,time_starttransfer,time_total,client_stall,id\n"u8);

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, FetchResult result)
    {
        var line = new Utf8Line(output.GetSpan(FixedLength + Utf8Line.EscapedLength(result)));
        Field(ref line, result.Index);
        Field(ref line, result.Url.Span);
        Field(ref line, result.FinalUrl.Span);
        Field(ref line, result.Mode);
        line.Raw(result.Ok ? "true,"u8 : "false,"u8);
        Field(ref line, result.Status);
        Field(ref line, result.HttpVersion);
        Field(ref line, result.Error?.KindName);
        Field(ref line, result.Error?.Message);
        Field(ref line, result.ExitCode);
        Field(ref line, result.Attempts);
        Field(ref line, result.NumConnects);
        Field(ref line, result.NumRedirects);
        Field(ref line, result.SizeDownload);
        Field(ref line, result.SizeBody);
        Field(ref line, result.Sha256);
        Field(ref line, result.SavedAs);
        Field(ref line, result.ContentType);
        Field(ref line, result.RemoteIp);
        Field(ref line, result.RemotePort);
        Field(ref line, result.LocalPort);
        Field(ref line, result.Loop);
        WriteTimes(ref line, result);
        output.Advance(line.Length);
    }

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary)
    {
    }

    private static void WriteTimes(ref Utf8Line line, FetchResult result)
    {
        line.Seconds(result.Start);
        for (var field = TimeField.Queue; field <= TimeField.Total; field++)
        {
            line.Raw(","u8);
            line.Seconds(TimeFields.Of(result, field));
        }

        line.Raw(","u8);
        line.Seconds(result.ClientStall);
        line.Raw(","u8);
        line.CsvField(result.Id?.Text);
        line.Raw("\n"u8);
    }

    private static void Field(ref Utf8Line line, long value)
    {
        line.Number(value);
        line.Raw(","u8);
    }

    private static void Field(ref Utf8Line line, string? text)
    {
        line.CsvField(text);
        line.Raw(","u8);
    }

    private static void Field(ref Utf8Line line, ReadOnlySpan<byte> utf8)
    {
        line.CsvField(utf8);
        line.Raw(","u8);
    }
}
