using Fetcher.Queue;
using Fetcher.Queue.Redis;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Queue.LeaseStoreTests;

namespace Fetcher.Tests.Queue;

/// <summary>The contract of every store: which batches are handed out, and how many.</summary>
public sealed class LeaseStoreTakeTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    public static TheoryData<string> Kinds => [.. StoreUnderTest.Kinds];

    [Theory, MemberData(nameof(Kinds))]
    public async Task How_many_workers_died_with_a_batch_in_hand_is_counted_and_the_URL_that_was_marked_is_known(string kind)
    {
        await using var tested = await OpenAsync(kind, (3, [0, 1]), (7, [2]));
        for (var death = 0; death < 3; death++)
        {
            var worker = $"w{death}";
            var leases = (await BeatAsync(tested, worker)).Gained.Select(g => g.Lease).ToArray();
            var batch = (await TakeAsync(tested, worker, leases[0])).ShouldHaveSingleItem();
            (batch.Takeovers, batch.Marked).ShouldBe((death, -1));
            if (death == 2)
            {
                (await tested.Store.MarkAsync(worker, leases[0], 0, 1)).ShouldBeTrue();
            }

            tested.Advance(Lease * 1.1);
        }

        var last = (await BeatAsync(tested, "z")).Gained.Select(g => g.Lease).ToArray();
        var suspect = (await TakeAsync(tested, "z", last[0])).ShouldHaveSingleItem();
        (suspect.Takeovers, suspect.Marked).ShouldBe((3, 1));
        (await TakeAsync(tested, "z", last[1])).ShouldHaveSingleItem().Takeovers.ShouldBe(0, "nobody had it in hand");
        await tested.Store.CommitAsync("z", last[0], new Commit(0, "01", 1, 0, 0, Results("lost")));
        tested.Advance(Lease * 1.1);
        last = [.. (await BeatAsync(tested, "y")).Gained.Select(g => g.Lease)];
        suspect = (await TakeAsync(tested, "y", last[0])).ShouldHaveSingleItem();
        (suspect.Takeovers, suspect.Marked, suspect.Done).ShouldBe((4, -1, "01"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Batches_are_handed_out_from_where_the_worker_is_and_no_more_than_it_asks_for(string kind)
    {
        await using var tested = await OpenAsync(kind, (3, [0, 1]), (3, [2, 3]), (3, [4]), (7, [5]));
        var leases = (await BeatAsync(tested, "a")).Gained.Select(g => g.Lease).ToArray();

        (await tested.Store.TakeAsync("a", [new Cursor(leases[0], -1), new Cursor(leases[1], -1)], new TakeBounds(2))).Batches.Select(b => b.Id).ShouldBe([0, 2]);
        (await tested.Store.TakeAsync("a", [new Cursor(leases[0], 2), new Cursor(leases[1], -1)], new TakeBounds(9))).Batches.Select(b => b.Id).ShouldBe([4, 5]);
        (await tested.Store.ReadAsync())!.Held.ShouldBe(4);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task No_partition_gives_more_than_its_part(string kind)
    {
        await using var tested = await OpenAsync(kind, (3, [0, 1]), (3, [2, 3]), (3, [4]), (7, [5]));
        var leases = (await BeatAsync(tested, "a")).Gained.Select(g => g.Lease).ToArray();

        (await tested.Store.TakeAsync("a", [new Cursor(leases[0], -1), new Cursor(leases[1], -1)], new TakeBounds(9, Each: 1))).Batches.Select(b => b.Id).ShouldBe([0, 5]);
        (await tested.Store.TakeAsync("a", [new Cursor(leases[0], 0), new Cursor(leases[1], 5)], new TakeBounds(9, Each: 2))).Batches.Select(b => b.Id).ShouldBe([2, 4]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Of_batches_that_dead_workers_had_in_hand_few_are_handed_out(string kind)
    {
        await using var tested = await OpenAsync(kind, [.. Enumerable.Range(0, 40).Select(batch => (3, new long[] { batch }))]);

        // 40 are in hand at the first death, 16 at the second, 4 at the third and those that follow.
        int[] most = [40, 16, 4, 4];
        for (var death = 0; death < most.Length; death++)
        {
            var lease = (await BeatAsync(tested, $"w{death}")).Gained.ShouldHaveSingleItem().Lease;
            var taken = (await tested.Store.TakeAsync($"w{death}", [new Cursor(lease, -1)], new TakeBounds(100))).Batches;
            (taken.Count, taken[0].Takeovers).ShouldBe((most[death], death));
            (await tested.Store.TakeAsync($"w{death}", [new Cursor(lease, taken[^1].Id)], new TakeBounds(100, Doubt: 0))).Batches.ShouldBeEmpty();
            tested.Advance(Lease * 1.1);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Nothing_is_handed_out_while_too_many_results_lie_unread(string kind)
    {
        await using var tested = await StoreUnderTest.OpenAsync(kind);
        await tested.Store.CreateAsync(new JobFacts { Version = "1", MostUnread = 1 });
        await AddAsync(tested, (3, [0]), (3, [1]));
        var lease = (await BeatAsync(tested, "a")).Gained[0].Lease;
        await TakeAsync(tested, "a", lease);
        await tested.Store.CommitAsync("a", lease, new Commit(0, "", 1, 1, 0, Results("0")));

        var full = await tested.Store.TakeAsync("a", [new Cursor(lease, 0)], new TakeBounds(9));
        (full.Batches.Count, full.IsFull).ShouldBe((0, true));
        var page = await tested.Store.ReadResultsAsync("c", "", 10);
        await tested.Store.TrimAsync(page.Batches[^1].Position, collected: 1);
        await tested.Store.TrimAsync(page.Batches[^1].Position, collected: 1);

        (await tested.Store.TakeAsync("a", [new Cursor(lease, 0)], new TakeBounds(9))).Batches.Select(b => b.Id).ShouldBe([1]);
        (await tested.Store.ReadAsync())!.Collected.ShouldBe(1);
        (await tested.Store.ReadResultsAsync("c", "", 10)).Batches.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_engine_without_memory_hands_out_only_while_its_results_are_read()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        await using var engine = await RedisServer.StartAsync();
        await using var store = await RedisQueue.OpenAsync(RedisAddress.Parse(engine.Url("full")), null, warning => throw new InvalidOperationException(warning));
        await store.CreateAsync(new JobFacts { Version = "1" });
        for (var batch = 0; batch < RedisLeaseStore.MostUnreadWhenFull + 2; batch++)
        {
            await store.AddAsync(3, Batch(batch, batch));
        }

        await engine.AskAsync("CONFIG", "SET", "maxmemory", "1mb");
        await Should.ThrowAsync<StoreFullException>(() => store.AddAsync(3, Batch(1000, 1000)));
        var lease = (await store.BeatAsync(new WorkerCard("a", "{}"), Lease, [])).Gained[0].Lease;
        for (var batch = 0; batch < RedisLeaseStore.MostUnreadWhenFull; batch++)
        {
            (await store.TakeAsync("a", [new Cursor(lease, batch - 1)], new TakeBounds(1))).Batches.ShouldHaveSingleItem().Id.ShouldBe(batch);
            await store.CommitAsync("a", lease, new Commit(batch, "", 1, 1, 0, Results("r")));
        }

        (await store.TakeAsync("a", [new Cursor(lease, -1)], new TakeBounds(1))).IsFull.ShouldBeTrue();
        var page = await store.ReadResultsAsync("c", "", 1);
        await store.TrimAsync(page.Batches[0].Position, collected: 1);
        (await store.TakeAsync("a", [new Cursor(lease, -1)], new TakeBounds(1))).Batches.ShouldHaveSingleItem();
    }
}
