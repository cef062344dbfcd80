using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Fetcher.Core;
using Fetcher.Core.Interop;
using Fetcher.Queue;
using Fetcher.Tests.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Queue;

/// <summary>What a worker measures for OpenTelemetry. A listener hears all of the process, so each test looks at its own worker alone.</summary>
public sealed class QueueTelemetryTests : IDisposable
{
    private readonly ConcurrentQueue<(string Instrument, double Value, string Worker)> _heard = new();
    private readonly MeterListener _listener = new();

    public QueueTelemetryTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == QueueTelemetry.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task A_worker_tells_of_its_leases_its_commits_and_its_renewals()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var store = new MemoryLeaseStore(clock);
        await EnqueueAsync(store);
        await store.BeatAsync(new WorkerCard("dead", "{}"), Leases.Usual, []);
        clock.Advance(Leases.Usual * 1.1);

        var worker = await WorkAsync(store, "telling");

        Sum("fetcher.queue.reclaimed", worker).ShouldBe(2, "both partitions were the dead worker's");
        Sum("fetcher.queue.commits", worker).ShouldBe(2);
        Sum("fetcher.queue.refused", worker).ShouldBe(0);
        _heard.Where(each => each.Instrument == "fetcher.queue.leases" && each.Worker == worker).Select(each => each.Value).ShouldBe([1, 1, -1, -1]);
        var renewals = _heard.Where(each => each.Instrument == "fetcher.queue.renew.duration" && each.Worker == worker).ToArray();
        renewals.ShouldNotBeEmpty();
        renewals.ShouldAllBe(each => each.Value >= 0);
    }

    [Fact]
    public async Task A_worker_tells_of_a_commit_that_was_refused()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var store = new MemoryLeaseStore(clock);
        await EnqueueAsync(store);

        var worker = await WorkAsync(store, "late", whenTaken: async () =>
        {
            // Its clock stands still, but the store's does not: another takes all that it had.
            clock.Advance(Leases.Usual * 1.1);
            await store.BeatAsync(new WorkerCard("other", "{}"), Leases.Usual, []);
        });

        Sum("fetcher.queue.refused", worker).ShouldBeGreaterThan(0);
    }

    private static Task EnqueueAsync(MemoryLeaseStore store) => QueueWorkTests.EnqueueAsync(store, "http://a/0", "http://example.com/1");

    /// <summary>Works to the end of the job, or, when something is to happen, until a commit has been refused for it.</summary>
    private static async Task<string> WorkAsync(MemoryLeaseStore store, string name, Func<Task>? whenTaken = null)
    {
        using var work = new QueueWork(store, new QueueWorkOptions { Worker = name, Format = JobFacts.NewestFormat, Concurrency = 1, Clock = new FakeTimeProvider(DateTimeOffset.UtcNow) });
        work.Begin(MonotonicClock.Now(TimeProvider.System));
        var (item, result) = (new UrlItem(), new FetchResult());
        while (true)
        {
            var status = work.TryTake(item);
            if (status == TakeStatus.Empty)
            {
                var news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                work.NotifyWhenReady(news.SetResult);
                await news.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
                continue;
            }

            if (status == TakeStatus.End)
            {
                break;
            }

            await (whenTaken?.Invoke() ?? Task.CompletedTask);
            result.Reset();
            (result.Index, result.Status) = (item.Index, 200);
            work.Complete(item, result);
            if (whenTaken is not null)
            {
                await ModeRun.UntilAsync(() => work.Counts.Refused > 0);
                break;
            }
        }

        await work.EndAsync();
        return name;
    }

    private double Sum(string instrument, string worker) => _heard.Where(each => each.Instrument == instrument && each.Worker == worker).Sum(each => each.Value);

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _heard.Enqueue((instrument.Name, value, (string)tags.ToArray().Single(tag => tag.Key == "fetcher.queue.worker").Value!));
}
