using System.Buffers;
using System.Text;

namespace Fetcher.Core.Reports;

/// <summary>
/// A result as a JSON object on one line: the keys and their order are the contract with every reader of <c>ndjson</c> and <c>json</c>. Not safe for
/// several threads.
/// </summary>
/// <remarks>
/// Two runs of keys say mostly what they said in the line before: they are formatted when they differ, else copied (bench/NOTES.md).
/// </remarks>
internal sealed class ResultJson
{
    /// <summary>More than the keys, the punctuation and all numbers take.</summary>
    private const int FixedLength = 1024;

    private readonly Utf8Text _outcomeText = new();
    private readonly Utf8Text _originText = new();
    private Outcome _outcome;
    private Origin _origin;

    /// <summary>Writes the object, then <paramref name="end"/>, in one piece.</summary>
    public void Write(IBufferWriter<byte> output, FetchResult result, ReadOnlySpan<byte> end)
    {
        var line = new Utf8Line(output.GetSpan(FixedLength + Utf8Line.EscapedLength(result) + end.Length));
        WriteUrl(ref line, result);
        WriteOutcome(ref line, new Outcome(result));
        WriteSizes(ref line, result);
        WriteOrigin(ref line, new Origin(result));
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

    private static void WriteUrl(ref Utf8Line line, FetchResult result)
    {
        line.Raw("{\"index\":"u8);
        line.Number(result.Index);
        line.Raw(",\"url\":"u8);
        line.JsonString(result.Url.Span);
        line.Raw(",\"final_url\":"u8);
        line.JsonString(result.FinalUrl.Span);
    }

    private void WriteOutcome(ref Utf8Line line, in Outcome outcome)
    {
        if (_outcomeText.Length > 0 && outcome == _outcome)
        {
            line.Raw(_outcomeText.Span);
            return;
        }

        var start = line.Length;
        line.Raw(",\"mode\":"u8);
        line.JsonString(outcome.Mode);
        line.Raw(outcome.Error is null ? ",\"ok\":true,\"status\":"u8 : ",\"ok\":false,\"status\":"u8);
        line.Number(outcome.Status);
        line.Raw(",\"http_version\":"u8);
        line.JsonString(outcome.HttpVersion);
        WriteError(ref line, outcome.Error);
        line.Raw(",\"attempts\":"u8);
        line.Number(outcome.Attempts);
        line.Raw(",\"num_connects\":"u8);
        line.Number(outcome.NumConnects);
        line.Raw(",\"num_redirects\":"u8);
        line.Number(outcome.NumRedirects);
        _outcomeText.Set(line.Written[start..]);
        _outcome = outcome;
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

    private static void WriteSizes(ref Utf8Line line, FetchResult result)
    {
        line.Raw(",\"size_download\":"u8);
        line.Number(result.SizeDownload);
        line.Raw(",\"size_body\":"u8);
        line.Number(result.SizeBody);
    }

    private void WriteOrigin(ref Utf8Line line, in Origin origin)
    {
        if (_originText.Length > 0 && origin == _origin)
        {
            line.Raw(_originText.Span);
            return;
        }

        var start = line.Length;
        line.Raw(",\"sha256\":"u8);
        line.JsonString(origin.Sha256);
        line.Raw(",\"saved_as\":"u8);
        line.JsonString(origin.SavedAs);
        line.Raw(",\"content_type\":"u8);
        line.JsonString(origin.ContentType);
        line.Raw(",\"remote_ip\":"u8);
        line.JsonString(origin.RemoteIp);
        line.Raw(",\"remote_port\":"u8);
        line.Number(origin.RemotePort);
        _originText.Set(line.Written[start..]);
        _origin = origin;
    }

    private static void WriteTimes(ref Utf8Line line, FetchResult result)
    {
        line.Raw(",\"local_port\":"u8);
        line.Number(result.LocalPort);
        line.Raw(",\"loop\":"u8);
        line.Number(result.Loop);
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

    /// <summary>How it went.</summary>
    private readonly record struct Outcome(
        string Mode, FetchError? Error, int Status, string? HttpVersion, int Attempts, int NumConnects, int NumRedirects)
    {
        public Outcome(FetchResult result)
            : this(result.Mode, result.Error, result.Status, result.HttpVersion, result.Attempts, result.NumConnects, result.NumRedirects)
        {
        }
    }

    /// <summary>What came, and where from.</summary>
    private readonly record struct Origin(string? Sha256, string? SavedAs, string? ContentType, string? RemoteIp, int RemotePort)
    {
        public Origin(FetchResult result)
            : this(result.Sha256, result.SavedAs, result.ContentType, result.RemoteIp, result.RemotePort)
        {
        }
    }
}
