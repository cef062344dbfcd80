using System.Globalization;
using Fetcher.Core;

namespace Fetcher.Telemetry;

/// <summary>
/// The environment variables of OpenTelemetry (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). An empty one is as good as none.
/// </summary>
/// <param name="read">Reads a variable; null for none.</param>
internal sealed class OtlpVariables(Func<string, string?> read)
{
    /// <summary>A variable's value, or null.</summary>
    public string? Text(string name) => read(name)?.Trim() is { Length: > 0 } value ? value : null;

    /// <summary>Whether it is set to <c>true</c>, in any case; anything else is false.</summary>
    public bool IsTrue(string name) => string.Equals(Text(name), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>The variable of one signal, like <c>OTEL_EXPORTER_OTLP_TRACES_TIMEOUT</c>, or else the one for all.</summary>
    /// <returns>Its name, for complaints, and its value or null.</returns>
    public (string Name, string? Value) OfSignal(string signal, string name)
    {
        var own = $"OTEL_EXPORTER_OTLP_{signal}_{name}";
        return Text(own) is { } value ? (own, value) : ($"OTEL_EXPORTER_OTLP_{name}", Text($"OTEL_EXPORTER_OTLP_{name}"));
    }

    /// <summary>A whole number, at least 1.</summary>
    /// <exception cref="FetchSetupException">It is none.</exception>
    public int Integer(string name, int usual) => Integer(name, Text(name), usual);

    /// <inheritdoc cref="Integer(string, int)"/>
    public static int Integer(string name, string? value, int usual) =>
        value is null ? usual
        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
        : throw new FetchSetupException($"{name} is '{value}', which is no whole number from 1 on");

    /// <summary>Pairs like <c>a=b,c=d</c>, values percent-encoded (W3C Baggage).</summary>
    /// <exception cref="FetchSetupException">They are none. The message has no values: they may be secret.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Pairs(string name, string? value)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var pair in (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
            {
                throw new FetchSetupException($"{name} is no list like a=b,c=d");
            }

            pairs.Add(new(Uri.UnescapeDataString(pair[..at].Trim()), Uri.UnescapeDataString(pair[(at + 1)..].Trim())));
        }

        return pairs;
    }
}
