using System.Diagnostics;
using System.Globalization;
using Fetcher.Core;

namespace Fetcher.Telemetry;

/// <summary>
/// Exports the traces and metrics of a run by OTLP, when the environment asks for it, with a span around the run
/// (https://opentelemetry.io/docs/specs/semconv/cli/cli-spans/). A collector that is not there costs the run nothing but a sentence.
/// </summary>
internal sealed class RunTelemetry : IDisposable
{
    /// <summary>The name of the ActivitySource of the span around a run.</summary>
    public const string SourceName = "fetcher";

    /// <summary>How long a run that is over waits for a request to be taken.</summary>
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(5);

    private readonly OtlpSettings _settings;
    private readonly SpanExport? _spans;
    private readonly MetricExport? _metrics;
    private readonly ActivitySource _source = new(SourceName, ThisAssembly.Version);

    private RunTelemetry(OtlpSettings settings)
    {
        _settings = settings;
        _spans = settings.Traces is { } traces ? new SpanExport(settings, traces) : null;
        try
        {
            _metrics = settings.Metrics is { } metrics ? new MetricExport(settings, metrics) : null;
        }
        catch
        {
            _spans?.Dispose();
            throw;
        }
    }

    /// <summary>Does a run and exports its telemetry.</summary>
    /// <param name="settings">Where to; null is nowhere.</param>
    /// <param name="parent">The trace that the run is part of; the default is none.</param>
    /// <param name="warn">Takes a sentence for standard error.</param>
    /// <param name="run">Does the run; gives its exit status.</param>
    /// <exception cref="FetchSetupException">A file of certificates cannot be used. Nothing was done.</exception>
    public static Task<int> AroundAsync(OtlpSettings? settings, ActivityContext parent, Action<string> warn, Func<Task<int>> run) =>
        settings is not null ? ExportAsync(settings, parent, warn, run)
        : parent != default ? ContinueAsync(parent, run)
        : run();

    /// <summary>The trace that a program goes on with, by the variables in which others hand it down (https://opentelemetry.io/docs/specs/otel/context/env-carriers/).</summary>
    /// <returns>The default for none, or one that makes no sense, which counts as none.</returns>
    public static ActivityContext ParentOf(Func<string, string?> environment) =>
        ActivityContext.TryParse(environment("TRACEPARENT"), environment("TRACESTATE"), isRemote: true, out var parent) ? parent : default;

    public void Dispose()
    {
        _source.Dispose();
        _spans?.Dispose();
        _metrics?.Dispose();
    }

    /// <summary>Nobody records the run, but its requests are part of the trace.</summary>
    private static async Task<int> ContinueAsync(ActivityContext parent, Func<Task<int>> run)
    {
        using var activity = new Activity(SourceName).SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags);
        activity.TraceStateString = parent.TraceState;
        activity.ActivityTraceFlags = parent.TraceFlags;
        activity.Start();
        return await run();
    }

    private static async Task<int> ExportAsync(OtlpSettings settings, ActivityContext parent, Action<string> warn, Func<Task<int>> run)
    {
        foreach (var warning in settings.Warnings)
        {
            warn(warning);
        }

        using var telemetry = new RunTelemetry(settings);
        try
        {
            return await telemetry.RunAsync(parent, run);
        }
        finally
        {
            await Task.WhenAll(telemetry._spans?.EndAsync(EndBound) ?? Task.CompletedTask, telemetry._metrics?.EndAsync(EndBound) ?? Task.CompletedTask);
            if (telemetry.Losses().ToArray() is { Length: > 0 } losses)
            {
                warn($"not all telemetry was exported: {string.Join("; ", losses)}");
            }
        }
    }

    private async Task<int> RunAsync(ActivityContext parent, Func<Task<int>> run)
    {
        using var span = _source.StartActivity(SourceName, ActivityKind.Internal, parent);
        span?.SetTag("process.executable.name", "fetcher").SetTag("process.pid", Environment.ProcessId);
        try
        {
            var status = await run();
            span?.SetTag("process.exit.code", status);
            if (status != 0)
            {
                span?.SetTag("error.type", status.ToString(CultureInfo.InvariantCulture)).SetStatus(ActivityStatusCode.Error);
            }

            return status;
        }
        catch (Exception e)
        {
            span?.SetTag("error.type", e.GetType().FullName).SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    private IEnumerable<string> Losses()
    {
        if (_spans is { Lost: > 0 })
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{_spans.Lost:N0} of {_spans.Ended:N0} spans, to {_settings.Traces!.Address}: {_spans.Reason}");
        }

        if (_metrics is { Reason: { } reason })
        {
            yield return $"the metrics, to {_settings.Metrics!.Address}: {reason}";
        }
    }
}
