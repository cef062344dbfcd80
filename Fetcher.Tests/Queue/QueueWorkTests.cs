using Fetcher.Core;
using Fetcher.Core.Interop;
using Fetcher.Queue;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Queue;

/// <summary>A worker's share of a job, over the store in memory, without a network.</summary>
public sealed class QueueWorkTests
{
    private readonly MemorySink _sink = new();

    [Fact]
    public async Task A_URL_that_takes_workers_down_fails_alone_after_the_fourth()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        var store = new MemoryLeaseStore(clock);
        await EnqueueAsync(store, "http://a/0", "http://a/1", "http://a/2");
        for (var death = 0; death < 4; death++)
        {
            // Each dies with the batch in hand; the fourth, who takes it URL by URL, while it is at /1.
            var lease = (await store.BeatAsync(new WorkerCard($"w{death}", "{}"), Leases.Usual, [])).Gained.ShouldHaveSingleItem().Lease;
            await store.TakeAsync($"w{death}", [new Cursor(lease, -1)], new TakeBounds(1));
            if (death == 3)
            {
                await store.MarkAsync("w3", lease, 0, 1);
            }

            clock.Advance(Leases.Usual * 1.1);
        }

        await using var worker = new Worker(store);
        (await worker.TakeAsync()).ShouldBe("http://a/0");
        worker.Work.TryTake(new UrlItem()).ShouldBe(TakeStatus.Empty, "one at a time");
        worker.Complete();
        (await worker.TakeAsync()).ShouldBe("http://a/2");
        worker.Complete();
        (await worker.TakeAsync()).ShouldBeNull();

        await CollectAsync(store);
        _sink.Outcomes.OrderBy(outcome => outcome.Index).Select(outcome => outcome.Error).ShouldBe([null, FetchErrorKind.WorkerLost, null]);
        _sink.Outcomes.Single(outcome => outcome.Error is not null).Message.ShouldBe("not tried again: 4 workers of the queue have died with it in hand");
    }

    [Fact]
    public async Task What_a_worker_had_not_done_when_it_was_told_to_end_is_another_ones()
    {
        var store = new MemoryLeaseStore(TimeProvider.System);
        await EnqueueAsync(store, "http://a/0", "http://a/1", "http://a/2");
        await using (var worker = new Worker(store))
        {
            (await worker.TakeAsync()).ShouldBe("http://a/0");
            worker.Complete();
            (await worker.TakeAsync()).ShouldBe("http://a/1");
            worker.Complete(FetchErrorKind.Cancelled);
        }

        await using var other = new Worker(store);
        (await other.TakeAsync()).ShouldBe("http://a/1");
        other.Complete();
        (await other.TakeAsync()).ShouldBe("http://a/2");
        other.Complete();
        (await other.TakeAsync()).ShouldBeNull();

        await CollectAsync(store);
        _sink.Outcomes.Select(outcome => outcome.Url).ShouldBe(["http://a/0", "http://a/1", "http://a/2"]);
    }

    [Fact]
    public async Task Partitions_take_turns_so_that_hosts_do()
    {
        var store = new MemoryLeaseStore(TimeProvider.System);
        await EnqueueAsync(store, [.. Enumerable.Range(0, 200).SelectMany(i => new[] { $"http://a/{i}", $"http://example.com/{i}" })]);

        await using var worker = new Worker(store);
        var hosts = new List<string>();
        while (await worker.TakeAsync() is { } url)
        {
            hosts.Add(new Uri(url).Host);
            worker.Complete();
        }

        hosts.Count.ShouldBe(400);
        hosts.Zip(hosts.Skip(1)).Take(250).Count(pair => pair.First != pair.Second).ShouldBeGreaterThan(200);
    }

    [Fact]
    public async Task Results_do_not_wait_for_a_slow_batch_to_end()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        var store = new MemoryLeaseStore(TimeProvider.System);
        await EnqueueAsync(store, "http://a/0", "http://a/1", "http://a/2");
        await using var worker = new Worker(store, clock: clock);
        (await worker.TakeAsync()).ShouldBe("http://a/0");
        worker.Complete();
        (await worker.TakeAsync()).ShouldBe("http://a/1");

        await ModeRun.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return worker.Work.Counts.Done == 1;
        });
        var state = (await store.ReadAsync())!;

        (state.Done, state.Left).ShouldBe((1, 2));
        worker.Complete();
        (await worker.TakeAsync()).ShouldBe("http://a/2");
        worker.Complete();
        await ModeRun.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return worker.Work.Counts.Done == 3;
        });
        await CollectAsync(store);
        _sink.Outcomes.Select(outcome => outcome.Url).ShouldBe(["http://a/0", "http://a/1", "http://a/2"]);
    }

    [Fact]
    public async Task A_partition_is_given_up_without_its_batch_being_done_first()
    {
        var store = new MemoryLeaseStore(TimeProvider.System);
        await EnqueueAsync(store, [.. Enumerable.Range(0, 100).SelectMany(i => new[] { $"http://a/{i}", $"http://example.com/{i}" })]);
        await using var worker = new Worker(store);
        for (var url = 0; url < 10; url++)
        {
            (await worker.TakeAsync()).ShouldNotBeNull();
            worker.Complete();
        }

        await using var other = new Worker(store);
        worker.Work.BeatNow();

        // It gets one of the two, and in it what the first has not done.
        (await other.TakeAsync()).ShouldNotBeNull();
        other.Complete();
        await Task.WhenAll(new[] { worker, other }.Select(async one =>
        {
            while (await one.TakeAsync() is not null)
            {
                one.Complete();
            }
        }));
        await CollectAsync(store);
        _sink.Outcomes.Select(outcome => outcome.Url).Distinct().Count().ShouldBe(200);
        _sink.Outcomes.Count.ShouldBe(200);
    }

    [Fact]
    public async Task A_job_has_its_rate_whoever_fetches()
    {
        var store = new MemoryLeaseStore(TimeProvider.System);
        await EnqueueAsync(store, [.. Enumerable.Range(0, 30).Select(i => $"http://a{i}/")]);
        var begun = TimeProvider.System.GetTimestamp();
        await using var one = new Worker(store, TimeSpan.FromMilliseconds(20));
        await using var two = new Worker(store, TimeSpan.FromMilliseconds(20));

        await Task.WhenAll(new[] { one, two }.Select(async worker =>
        {
            while (await worker.TakeAsync() is not null)
            {
                worker.Complete();
            }
        }));

        TimeProvider.System.GetElapsedTime(begun).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(29 * 20));
        await CollectAsync(store);
        _sink.Outcomes.Count.ShouldBe(30);
    }

    internal static async Task EnqueueAsync(MemoryLeaseStore store, params string[] urls)
    {
        var facts = await store.CreateAsync(new JobFacts { Version = "1" });
        await new Enqueuer(store, facts, NoPatience()).RunAsync(new MemorySource(urls), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Starts_count_from_the_first_workers_beginning_on_every_machine()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        var store = new MemoryLeaseStore(clock);
        await EnqueueAsync(store, "http://a/0", "http://example.com/1");
        await store.BeatAsync(new WorkerCard("first", "{}"), Leases.Usual, []);
        clock.Advance(TimeSpan.FromMinutes(10));

        await using (var worker = new Worker(store))
        {
            for (var url = 0; url < 2; url++)
            {
                (await worker.TakeAsync()).ShouldNotBeNull();
                worker.Complete(start: url * 1_000_000_000L);
            }

            (await worker.TakeAsync()).ShouldBeNull();
        }

        await CollectAsync(store);
        var starts = _sink.Outcomes.OrderBy(outcome => outcome.Index).Select(outcome => outcome.Start).ToArray();

        // Its run began a moment before it heard from the store, when ten minutes had passed there.
        const long Second = 1_000_000_000, TenMinutes = 600 * Second;
        starts[0].ShouldBeInRange(TenMinutes - (60 * Second), TenMinutes);
        (starts[1] - starts[0]).ShouldBeInRange(Second - 1000, Second + 1000);
    }

    [Fact]
    public async Task Results_that_cannot_be_read_end_the_collection_in_a_sentence()
    {
        var store = new MemoryLeaseStore(TimeProvider.System);
        await EnqueueAsync(store, "http://a/0");
        var lease = (await store.BeatAsync(new WorkerCard("w", "{}"), Leases.Usual, [])).Gained.ShouldHaveSingleItem().Lease;
        await store.TakeAsync("w", [new Cursor(lease, -1)], new TakeBounds(1));
        await store.CommitAsync("w", lease, new Commit(0, "", 1, 1, 0, new byte[] { 7, 0xFF }));

        var broken = await Should.ThrowAsync<IOException>(() => CollectAsync(store));

        broken.Message.ShouldBe("what the engine has of the job is broken: results of a batch are cut short or garbled");
    }

    [Fact]
    public async Task A_batch_that_cannot_be_read_ends_the_work_in_a_sentence()
    {
        var store = new MemoryLeaseStore(TimeProvider.System);
        await store.CreateAsync(new JobFacts { Version = "1", Partitions = 1 });
        await store.AddAsync(0, new UrlBatch(0, 0, 1, new byte[] { 7, 0x63, 0x64 }));
        await store.SealAsync(1);

        await using var worker = new Worker(store);

        (await worker.TakeAsync()).ShouldBeNull();
        worker.Work.Fault.ShouldNotBeNull().Message.ShouldStartWith("what the engine has of the job is broken: ");
    }

    private static Patience NoPatience() => new(TimeSpan.FromSeconds(1), TimeProvider.System, _ => { });

    private Task CollectAsync(MemoryLeaseStore store) =>
        new Collector(store, NoPatience(), _sink).RunAsync(null, [], TestContext.Current.CancellationToken);

    private sealed class Worker : IAsyncDisposable
    {
        private static int _count;

        private readonly UrlItem _item = new();
        private readonly FetchResult _result = new();

        public Worker(ILeaseStore store, TimeSpan interval = default, TimeProvider? clock = null)
        {
            Work = new QueueWork(store, new QueueWorkOptions
            {
                Format = JobFacts.NewestFormat,
                Worker = $"worker-{Interlocked.Increment(ref _count)}",
                Concurrency = 1,
                StartInterval = interval,
                Clock = clock ?? TimeProvider.System,
            });
            Work.Begin(MonotonicClock.Now(TimeProvider.System));
        }

        public QueueWork Work { get; }

        public async Task<string?> TakeAsync()
        {
            TakeStatus status;
            while ((status = Work.TryTake(_item)) == TakeStatus.Empty)
            {
                var news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                Work.NotifyWhenReady(news.SetResult);
                await news.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            }

            return status == TakeStatus.Taken ? _item.Text.ToString() : null;
        }

        public void Complete(FetchErrorKind? failure = null, long start = 0)
        {
            _result.Reset();
            _result.Start = start;
            (_result.Index, _result.Status) = (_item.Index, 200);
            _result.Error = failure is { } kind ? new FetchError(kind, "stopped", 42) : null;
            _result.Url.Set(_item.Text.Span);
            Work.Complete(_item, _result);
        }

        public async ValueTask DisposeAsync()
        {
            await Work.EndAsync();
            Work.Dispose();
        }
    }
}
