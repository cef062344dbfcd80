using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Fetcher.Core.Fetch;
using Fetcher.Queue;
using Fetcher.Telemetry;

namespace Fetcher.Tests.Telemetry;

/// <summary>The sums that are exported. Alone, because a listener hears all of the process.</summary>
[Collection("alone")]
public sealed class OtlpMetricsTests
{
    [Fact]
    public void Every_instrument_is_of_a_kind_that_is_exported()
    {
        RuntimeHelpers.RunClassConstructor(typeof(RequestTelemetry).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(QueueTelemetry).TypeHandle);

        Should.NotThrow(() => new OtlpMetrics().Dispose());
    }

    [Fact]
    public void A_worker_s_metrics_are_exported_too()
    {
        using var metrics = new OtlpMetrics();
        QueueTelemetry.AddCommit("exported");
        QueueTelemetry.AddCommit("exported");
        var message = new ProtobufWriter();

        metrics.TryWrite(message, []).ShouldBeTrue();

        var metric = new ProtoMessage(message.Written.ToArray()).One(1).All(2).Single(scope => scope.One(1).Text(1) == QueueTelemetry.MeterName).One(2);
        (metric.Text(1), metric.One(7).Number(3)).ShouldBe(("fetcher.queue.commits", 1UL), "it only grows");
        metric.One(7).One(1).Number(6).ShouldBe(2UL);
        metric.One(7).One(1).Attributes(7).ShouldBe(new Dictionary<string, object> { ["fetcher.queue.worker"] = "exported" });
    }

    [Fact]
    public void Nothing_measured_is_nothing_to_send()
    {
        using var metrics = new OtlpMetrics();

        metrics.TryWrite(new ProtobufWriter(), []).ShouldBeFalse();
    }

    [Fact]
    public void What_comes_with_too_many_attributes_is_summed_up_in_one_place()
    {
        using var meter = new Meter("a test's own");
        var stream = new MetricStream(meter.CreateCounter<long>("c"));

        for (var i = 0; i < MetricStream.MostPoints + 5; i++)
        {
            stream.Add(1, [new("host", i)]);
            stream.Add(1, [new("host", i)]);
        }

        var points = new List<(string Key, double Sum)>();
        stream.Read((tags, point) => points.Add((tags[0].Key, point.Sum)));
        points.Count.ShouldBe(MetricStream.MostPoints + 1);
        points.Single(point => point.Key == "otel.metric.overflow").Sum.ShouldBe(10);
        points.Sum(point => point.Sum).ShouldBe(2 * (MetricStream.MostPoints + 5));
    }

    [Fact]
    public void A_value_at_a_bound_belongs_below_it()
    {
        var point = new MetricPoint([1, 2]);
        foreach (var value in (double[])[0.5, 1, 1.5, 2, 3, 4])
        {
            point.Add(value, isHistogram: true);
        }

        point.Buckets.ToArray().ShouldBe([2L, 2L, 2L]);
        (point.Count, point.Sum, point.Min, point.Max).ShouldBe((6, 12, 0.5, 4));
    }
}
