using System.Buffers;
using System.Text;

namespace Fetcher.Core.Reports;

/// <summary>
/// A result as a JSON object on one line: the keys and their order are the contract with every reader of <c>ndjson</c> and <c>json</c>.
/// </summary>
internal static class ResultJson
{
    /// <summary>More than the keys, the punctuation and all numbers take.</summary>
    private const int FixedLength = 1024;

    /// <summary>Writes the object, then <paramref name="end"/>, in one piece.</summary>
    public static void Write(IBufferWriter<byte> output, FetchResult result, ReadOnlySpan<byte> end)
    {
        var line = new Utf8Line(output.GetSpan(MaxLength(result) + end.Length));
        WriteWhat(ref line, result);
        WriteHow(ref line, result);
        WriteTimes(ref line, result);
        if (result.StallBlocker is { } blocker)
        {
            line.Raw(",\"stall_blocker\":{\"transfer\":"u8);
            line.Number(blocker.Transfer);
            line.Raw(",\"kind\":"u8);
            line.JsonString(blocker.Kind);
            line.Raw(",\"cost\":"u8);
            line.Seconds(blocker.Cost);
            line.Raw("}"u8);
        }

        if (result.Id is { } id)
        {
            WriteId(ref line, id);
        }

        line.Raw("}"u8);
        line.Raw(end);
        output.Advance(line.Length);
    }

    private static int MaxLength(FetchResult result) =>
        FixedLength
        + Utf8Line.EscapedLength(result.Url.Span)
        + Utf8Line.EscapedLength(result.FinalUrl.Span)
        + Utf8Line.EscapedLength(result.Mode)
        + Utf8Line.EscapedLength(result.HttpVersion)
        + Utf8Line.EscapedLength(result.Error?.Message)
        + Utf8Line.EscapedLength(result.Sha256)
        + Utf8Line.EscapedLength(result.SavedAs)
        + Utf8Line.EscapedLength(result.ContentType)
        + Utf8Line.EscapedLength(result.RemoteIp)
        + Utf8Line.EscapedLength(result.Id?.Text);

    private static void WriteWhat(ref Utf8Line line, FetchResult result)
    {
        line.Raw("{\"index\":"u8);
        line.Number(result.Index);
        line.Raw(",\"url\":"u8);
        line.JsonString(result.Url.Span);
        line.Raw(",\"final_url\":"u8);
        line.JsonString(result.FinalUrl.Span);
        line.Raw(",\"mode\":"u8);
        line.JsonString(result.Mode);
        line.Raw(result.Ok ? ",\"ok\":true,\"status\":"u8 : ",\"ok\":false,\"status\":"u8);
        line.Number(result.Status);
        line.Raw(",\"http_version\":"u8);
        line.JsonString(result.HttpVersion);
        WriteError(ref line, result.Error);
    }

    private static void WriteError(ref Utf8Line line, FetchError? error)
    {
        if (error is null)
        {
            line.Raw(",\"error\":null,\"exitcode\":0"u8);
            return;
        }

        line.Raw(",\"error\":{\"kind\":"u8);
        line.JsonString(error.KindName);
        line.Raw(",\"message\":"u8);
        line.JsonString(error.Message);
        line.Raw("},\"exitcode\":"u8);
        line.Number(error.ExitCode);
    }

    private static void WriteHow(ref Utf8Line line, FetchResult result)
    {
        line.Raw(",\"attempts\":"u8);
        line.Number(result.Attempts);
        line.Raw(",\"num_connects\":"u8);
        line.Number(result.NumConnects);
        line.Raw(",\"num_redirects\":"u8);
        line.Number(result.NumRedirects);
        line.Raw(",\"size_download\":"u8);
        line.Number(result.SizeDownload);
        line.Raw(",\"size_body\":"u8);
        line.Number(result.SizeBody);
        line.Raw(",\"sha256\":"u8);
        line.JsonString(result.Sha256);
        line.Raw(",\"saved_as\":"u8);
        line.JsonString(result.SavedAs);
        line.Raw(",\"content_type\":"u8);
        line.JsonString(result.ContentType);
        line.Raw(",\"remote_ip\":"u8);
        line.JsonString(result.RemoteIp);
        line.Raw(",\"remote_port\":"u8);
        line.Number(result.RemotePort);
        line.Raw(",\"local_port\":"u8);
        line.Number(result.LocalPort);
        line.Raw(",\"loop\":"u8);
        line.Number(result.Loop);
    }

    private static void WriteTimes(ref Utf8Line line, FetchResult result)
    {
        line.Raw(",\"start\":"u8);
        line.Seconds(result.Start);
        line.Raw(",\"time_queue\":"u8);
        line.Seconds(result.TimeQueue);
        line.Raw(",\"time_namelookup\":"u8);
        line.Seconds(result.TimeNameLookup);
        line.Raw(",\"time_connect\":"u8);
        line.Seconds(result.TimeConnect);
        line.Raw(",\"time_appconnect\":"u8);
        line.Seconds(result.TimeAppConnect);
        line.Raw(",\"time_pretransfer\":"u8);
        line.Seconds(result.TimePreTransfer);
        line.Raw(",\"time_starttransfer\":"u8);
        line.Seconds(result.TimeStartTransfer);
        line.Raw(",\"time_total\":"u8);
        line.Seconds(result.TimeTotal);
        line.Raw(",\"client_stall\":"u8);
        line.Seconds(result.ClientStall);
    }

    private static void WriteId(ref Utf8Line line, UrlId id)
    {
        line.Raw(",\"id\":"u8);
        if (id.IsNumber)
        {
            line.Raw(Encoding.ASCII.GetBytes(id.Text));
        }
        else
        {
            line.JsonString(id.Text);
        }
    }
}
