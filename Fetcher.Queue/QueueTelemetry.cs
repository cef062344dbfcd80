using System.Diagnostics.Metrics;
using Fetcher.Core;

namespace Fetcher.Queue;

/// <summary>
/// How a worker of a shared job is watched: <c>dotnet-counters --counters Fetcher.Queue</c>, OpenTelemetry's <c>AddMeter</c>, a MeterListener. Every
/// measurement has the worker's name as <c>fetcher.queue.worker</c>.
/// </summary>
public static class QueueTelemetry
{
    /// <summary>The name of the Meter.</summary>
    public const string MeterName = "Fetcher.Queue";

    private const string WorkerTag = "fetcher.queue.worker";

    private static readonly Meter Meter = new(MeterName, ThisAssembly.Version);

    private static readonly UpDownCounter<long> LeasesHeld = Meter.CreateUpDownCounter<long>(
        "fetcher.queue.leases", "{partition}", "Partitions that the worker owns.");

    private static readonly Counter<long> BatchesCommitted = Meter.CreateCounter<long>(
        "fetcher.queue.commits", "{batch}", "Batches whose results the engine has taken.");

    private static readonly Counter<long> BatchesRefused = Meter.CreateCounter<long>(
        "fetcher.queue.refused", "{batch}", "Batches whose results the engine has refused, since another worker owns their partition.");

    private static readonly Counter<long> PartitionsReclaimed = Meter.CreateCounter<long>(
        "fetcher.queue.reclaimed", "{partition}", "Partitions that were taken from a worker that had not renewed its lease.");

    private static readonly Histogram<double> RenewDuration = Meter.CreateHistogram(
        "fetcher.queue.renew.duration",
        "s",
        "Duration of renewals of all leases of a worker, from request to answer.",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] });

    internal static void AddLeases(string worker, long count) => LeasesHeld.Add(count, Tag(worker));

    internal static void AddCommit(string worker) => BatchesCommitted.Add(1, Tag(worker));

    internal static void AddRefused(string worker) => BatchesRefused.Add(1, Tag(worker));

    internal static void AddReclaimed(string worker) => PartitionsReclaimed.Add(1, Tag(worker));

    internal static void RecordRenewal(string worker, TimeSpan duration) => RenewDuration.Record(duration.TotalSeconds, Tag(worker));

    private static KeyValuePair<string, object?> Tag(string worker) => new(WorkerTag, worker);
}
