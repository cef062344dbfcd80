using System.Globalization;

namespace Fetcher.Telemetry;

/// <summary>The parts that messages about spans and metrics have in common (common.proto and resource.proto of https://github.com/open-telemetry/opentelemetry-proto).</summary>
internal static class OtlpAttributes
{
    /// <summary>A Resource.</summary>
    public static void WriteResource(ProtobufWriter to, int field, IReadOnlyList<KeyValuePair<string, string>> attributes)
    {
        var resource = to.Begin(field);
        foreach (var (name, value) in attributes)
        {
            Write(to, 1, name, value);
        }

        to.End(resource);
    }

    /// <summary>An InstrumentationScope: who measured.</summary>
    public static void WriteScope(ProtobufWriter to, int field, string name, string? version)
    {
        var scope = to.Begin(field);
        to.Text(1, name);
        if (version is not null)
        {
            to.Text(2, version);
        }

        to.End(scope);
    }

    /// <summary>A KeyValue; an attribute without a value is left out.</summary>
    public static void Write(ProtobufWriter to, int field, string name, object? value)
    {
        if (value is null)
        {
            return;
        }

        var attribute = to.Begin(field);
        to.Text(1, name);
        var any = to.Begin(2);
        switch (value)
        {
            case string text:
                to.Text(1, text);
                break;
            case bool boolean:
                to.Boolean(2, boolean);
                break;
            case int or long:
                to.Integer(3, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number:
                to.Double(4, number);
                break;
            default:
                throw new NotSupportedException($"the attribute {name} is a {value.GetType().Name}");
        }

        to.End(any);
        to.End(attribute);
    }

    /// <summary>Nanoseconds since 1970.</summary>
    public static long UnixNanoseconds(DateTime utc) => (utc - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}
