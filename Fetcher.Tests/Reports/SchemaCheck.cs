using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Fetcher.Tests.Reports;

/// <summary>
/// Checks JSON against the keywords of JSON Schema (draft 2020-12) that our schema uses, and that it describes every key. An unknown
/// keyword throws: the schema must not promise what nobody checks.
/// </summary>
internal sealed class SchemaCheck(JsonElement root)
{
    private readonly List<string> _problems = [];

    /// <summary>What is wrong with a report, by a schema of docs/schema, a line each.</summary>
    /// <param name="schema">The schema's file name.</param>
    /// <param name="json">The report, or a part of it.</param>
    /// <param name="definition">Which part.</param>
    public static IReadOnlyList<string> Problems(string schema, string json, string definition = "#") =>
        new SchemaCheck(Read(schema)).Check(JsonDocument.Parse(json).RootElement, definition);

    /// <summary>A schema of docs/schema.</summary>
    public static JsonElement Read(string schema, [CallerFilePath] string here = "") => JsonDocument.Parse(
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "../../docs/schema", schema))).RootElement;

    /// <summary>What is wrong with <paramref name="value"/>, a line each.</summary>
    public IReadOnlyList<string> Check(JsonElement value, string definition)
    {
        Visit(Resolve(definition), value, "$");
        return _problems;
    }

    private JsonElement Resolve(string reference) =>
        reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Aggregate(root, (schema, name) => schema.GetProperty(name));

    private void Visit(JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("type", out var type) && !HasType(value, Strings(type)))
        {
            _problems.Add($"{path}: {value.GetRawText()} is no {type.GetRawText()}");
            return;
        }

        foreach (var keyword in schema.EnumerateObject())
        {
            var ok = keyword.Name switch
            {
                "$schema" or "$defs" or "title" or "description" or "type" => true,
                "$ref" => Also(() => Visit(Resolve(keyword.Value.GetString()!), value, path)),
                "enum" => keyword.Value.EnumerateArray().Any(allowed => JsonElement.DeepEquals(allowed, value)),
                "format" => keyword.Value.GetString() == "date-time" && value.TryGetDateTimeOffset(out _),
                "pattern" => value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, keyword.Value.GetString()!),
                "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDecimal() >= keyword.Value.GetDecimal(),
                "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDecimal() <= keyword.Value.GetDecimal(),
                "maxItems" => value.GetArrayLength() <= keyword.Value.GetInt32(),
                "items" => Also(() => VisitItems(keyword.Value, value, path)),
                "oneOf" => keyword.Value.EnumerateArray().Count(option => IsValid(option, value)) == 1,
                "required" => value.ValueKind != JsonValueKind.Object || Strings(keyword.Value).All(name => value.TryGetProperty(name, out _)),
                "properties" => Also(() => VisitProperties(keyword.Value, value, path)),
                "propertyNames" => value.EnumerateObject().All(property =>
                    Regex.IsMatch(property.Name, keyword.Value.GetProperty("pattern").GetString()!)),
                "additionalProperties" => Also(() => VisitValues(keyword.Value, value, path)),
                _ => throw new NotSupportedException($"keyword '{keyword.Name}'"),
            };
            if (!ok)
            {
                _problems.Add($"{path}: {keyword.Name} {keyword.Value.GetRawText()} does not hold for {value.GetRawText()}");
            }
        }
    }

    private static bool Also(Action check)
    {
        check();
        return true;
    }

    private bool IsValid(JsonElement schema, JsonElement value)
    {
        var inner = new SchemaCheck(root);
        inner.Visit(schema, value, "");
        return inner._problems.Count == 0;
    }

    private void VisitItems(JsonElement schema, JsonElement array, string path)
    {
        foreach (var (index, item) in array.EnumerateArray().Index())
        {
            Visit(schema, item, $"{path}[{index}]");
        }
    }

    private void VisitProperties(JsonElement schemas, JsonElement value, string path)
    {
        foreach (var property in value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : default)
        {
            if (schemas.TryGetProperty(property.Name, out var schema))
            {
                Visit(schema, property.Value, $"{path}.{property.Name}");
            }
            else
            {
                _problems.Add($"{path}.{property.Name} is not described");
            }
        }
    }

    private void VisitValues(JsonElement schema, JsonElement value, string path)
    {
        foreach (var property in value.EnumerateObject())
        {
            Visit(schema, property.Value, $"{path}.{property.Name}");
        }
    }

    private static bool HasType(JsonElement value, string[] types) =>
        types.Contains(TypeOf(value)) || (TypeOf(value) == "integer" && types.Contains("number"));

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Null => "null",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => value.TryGetInt64(out _) ? "integer" : "number",
    };

    private static string[] Strings(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(item => item.GetString()!)] : [value.GetString()!];
}
