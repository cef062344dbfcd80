using System.Buffers;
using System.Text.Json;
using Fetcher.Core.Reports.Fields;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>
/// HTTP Archive 1.2, for Chrome DevTools (Network, Import HAR) and every other reader of HAR: an entry a URL, for the request that answered last. What
/// went before it, redirects and failed attempts, is part of <c>blocked</c>, and the entry's comment says so. Described by
/// docs/schema/har.schema.json.
/// </summary>
/// <remarks>
/// As browsers do, <c>connection</c> holds the server's port and <c>_connectionId</c> tells connections apart. Header fields of responses are there where asked
/// for, those of requests are not: they may hold secrets. Names that begin with an underscore are not of the standard; those of Chrome are meant as Chrome
/// means them. Its importer does not read <c>_error</c>, but shows <c>statusText</c> as the status: that is where a failure is told.
/// </remarks>
internal sealed class HarReport : IReportWriter
{
    /// <summary>More than the names, the punctuation, the constants and all numbers take.</summary>
    private const int FixedLength = 2048;

    /// <summary>A line that is no URL was never requested (https://www.iana.org/assignments/about-uri-tokens).</summary>
    private static ReadOnlySpan<byte> NoUrl => "about:invalid"u8;

    /// <summary>What browsers write, which is the name in ALPN.</summary>
    private const string Http2 = "h2";

    private DateTime _started;
    private string _version = "HTTP/1.1";

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Separator => ",\n"u8;

    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output, RunInfo run)
    {
        _started = run.Started.UtcDateTime;
        _version = run.Options.Protocol switch
        {
            HttpProtocol.Http10 => "HTTP/1.0",
            HttpProtocol.Http2PriorKnowledge => Http2,
            _ => "HTTP/1.1",
        };
        output.Write("{\"log\":{\"version\":\"1.2\",\"creator\":"u8);
        using (var json = new Utf8JsonWriter(output, JsonText.Options))
        {
            json.WriteStartObject();
            json.WriteString("name"u8, "fetcher"u8);
            json.WriteString("version"u8, run.Version);
            json.WriteEndObject();
        }

        output.Write(",\"pages\":[],\"entries\":[\n"u8);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, FetchResult result)
    {
        var timings = HarTimings.Of(result);
        var line = new Utf8Line(output.GetSpan(MaxLength(result)));
        line.Raw("{\"startedDateTime\":"u8);
        line.JsonTime(_started.AddTicks(result.Start / TimeSpan.NanosecondsPerTick));
        line.Raw(",\"time\":"u8);
        line.Thousandths(timings.Total);
        WriteRequest(ref line, result);
        WriteResponse(ref line, result);
        line.Raw(result.Skipped ? ",\"cache\":{},\"_fromCache\":\"disk\""u8 : ",\"cache\":{}"u8);
        WriteTimings(ref line, timings, result);
        WriteConnection(ref line, result);
        WriteComment(ref line, result);
        if (result.Redirects is { Count: > 0 } redirects)
        {
            line.Raw(",\"_redirects\":"u8);
            new ListValue(redirects).WriteTo(ref line);
        }

        line.Raw("}"u8);
        output.Advance(line.Length);
    }

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary) => output.Write("\n]}}\n"u8);

    private static int MaxLength(FetchResult result) =>
        FixedLength
        + Utf8Line.EscapedLength(result.FinalUrl.Span)
        + Utf8Line.EscapedLength(result.HttpVersion)
        + (2 * Utf8Line.EscapedLength(result.Error?.Message))
        + Utf8Line.EscapedLength(result.Headers is { } headers ? headers.Reason.Span : default)
        + (2 * new ListValue(result.Headers).Room)
        + new ListValue(result.Redirects).Room
        + Utf8Line.EscapedLength(result.ContentType)
        + Utf8Line.EscapedLength(result.RemoteIp);

    private void WriteRequest(ref Utf8Line line, FetchResult result)
    {
        line.Raw(",\"request\":{\"method\":"u8);
        line.JsonString(FetchMethods.NameOf(result.Method));
        line.Raw(",\"url\":"u8);
        line.JsonString(result.FinalUrl.Span.IsEmpty ? NoUrl : result.FinalUrl.Span);
        line.Raw(",\"httpVersion\":"u8);
        line.JsonString(result.HttpVersion == "2" ? Http2 : _version);
        line.Raw(",\"cookies\":[],\"headers\":[],\"queryString\":[],\"headersSize\":-1,\"bodySize\":0}"u8);
    }

    private static void WriteResponse(ref Utf8Line line, FetchResult result)
    {
        line.Raw(",\"response\":{\"status\":"u8);
        line.Number(result.Status);
        line.Raw(",\"statusText\":"u8);
        WriteStatusText(ref line, result);
        line.Raw(",\"httpVersion\":"u8);
        line.JsonString(result.HttpVersion switch
        {
            { } version => version switch { "1.1" => "HTTP/1.1", "1.0" => "HTTP/1.0", "2" => Http2, _ => "" },
            null => "",
        });
        line.Raw(",\"cookies\":[],\"headers\":["u8);
        if (result.Headers is { IsShown: true } headers)
        {
            ListValue.WriteHeaders(ref line, headers, "{\"name\":"u8, ",\"value\":"u8, "}"u8);
        }

        line.Raw("],\"content\":{\"size\":"u8);
        line.Number(result.SizeBody);
        if (result.SizeBody > result.SizeDownload && result.Ok)
        {
            line.Raw(",\"compression\":"u8);
            line.Number(result.SizeBody - result.SizeDownload);
        }

        line.Raw(",\"mimeType\":"u8);
        line.JsonString(result.ContentType ?? "x-unknown");
        line.Raw("},\"redirectURL\":\"\",\"headersSize\":-1,\"bodySize\":"u8);
        line.Number(result.Status > 0 ? result.SizeDownload : -1);
        line.Raw(",\"_transferSize\":"u8);
        line.Number(result.SizeDownload);
        if (result.Error is { } error)
        {
            line.Raw(",\"_error\":"u8);
            line.JsonString(error.Message);
        }

        line.Raw("}"u8);
    }

    /// <summary>The reason phrase; of a failure that is not the status's, what failed, as DevTools writes it of its own.</summary>
    private static void WriteStatusText(ref Utf8Line line, FetchResult result)
    {
        if (result.Error is { Kind: not FetchErrorKind.HttpStatus } error)
        {
            line.JsonString("(failed) " + error.Message);
        }
        else
        {
            line.JsonString(result.Headers is { } headers ? headers.Reason.Span : default);
        }
    }

    private static void WriteTimings(ref Utf8Line line, HarTimings timings, FetchResult result)
    {
        line.Raw(",\"timings\":{\"blocked\":"u8);
        line.Thousandths(timings.Blocked);
        line.Raw(",\"dns\":"u8);
        Optional(ref line, timings.Dns);
        line.Raw(",\"connect\":"u8);
        Optional(ref line, timings.Connect);
        line.Raw(",\"ssl\":"u8);
        Optional(ref line, timings.Ssl);
        line.Raw(",\"send\":0,\"wait\":"u8);
        line.Thousandths(timings.Wait);
        line.Raw(",\"receive\":"u8);
        line.Thousandths(timings.Receive);
        line.Raw(",\"_blocked_queueing\":"u8);
        line.Thousandths(timings.Queue);
        line.Raw(",\"_wait_stall\":"u8);
        line.Thousandths(timings.WaitStall);
        line.Raw(",\"_client_stall\":"u8);
        line.Thousandths(result.ClientStall / 1000);
        line.Raw("}"u8);
    }

    private static void Optional(ref Utf8Line line, long? microseconds)
    {
        if (microseconds is { } value)
        {
            line.Thousandths(value);
        }
        else
        {
            line.Raw("-1"u8);
        }
    }

    private static void WriteConnection(ref Utf8Line line, FetchResult result)
    {
        if (result.RemoteIp is null)
        {
            return;
        }

        line.Raw(",\"serverIPAddress\":"u8);
        line.JsonString(result.RemoteIp);
        line.Raw(",\"connection\":\""u8);
        line.Number(result.RemotePort);
        line.Raw("\",\"_connectionId\":\""u8);
        line.Number(result.LocalPort);
        line.Raw("\""u8);
    }

    private static void WriteComment(ref Utf8Line line, FetchResult result)
    {
        if (result.NumRedirects == 0 && result.Attempts <= 1)
        {
            return;
        }

        line.Raw(",\"comment\":\"blocked holds what went before this request: "u8);
        line.Number(result.NumRedirects);
        line.Raw(" redirects, "u8);
        line.Number(Math.Max(0, result.Attempts - 1));
        line.Raw(" failed attempts\""u8);
    }
}
