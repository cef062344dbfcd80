using System.Buffers;
using System.Globalization;
using System.Text;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports.WriteOut;

/// <summary>Writes the value of a variable for one result.</summary>
internal delegate void WriteOutVariable(IBufferWriter<byte> output, FetchResult result);

/// <summary>
/// The variables of <c>--write-out</c>: those of curl(1) that a result has an answer to, in curl's notation, and every key of the JSON
/// result.
/// </summary>
internal static class WriteOutVariables
{
    private static readonly Dictionary<string, WriteOutVariable> Known = new(StringComparer.Ordinal)
    {
        // curl's
        ["content_type"] = Text(result => result.ContentType),
        ["errormsg"] = Text(result => result.Error?.Message),
        ["exitcode"] = Number(result => result.ExitCode),
        ["filename_effective"] = Text(result => result.SavedAs),
        ["http_code"] = Text(Status),
        ["http_version"] = Text(result => result.HttpVersion ?? "0"),
        ["json"] = (output, result) => new ResultJson().Write(output, result, default),
        ["local_port"] = Number(result => result.LocalPort),
        ["method"] = Text(result => FetchMethods.NameOf(result.Method)),
        ["num_connects"] = Number(result => result.NumConnects),
        ["num_redirects"] = Number(result => result.NumRedirects),
        ["num_retries"] = Number(result => Math.Max(0, result.Attempts - 1)),
        ["remote_ip"] = Text(result => result.RemoteIp),
        ["remote_port"] = Number(result => result.RemotePort),
        ["response_code"] = Text(Status),
        ["scheme"] = Scheme,
        ["size_download"] = Number(result => result.SizeDownload),
        ["size_upload"] = Number(_ => 0),
        ["speed_download"] = Number(Speed),
        ["speed_upload"] = Number(_ => 0),
        ["time_appconnect"] = Seconds(result => result.TimeAppConnect),
        ["time_connect"] = Seconds(result => result.TimeConnect),
        ["time_namelookup"] = Seconds(result => result.TimeNameLookup),
        ["time_pretransfer"] = Seconds(result => result.TimePreTransfer),
        ["time_queue"] = Seconds(result => result.TimeQueue),
        ["time_redirect"] = Seconds(result => result.NumRedirects > 0 ? PhaseDurations.Of(result).Earlier : 0),
        ["time_starttransfer"] = Seconds(result => result.TimeStartTransfer),
        ["time_total"] = Seconds(result => result.TimeTotal),
        ["url"] = (output, result) => output.Write(result.Url.Span),
        ["url_effective"] = (output, result) => output.Write((result.FinalUrl.Length > 0 ? result.FinalUrl : result.Url).Span),
        ["urlnum"] = Number(result => result.Index),

        // of the JSON result
        ["attempts"] = Number(result => result.Attempts),
        ["client_stall"] = Seconds(result => result.ClientStall),
        ["error"] = Text(result => result.Error?.KindName),
        ["final_url"] = (output, result) => output.Write(result.FinalUrl.Span),
        ["id"] = Text(result => result.Id?.Text),
        ["index"] = Number(result => result.Index),
        ["loop"] = Number(result => result.Loop),
        ["mode"] = Text(result => result.Mode),
        ["ok"] = Text(result => result.Ok ? "true" : "false"),
        ["saved_as"] = Text(result => result.SavedAs),
        ["sha256"] = Text(result => result.Sha256),
        ["size_body"] = Number(result => result.SizeBody),
        ["start"] = Seconds(result => result.Start),
        ["status"] = Number(result => result.Status),
    };

    /// <summary>The writer of the variable called <paramref name="name"/>, or null.</summary>
    public static WriteOutVariable? Find(string name) => Known.GetValueOrDefault(name);

    private static WriteOutVariable Text(Func<FetchResult, string?> value) =>
        (output, result) => output.Write(Encoding.UTF8.GetBytes(value(result) ?? ""));

    private static WriteOutVariable Number(Func<FetchResult, long> value) =>
        (output, result) => output.Write(Encoding.ASCII.GetBytes(value(result).ToString(CultureInfo.InvariantCulture)));

    private static WriteOutVariable Seconds(Func<FetchResult, long> nanoseconds) =>
        (output, result) => output.Write(Encoding.ASCII.GetBytes((nanoseconds(result) / 1e9m).ToString("F6", CultureInfo.InvariantCulture)));

    private static string Status(FetchResult result) => result.Status.ToString("D3", CultureInfo.InvariantCulture);

    private static long Speed(FetchResult result) => result.TimeTotal > 0 ? (long)(result.SizeDownload / (result.TimeTotal / 1e9)) : 0;

    private static void Scheme(IBufferWriter<byte> output, FetchResult result)
    {
        var url = (result.FinalUrl.Length > 0 ? result.FinalUrl : result.Url).Span;
        output.Write(url[..Math.Max(0, url.IndexOf("://"u8))]);
    }
}
