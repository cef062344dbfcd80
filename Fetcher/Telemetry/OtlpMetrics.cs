using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Fetcher.Core;
using Fetcher.Queue;

namespace Fetcher.Telemetry;

/// <summary>
/// Sums up what the meters of fetcher measure, and writes it as an ExportMetricsServiceRequest (metrics_service.proto and metrics.proto of
/// https://github.com/open-telemetry/opentelemetry-proto). Everything counts from the beginning ("cumulative"), so that a request that gets lost costs nothing but time.
/// </summary>
internal sealed class OtlpMetrics : IDisposable
{
    private const int Cumulative = 2;

    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<MetricStream> _streams = new();
    private readonly DateTime _begun = DateTime.UtcNow;

    public OtlpMetrics()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name is FetchTelemetry.MeterName or QueueTelemetry.MeterName)
            {
                var stream = new MetricStream(instrument);
                _streams.Enqueue(stream);
                listener.EnableMeasurementEvents(instrument, stream);
            }
        };
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, stream) => ((MetricStream)stream!).Add(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, stream) => ((MetricStream)stream!).Add(value, tags));
        _listener.Start();
    }

    /// <summary>Ends the measuring; what was measured can still be written.</summary>
    public void Dispose() => _listener.Dispose();

    /// <summary>Writes a request.</summary>
    /// <param name="to">Where to; what stood there is cleared.</param>
    /// <param name="resource">What the metrics are about.</param>
    /// <returns>False when nothing has been measured.</returns>
    public bool TryWrite(ProtobufWriter to, IReadOnlyList<KeyValuePair<string, string>> resource)
    {
        to.Clear();
        var now = DateTime.UtcNow;
        var streams = _streams.Where(stream => !stream.IsEmpty).ToArray();
        var all = to.Begin(1);
        OtlpAttributes.WriteResource(to, 1, resource);
        foreach (var scope in streams.GroupBy(stream => stream.Instrument.Meter))
        {
            var ofScope = to.Begin(2);
            OtlpAttributes.WriteScope(to, 1, scope.Key.Name, scope.Key.Version);
            foreach (var stream in scope)
            {
                WriteMetric(to, stream, now);
            }

            to.End(ofScope);
        }

        to.End(all);
        return streams.Length > 0;
    }

    private void WriteMetric(ProtobufWriter to, MetricStream stream, DateTime now)
    {
        var metric = to.Begin(2);
        to.Text(1, stream.Instrument.Name);
        to.Text(2, stream.Instrument.Description ?? "");
        to.Text(3, stream.Instrument.Unit ?? "");
        var data = to.Begin(stream.IsHistogram ? 9 : 7);
        stream.Read((tags, point) =>
        {
            var message = to.Begin(1);
            to.Fixed64(2, OtlpAttributes.UnixNanoseconds(_begun));
            to.Fixed64(3, OtlpAttributes.UnixNanoseconds(now));
            if (stream.IsHistogram)
            {
                WriteHistogram(to, stream, point);
            }
            else if (stream.IsInteger)
            {
                to.Fixed64(6, (long)point.Sum);
            }
            else
            {
                to.Double(4, point.Sum);
            }

            foreach (var (name, value) in tags)
            {
                OtlpAttributes.Write(to, stream.IsHistogram ? 9 : 7, name, value);
            }

            to.End(message);
        });
        to.Integer(2, Cumulative);
        if (stream.IsMonotonic)
        {
            to.Boolean(3, true);
        }

        to.End(data);
        to.End(metric);
    }

    private static void WriteHistogram(ProtobufWriter to, MetricStream stream, MetricPoint point)
    {
        to.Fixed64(4, point.Count);
        to.Double(5, point.Sum);
        to.Fixed64List(6, point.Buckets);
        to.DoubleList(7, stream.Bounds);
        to.Double(11, point.Min);
        to.Double(12, point.Max);
    }
}
