using System.Collections.Concurrent;
using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode towards the work: no more is taken than it allows, and each URL that was taken is completed or given back.</summary>
public sealed class ModeWorkTests
{
    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Each_URL_is_completed_with_its_own_result(string mode)
    {
        await using var server = new ScriptedServer(AnswerByPath(path => path == "/3" ? Response("503 Busy", "", "Retry-After: 0\r\n") : Ok(path)));
        var work = new RecordingWork([.. Enumerable.Range(0, 20).Select(i => server.Url($"/{i}"))], mostAhead: 5);

        await ModeRun.RunAsync(mode, new FetchOptions { Concurrency = 4, Retry = 1, RetryDelay = TimeSpan.Zero }, work);

        work.Completed.Order().ShouldBe(Enumerable.Range(0, 20).Select(i => (long)i));
        work.Mixed.ShouldBeEmpty();
        work.Released.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Work_is_read_ahead_as_far_as_it_allows_and_given_back_when_nothing_more_begins(string mode)
    {
        using var drain = new CancellationTokenSource();
        using var stop = new CancellationTokenSource();
        await using var server = new ScriptedServer(FallSilent());
        var work = new RecordingWork([.. Enumerable.Repeat(server.Url(), 100)], mostAhead: 3);
        var run = ModeRun.RunAsync(
            mode, new FetchJob(ModeRun.Options with { Concurrency = 2, PerHost = 1 }, work, stop: stop.Token) { Drain = drain.Token });
        await ModeRun.UntilAsync(() => server.Requests.Count == 1);
        work.Taken.ShouldBeInRange(3, 4, "one under way, and three that wait for their host");

        await drain.CancelAsync();
        await stop.CancelAsync();
        await run;

        work.Completed.Count.ShouldBe(1);
        work.Released.Count.ShouldBe((int)work.Taken - 1);
        work.Released.ShouldBeUnique();
    }

    /// <summary>A list in memory that takes lines back, and remembers what became of each.</summary>
    private sealed class RecordingWork(string[] urls, int mostAhead) : IWork
    {
        private readonly MemorySource _source = new(urls);

        public ConcurrentQueue<long> Completed { get; } = [];

        public ConcurrentQueue<long> Released { get; } = [];

        /// <summary>Lines that were completed with the result of another.</summary>
        public ConcurrentQueue<string> Mixed { get; } = [];

        public long Taken => _source.Taken;

        public long? Total => _source.Total;

        public int MostAhead => mostAhead;

        public bool HasRoom => true;

        public TakeStatus TryTake(UrlItem item) => _source.TryTake(item);

        public void NotifyWhenReady(Action ready) => _source.NotifyWhenReady(ready);

        public void NotifyWhenRoom(Action ready) => ready();

        public void Complete(UrlItem item, FetchResult result)
        {
            Completed.Enqueue(result.Index);
            if (item.Index != result.Index || !item.Text.Span.SequenceEqual(result.Url.Span))
            {
                Mixed.Enqueue($"{item.Text} with the result of {result.Url}");
            }
        }

        public bool TryRelease(UrlItem item)
        {
            Released.Enqueue(item.Index);
            return true;
        }
    }
}
