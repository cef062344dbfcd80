using Fetcher.Core;

namespace Fetcher.Telemetry;

/// <summary>What the environment says of the export of traces and metrics by OTLP (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).</summary>
internal sealed record OtlpSettings
{
    /// <summary>Where spans go, or null for nowhere.</summary>
    public OtlpTarget? Traces { get; init; }

    /// <summary>Where metrics go, or null for nowhere.</summary>
    public OtlpTarget? Metrics { get; init; }

    /// <summary>What the telemetry is about: this program, this run.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Resource { get; init; } = [];

    /// <summary>Which traces are recorded.</summary>
    public TraceSampler Sampler { get; init; } = new();

    /// <summary>Spans that may wait to be sent; beyond, they are dropped, and counted. OpenTelemetry's own number is 2048, which a tenth of a second fills.</summary>
    public int MostWaiting { get; init; } = 65_536;

    /// <summary>Spans that are sent at once, at most.</summary>
    public int Batch { get; init; } = 512;

    /// <summary>How long spans wait for others to be sent with.</summary>
    public TimeSpan BatchDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time from one sending of metrics to the next.</summary>
    public TimeSpan MetricInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What of the environment is not done, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Whether the system's certificates are needed, to know a collector by.</summary>
    public bool NeedsSystemTrust => NeedsTrust(Traces) || NeedsTrust(Metrics);

    /// <summary>What the variables say; null when they ask for nothing, which is usual and costs a look at five of them.</summary>
    /// <param name="read">Reads a variable.</param>
    /// <exception cref="FetchSetupException">A variable makes no sense.</exception>
    public static OtlpSettings? Of(Func<string, string?> read)
    {
        var variables = new OtlpVariables(read);
        var (traces, metrics) = (variables.Text("OTEL_TRACES_EXPORTER"), variables.Text("OTEL_METRICS_EXPORTER"));
        var isCommon = variables.Text("OTEL_EXPORTER_OTLP_ENDPOINT") is not null;
        var hasTraces = IsAsked(traces, isCommon || variables.Text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") is not null);
        var hasMetrics = IsAsked(metrics, isCommon || variables.Text("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT") is not null);
        if ((!hasTraces && !hasMetrics) || variables.IsTrue("OTEL_SDK_DISABLED"))
        {
            return null;
        }

        var usual = new OtlpSettings();
        var batch = variables.Integer("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", usual.Batch);
        return usual with
        {
            Traces = hasTraces ? OtlpTarget.Of(variables, "TRACES", "v1/traces", "/opentelemetry.proto.collector.trace.v1.TraceService/Export") : null,
            Metrics = hasMetrics ? OtlpTarget.Of(variables, "METRICS", "v1/metrics", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export") : null,
            Resource = ResourceOf(variables),
            Sampler = TraceSampler.Of(variables),
            MostWaiting = Math.Max(batch, variables.Integer("OTEL_BSP_MAX_QUEUE_SIZE", usual.MostWaiting)),
            Batch = batch,
            BatchDelay = TimeSpan.FromMilliseconds(variables.Integer("OTEL_BSP_SCHEDULE_DELAY", (int)usual.BatchDelay.TotalMilliseconds)),
            MetricInterval = TimeSpan.FromMilliseconds(variables.Integer("OTEL_METRIC_EXPORT_INTERVAL", (int)usual.MetricInterval.TotalMilliseconds)),
            Warnings = [.. Unknown("OTEL_TRACES_EXPORTER", traces), .. Unknown("OTEL_METRICS_EXPORTER", metrics), .. Temporality(variables)],
        };
    }

    /// <summary>An exporter that is named counts more than an endpoint.</summary>
    private static bool IsAsked(string? exporter, bool hasEndpoint) =>
        exporter is null ? hasEndpoint : exporter.Split(',', StringSplitOptions.TrimEntries).Contains("otlp");

    private static IEnumerable<string> Unknown(string name, string? exporters) =>
        from exporter in (exporters ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        where exporter is not ("otlp" or "none")
        select $"{name} names '{exporter}', which fetcher has not: it knows otlp and none";

    private static IEnumerable<string> Temporality(OtlpVariables variables) =>
        variables.Text("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE")?.ToLowerInvariant() is { } asked and not "cumulative"
            ? [$"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE is '{asked}': fetcher's metrics are cumulative"]
            : [];

    /// <summary>Attributes by https://opentelemetry.io/docs/specs/semconv/resource/. The instance keeps runs apart that have the same name.</summary>
    private static IReadOnlyList<KeyValuePair<string, string>> ResourceOf(OtlpVariables variables)
    {
        var attributes = new Dictionary<string, string>
        {
            ["service.name"] = "fetcher",
            ["service.version"] = ThisAssembly.Version,
            ["service.instance.id"] = Guid.NewGuid().ToString(),
            ["telemetry.sdk.name"] = "fetcher",
            ["telemetry.sdk.language"] = "dotnet",
            ["telemetry.sdk.version"] = ThisAssembly.Version,
        };
        foreach (var (name, value) in OtlpVariables.Pairs("OTEL_RESOURCE_ATTRIBUTES", variables.Text("OTEL_RESOURCE_ATTRIBUTES")))
        {
            attributes[name] = value;
        }

        if (variables.Text("OTEL_SERVICE_NAME") is { } service)
        {
            attributes["service.name"] = service;
        }

        return [.. attributes];
    }

    private static bool NeedsTrust(OtlpTarget? target) => target is { Url.Scheme: "https", CaCertPath: null };
}
