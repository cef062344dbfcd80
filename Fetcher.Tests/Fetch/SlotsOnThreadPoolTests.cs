using System.Collections.Concurrent;
using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;
using Fetcher.Core.Work;

namespace Fetcher.Tests.Fetch;

/// <summary>Slots on many threads at once, with a list that runs empty, an output that is full, pauses and returns all the time.</summary>
public sealed class SlotsOnThreadPoolTests
{
    private const int Lines = 20_000;
    private const int Most = 8;

    private int _underWay;
    private int _mostUnderWay;
    private int _paused;

    [Fact]
    public async Task Each_line_has_one_result_and_no_more_are_under_way_than_there_are_slots()
    {
        var (list, sink) = (new MoodyList(Lines), new MoodySink());
        var job = new FetchJob(new FetchOptions { Concurrency = Most }, new ListWork(list, sink));

        await RunAsync(job, CancellationToken.None);

        sink.Results.Order().ShouldBe(Enumerable.Range(0, Lines).Select(i => (long)i));
        _mostUnderWay.ShouldBeLessThanOrEqualTo(Most);
        _paused.ShouldBeGreaterThan(0);
        job.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task A_run_that_drains_somewhere_gives_each_line_that_was_taken_its_result()
    {
        for (var round = 0; round < 50; round++)
        {
            using var drain = new CancellationTokenSource();
            var (list, sink) = (new MoodyList(Lines), new MoodySink());
            var drainAt = 100 * round;
            sink.OnAdd = results =>
            {
                if (results == drainAt + 1)
                {
                    drain.Cancel();
                }
            };
            var job = new FetchJob(new FetchOptions { Concurrency = Most }, new ListWork(list, sink), stop: drain.Token);

            await RunAsync(job, drain.Token);

            sink.Results.Order().ShouldBe(Enumerable.Range(0, (int)list.Taken).Select(i => (long)i));
            job.InFlight.ShouldBe(0);
        }
    }

    private async Task RunAsync(FetchJob job, CancellationToken drain)
    {
        var executor = new ThreadPoolExecutor(job.Clock, drain);
        var slots = new Slots(job, executor, Most, places => slot => FetchAllAsync(job, places, slot), drain);
        await slots.RunAsync().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    private async LoopTask FetchAllAsync(FetchJob job, IPlaces places, ISlot slot)
    {
        do
        {
            await slot.StartAsync().ConfigureAwait(false);
            await FetchAsync(job, places, slot.Transfer).ConfigureAwait(false);
        }
        while (slot.Next());
    }

    private async LoopTask FetchAsync(FetchJob job, IPlaces places, Transfer transfer)
    {
        var index = transfer.Item.Index;
        transfer.Result.Reset();
        Begin();
        if (index % 3 == 0)
        {
            await Task.Yield();
        }

        if (index % 7 == 0)
        {
            // No longer under way, as another may be before this returns.
            Interlocked.Decrement(ref _underWay);
            if (places.TryPause())
            {
                Interlocked.Increment(ref _paused);
                await Task.Yield();
                if (job.IsDraining)
                {
                    places.ResumeToEnd();
                }
                else
                {
                    await places.ResumeAsync().ConfigureAwait(false);
                }
            }

            Begin();
        }

        transfer.Result.Index = index;
        Interlocked.Decrement(ref _underWay);

        void Begin()
        {
            var now = Interlocked.Increment(ref _underWay);
            if (!job.IsDraining)
            {
                InterlockedMax(ref _mostUnderWay, now);
            }
        }
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }

    /// <summary>A list that has nothing just now every so often, and says so from another thread when it has.</summary>
    private sealed class MoodyList(int lines) : IUrlSource
    {
        private readonly Lock _gate = new();
        private long _asked;

        public long Taken { get; private set; }

        public long? Total => null;

        public TakeStatus TryTake(UrlItem item)
        {
            lock (_gate)
            {
                if (Taken == lines)
                {
                    return TakeStatus.End;
                }

                if (++_asked % 50 == 0)
                {
                    return TakeStatus.Empty;
                }

                item.Index = Taken++;
                return TakeStatus.Taken;
            }
        }

        public void NotifyWhenReady(Action ready) => ThreadPool.UnsafeQueueUserWorkItem(static ready => ready(), ready, preferLocal: false);
    }

    /// <summary>An output that is full every so often.</summary>
    private sealed class MoodySink : IResultSink
    {
        private int _asked;

        public ConcurrentQueue<long> Results { get; } = new();

        public Action<int>? OnAdd { get; set; }

        public bool HasRoom => Interlocked.Increment(ref _asked) % 70 != 0;

        public void Add(FetchResult result)
        {
            Results.Enqueue(result.Index);
            OnAdd?.Invoke(Results.Count);
        }

        public void NotifyWhenRoom(Action ready) => ThreadPool.UnsafeQueueUserWorkItem(static ready => ready(), ready, preferLocal: false);
    }
}
