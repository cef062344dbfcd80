using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fetcher.Core.Reports;
using Fetcher.Core.Reports.Fields;

namespace Fetcher.Tests.Reports;

/// <summary>The definitions of docs/schema/fetcher-report.schema.json that follow from lists: the lines between the braces of each.</summary>
internal static class SchemaText
{
    private const int Width = 140;

    private static readonly JsonSerializerOptions Serializer = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Of a result.</summary>
    public static string OfResult() => Definition(
        "One URL, once for every round. Times are seconds, cumulative from the start of the transfer, as in curl's --write-out; a time of 0 was not reached "
        + "or not needed.",
        [.. ResultField.All.Select(field => (field.Name, Of(field)))],
        ResultField.All.Where(field => !field.IsOptional).Select(field => field.Name));

    /// <summary>Of the options of a run.</summary>
    public static string OfOptions() => Definition(
        "The options that shape a run. Credentials are never among them: of header fields there are the names, of a proxy its address.",
        [.. RunOptions.All.Select(option => (option.Name, Of(option)))],
        RunOptions.All.Select(option => option.Name));

    private static string Definition(string about, IReadOnlyList<(string Name, JsonObject Schema)> properties, IEnumerable<string> required) =>
        $$"""
              "type": "object",
              "description": {{Text(about)}},
              "properties": {
        {{string.Join(",\n", properties.Select(property => $"        {Text(property.Name)}: {OneLine(property.Schema)}"))}}
              },
              "required": [
        {{Wrapped(required.Select(Text))}}
              ]

        """;

    private static JsonObject Of(ResultField field)
    {
        var schema = field switch
        {
            { Type: FieldType.Object } => new JsonObject { ["type"] = Type("object", field.IsNullable) },
            { Definition: { } definition } => new JsonObject { ["$ref"] = "#/$defs/" + definition },
            { Type: FieldType.Id } => new JsonObject { ["type"] = new JsonArray("string", "number") },
            _ => OfType(field.Type, field.IsNullable, field.Minimum),
        };
        if (field.Maximum < long.MaxValue)
        {
            schema["maximum"] = field.Maximum;
        }

        if (field.Pattern is { } pattern)
        {
            schema["pattern"] = pattern;
        }

        schema["description"] = field.About;
        if (field.Members.Count > 0)
        {
            schema["properties"] = new JsonObject(field.Members.Select(member => KeyValuePair.Create(member.Name, (JsonNode?)Of(member))));
            schema["required"] = new JsonArray([.. field.Members.Select(member => (JsonNode?)member.Name)]);
        }

        return schema;
    }

    private static JsonObject Of(RunOption option)
    {
        var schema = option.Words.Count > 0
            ? new JsonObject { ["enum"] = new JsonArray([.. option.Words.Select(word => (JsonNode?)word)]) }
            : OfType(option.Type, option.IsNullable, minimum: 0);
        schema["description"] = option.About;
        return schema;
    }

    private static JsonObject OfType(FieldType type, bool isNullable, long minimum) => type switch
    {
        FieldType.Integer => new JsonObject { ["type"] = Type("integer", isNullable), ["minimum"] = minimum },
        FieldType.Seconds => new JsonObject { ["type"] = Type("number", isNullable), ["minimum"] = 0 },
        FieldType.Boolean => new JsonObject { ["type"] = Type("boolean", isNullable) },
        FieldType.Text => new JsonObject { ["type"] = Type("string", isNullable) },
        FieldType.Texts => new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private static JsonNode Type(string name, bool isNullable) => isNullable ? new JsonArray(name, "null") : name;

    private static string Text(string text) => JsonSerializer.Serialize(text, Serializer);

    /// <summary>JSON with a blank behind each colon and comma, as the rest of the file has it.</summary>
    private static string OneLine(JsonNode? node) => node switch
    {
        JsonObject members => $"{{{string.Join(", ", members.Select(member => $"{Text(member.Key)}: {OneLine(member.Value)}"))}}}",
        JsonArray items => $"[{string.Join(", ", items.Select(OneLine))}]",
        _ => node!.ToJsonString(Serializer),
    };

    private static string Wrapped(IEnumerable<string> words)
    {
        var lines = new List<string> { "       " };
        foreach (var word in words)
        {
            if (lines[^1].Length + word.Length + 2 > Width)
            {
                lines.Add("       ");
            }

            lines[^1] += $" {word},";
        }

        return string.Join('\n', lines).TrimEnd(',');
    }
}
