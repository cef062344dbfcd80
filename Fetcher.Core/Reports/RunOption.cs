using System.Text.Json;
using Fetcher.Core.Reports.Fields;

namespace Fetcher.Core.Reports;

/// <summary>One option of a run as <c>run.options</c> of JSON reports has it.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Type">What its value is.</param>
/// <param name="About">A sentence about it.</param>
/// <param name="Value">
/// Reads it: a <see cref="long"/>, <see cref="TimeSpan"/>, <see cref="bool"/>, <see cref="string"/> or list of strings, as <paramref name="Type"/> says; null for
/// none.
/// </param>
internal sealed record RunOption(string Name, FieldType Type, string About, Func<FetchOptions, object?> Value)
{
    /// <summary>Whether it may be null.</summary>
    public bool IsNullable { get; init; }

    /// <summary>The texts that it may be; empty where it may be any.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    public static RunOption Integer(string name, Func<FetchOptions, long> value, string about) =>
        new(name, FieldType.Integer, about, options => value(options));

    public static RunOption IntegerOrNull(string name, Func<FetchOptions, long?> value, string about) =>
        new(name, FieldType.Integer, about, options => value(options)) { IsNullable = true };

    public static RunOption Seconds(string name, Func<FetchOptions, TimeSpan> value, string about) =>
        new(name, FieldType.Seconds, about, options => value(options));

    public static RunOption SecondsOrNull(string name, Func<FetchOptions, TimeSpan?> value, string about) =>
        new(name, FieldType.Seconds, about, options => value(options)) { IsNullable = true };

    public static RunOption Boolean(string name, Func<FetchOptions, bool> value, string about) =>
        new(name, FieldType.Boolean, about, options => value(options));

    public static RunOption Text(string name, Func<FetchOptions, string> value, string about, params IReadOnlyList<string> words) =>
        new(name, FieldType.Text, about, value) { Words = words };

    public static RunOption TextOrNull(string name, Func<FetchOptions, string?> value, string about) =>
        new(name, FieldType.Text, about, value) { IsNullable = true };

    public static RunOption Texts(string name, Func<FetchOptions, IEnumerable<string>> value, string about) =>
        new(name, FieldType.Texts, about, value);

    /// <summary>Writes name and value.</summary>
    public void Write(Utf8JsonWriter json, FetchOptions options)
    {
        json.WritePropertyName(Name);
        switch (Value(options))
        {
            case null:
                json.WriteNullValue();
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case TimeSpan time:
                json.WriteNumberValue(ReportNumbers.Seconds(time));
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case IEnumerable<string> texts:
                WriteTexts(json, texts);
                break;
            case var other:
                throw new InvalidOperationException($"the option '{Name}' is a {other.GetType()}");
        }
    }

    private static void WriteTexts(Utf8JsonWriter json, IEnumerable<string> texts)
    {
        json.WriteStartArray();
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
