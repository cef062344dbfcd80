using Fetcher.Core;
using Fetcher.Queue.Redis;
using Fetcher.Tests.Queue;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Client;

/// <summary>Clients that share a job on a real engine, as several programs would.</summary>
public sealed class QueueClientTests
{
    private static int _jobs;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_share_a_list_and_one_has_all_outcomes()
    {
        using var origin = new CountingOrigin();
        var url = await UrlAsync();
        await using var queue = await RedisFetchQueue.OpenAsync(url);
        await using var one = new FetchClient(Options(origin));
        await using var two = new FetchClient(Options(origin));
        var outcomes = new List<FetchOutcome>();

        var working = Task.WhenAll(one.WorkAsync(queue, Cancellation), two.WorkAsync(queue, Cancellation));
        await foreach (var outcome in one.FetchAllAsync(Urls(300), queue, Cancellation))
        {
            outcomes.Add(outcome);
        }

        await working;
        outcomes.Select(outcome => outcome.Index).Order().ShouldBe(Enumerable.Range(0, 300).Select(index => (long)index));
        outcomes.ShouldAllBe(outcome => outcome.Ok && outcome.Worker!.Length > 0 && outcome.Start >= TimeSpan.Zero);
        origin.Requests.ShouldBe(300);
        (await queue.PurgeAsync()).ShouldBeTrue();
        (await queue.PurgeAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task A_sequence_that_throws_leaves_the_job_open()
    {
        using var origin = new CountingOrigin();
        var url = await UrlAsync();
        await using var queue = await RedisFetchQueue.OpenAsync(url);
        await using var client = new FetchClient(Options(origin));

        static async IAsyncEnumerable<FetchRequest> Torn()
        {
            yield return new FetchRequest(Urls(1).Single());
            await Task.Yield();
            throw new InvalidDataException("torn");
        }

        (await Should.ThrowAsync<InvalidDataException>(async () => await client.FetchAllAsync(Torn(), queue, Cancellation).CountAsync(Cancellation))).Message.ShouldBe("torn");

        // Again and whole, it goes on where it was.
        var working = client.WorkAsync(queue, Cancellation);
        (await client.FetchAllAsync(Urls(3), queue, Cancellation).Select(outcome => outcome.Index).ToArrayAsync(Cancellation)).Order().ShouldBe([0L, 1, 2]);
        await working;
    }

    [Fact]
    public async Task Who_is_told_to_stop_working_leaves_the_rest_to_others()
    {
        using var origin = new CountingOrigin(TimeSpan.FromMilliseconds(5));
        var url = await UrlAsync();
        await using var queue = await RedisFetchQueue.OpenAsync(url);
        await using var client = new FetchClient(Options(origin) with { Concurrency = 2 });
        var collecting = client.FetchAllAsync(Urls(200), queue, Cancellation).Select(outcome => outcome.Index).ToArrayAsync(Cancellation).AsTask();
        using var stop = new CancellationTokenSource();
        var stopped = client.WorkAsync(queue, stop.Token);
        await ModeRun.UntilAsync(() => origin.Requests > 10);

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => stopped);
        await client.WorkAsync(queue, Cancellation);
        (await collecting).Order().ShouldBe(Enumerable.Range(0, 200).Select(index => (long)index));
    }

    [Fact]
    public async Task A_job_that_a_client_cannot_do_as_asked_is_refused()
    {
        using var origin = new CountingOrigin();
        var url = await UrlAsync();
        await using var queue = await RedisFetchQueue.OpenAsync(url, new RedisFetchQueueOptions { ByUrl = true });
        await using var client = new FetchClient(Options(origin));
        await using var careful = new FetchClient(Options(origin) with { PerHost = 1 });
        var collecting = client.FetchAllAsync(Urls(1), queue, Cancellation).CountAsync(Cancellation).AsTask();

        (await Should.ThrowAsync<FetchSetupException>(() => careful.WorkAsync(queue, Cancellation))).Message.ShouldEndWith("is shared out by URL, so that no limit for each host can hold");
        await client.WorkAsync(queue, Cancellation);
        (await collecting).ShouldBe(1);
        await (await StoreUnderTest.EngineAsync()).AskAsync("HSET", $"fetcher:{{{url.Split('/')[^1]}}}", "options", "[\"--retry=3\"]");
        (await Should.ThrowAsync<FetchSetupException>(() => client.WorkAsync(queue, Cancellation))).Message.ShouldContain("options of the command line (--retry=3)");
        (await Should.ThrowAsync<FetchSetupException>(async () => await client.FetchAllAsync(Urls(1), queue, Cancellation).CountAsync(Cancellation)))
            .Message.ShouldContain("with other options");
    }

    [Fact]
    public async Task An_engine_that_cannot_be_used_is_told_without_its_secrets()
    {
        (await Should.ThrowAsync<FetchSetupException>(() => RedisFetchQueue.OpenAsync("redis://me:hunter2@127.0.0.1:1/job")))
            .Message.ShouldBe("the queue redis://127.0.0.1:1/job cannot be used: nobody answers there");
        (await Should.ThrowAsync<ArgumentException>(() => RedisFetchQueue.OpenAsync("http://me:hunter2@a/job"))).Message.ShouldNotContain("hunter2");
        await Should.ThrowAsync<ArgumentException>(() => RedisFetchQueue.OpenAsync("redis://127.0.0.1:1/job", new RedisFetchQueueOptions { Lease = TimeSpan.Zero }));
    }

    private static FetchOptions Options(CountingOrigin origin) => new() { ConnectTo = [new ConnectTo("", 0, "127.0.0.1", origin.Port)] };

    private static IEnumerable<string> Urls(int count) => Enumerable.Range(0, count).Select(index => $"http://h{index % 20}.test/{index}");

    private static async Task<string> UrlAsync()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        return (await StoreUnderTest.EngineAsync()).Url($"client-{Interlocked.Increment(ref _jobs)}");
    }
}
