using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Fetcher.Queue.Redis;

/// <summary>The facts of a job as texts.</summary>
internal static class JobText
{
    /// <summary>Texts as a JSON array.</summary>
    public static string Of(IEnumerable<string> texts)
    {
        var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartArray();
            foreach (var text in texts)
            {
                json.WriteStringValue(text);
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>Reads the facts; what a newer format has besides is left out, and its number says so.</summary>
    /// <param name="value">Gives the text of a name, or null.</param>
    public static JobFacts Facts(Func<string, string?> value) => new()
    {
        Format = Number("format", value),
        Version = value("version") ?? "",
        Options = Texts(value("options")),
        Sources = Texts(value("sources")),
        Count = Number("count", value),
        Partitions = Number("partitions", value),
        ByUrl = value("by_url") == "1",
        MostUnread = Number("unread", value),
    };

    private static int Number(string name, Func<string, string?> value) =>
        int.TryParse(value(name), CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string[] Texts(string? json)
    {
        using var document = JsonDocument.Parse(json ?? "[]");
        return [.. document.RootElement.EnumerateArray().Select(text => text.GetString() ?? "")];
    }
}
