namespace Fetcher.Core;

/// <summary>
/// How the fetcher is watched with .NET's own tools: <c>dotnet-counters --counters Fetcher.Core</c>, OpenTelemetry's <c>AddMeter</c> and
/// <c>AddSource</c>, a MeterListener or an ActivityListener.
/// </summary>
/// <remarks>
/// Names, units and attributes are those of OpenTelemetry's semantic conventions for HTTP clients
/// (https://opentelemetry.io/docs/specs/semconv/http/). One thing differs from the meter of .NET's own client, <c>System.Net.Http</c>: durations end
/// with the last byte of the body instead of the header section.
/// </remarks>
public static class FetchTelemetry
{
    /// <summary>The name of the Meter.</summary>
    public const string MeterName = "Fetcher.Core";

    /// <summary>The name of the ActivitySource.</summary>
    public const string ActivitySourceName = "Fetcher.Core";
}
