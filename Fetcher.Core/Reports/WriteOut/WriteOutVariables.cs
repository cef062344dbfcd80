using System.Buffers;
using System.Globalization;
using System.Text;
using Fetcher.Core.Reports.Fields;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports.WriteOut;

/// <summary>Writes the value of a variable for one result.</summary>
internal delegate void WriteOutVariable(IBufferWriter<byte> output, FetchResult result);

/// <summary>
/// The variables of <c>--write-out</c>: every field of a result (<see cref="ResultFields"/>), and those of curl(1) that a result has an answer to, in curl's
/// notation. The member of an object is called as its column of CSV; the object's own name stands for its <c>kind</c>.
/// </summary>
internal static class WriteOutVariables
{
    /// <summary>The names that are curl's. Where a field has the same one, curl's notation counts.</summary>
    private static readonly Dictionary<string, WriteOutVariable> OfCurl = new(StringComparer.Ordinal)
    {
        ["errormsg"] = Text(result => result.Error?.Message),
        ["filename_effective"] = Text(result => result.SavedAs),
        ["header_json"] = WriteOutHeaders.WriteJson,
        ["http_code"] = Text(Status),
        ["http_version"] = Text(result => result.HttpVersion ?? "0"),
        ["json"] = (output, result) => new ResultJson().Write(output, result, default),
        ["method"] = Text(result => FetchMethods.NameOf(result.Method)),
        ["num_headers"] = WriteOutHeaders.WriteCount,
        ["num_retries"] = Number(result => Math.Max(0, result.Attempts - 1)),
        ["response_code"] = Text(Status),
        ["scheme"] = Scheme,
        ["size_upload"] = Number(_ => 0),
        ["speed_download"] = Number(Speed),
        ["speed_upload"] = Number(_ => 0),
        ["time_redirect"] = Text(result => FieldValue.SecondsOf(result.NumRedirects > 0 ? PhaseDurations.Of(result).Earlier : 0)),
        ["url_effective"] = (output, result) => output.Write((result.FinalUrl.Length > 0 ? result.FinalUrl : result.Url).Span),
        ["urlnum"] = Number(result => result.Index),
    };

    private static readonly Dictionary<string, WriteOutVariable> OfFields = MakeOfFields();

    /// <summary>The names that are no field's.</summary>
    public static IReadOnlyList<string> BesideFields { get; } = [.. OfCurl.Keys.Where(name => !OfFields.ContainsKey(name))];

    /// <summary>The writer of the variable called <paramref name="name"/>, or null.</summary>
    public static WriteOutVariable? Find(string name) => OfCurl.GetValueOrDefault(name) ?? OfFields.GetValueOrDefault(name);

    private static Dictionary<string, WriteOutVariable> MakeOfFields()
    {
        var variables = new Dictionary<string, WriteOutVariable>(StringComparer.Ordinal);
        foreach (var (place, field) in ResultField.All.SelectMany(field => field.Flat()).Index())
        {
            variables.Add(field.Name, (output, result) =>
            {
                var value = new FieldValue(place, output);
                ResultFields.WriteTo(ref value, result);
            });
        }

        foreach (var field in ResultField.All.Where(field => field.Type == FieldType.Object))
        {
            variables.Add(field.Name, variables[field.Name + "_kind"]);
        }

        return variables;
    }

    private static WriteOutVariable Text(Func<FetchResult, string?> value) =>
        (output, result) => output.Write(Encoding.UTF8.GetBytes(value(result) ?? ""));

    private static WriteOutVariable Number(Func<FetchResult, long> value) =>
        (output, result) => output.Write(Encoding.ASCII.GetBytes(value(result).ToString(CultureInfo.InvariantCulture)));

    private static string Status(FetchResult result) => result.Status.ToString("D3", CultureInfo.InvariantCulture);

    private static long Speed(FetchResult result) => result.TimeTotal > 0 ? (long)(result.SizeDownload / (result.TimeTotal / 1e9)) : 0;

    private static void Scheme(IBufferWriter<byte> output, FetchResult result)
    {
        var url = (result.FinalUrl.Length > 0 ? result.FinalUrl : result.Url).Span;
        output.Write(url[..Math.Max(0, url.IndexOf("://"u8))]);
    }
}
