using Fetcher.Queue;

namespace Fetcher.Tests.Queue;

/// <summary>The contract of every store that machines share a job in: leases, commits, results, the end.</summary>
public sealed class LeaseStoreTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    public static TheoryData<string> Kinds => [.. StoreUnderTest.Kinds];

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_worker_alone_gets_every_partition_that_has_work(string kind)
    {
        await using var tested = await OpenAsync(kind, (3, [0, 1]), (7, [2]));

        var beat = await BeatAsync(tested, "a");

        beat.Gained.Select(gained => gained.Lease.Partition).ShouldBe([3, 7]);
        beat.Gained.ShouldAllBe(gained => !gained.IsReclaimed);
        (beat.Total, beat.Done, beat.Left, beat.Workers, beat.Wanting, beat.Surplus).ShouldBe((3, 0, 3, 1, 0, 0));
        beat.BeganAt.ShouldBe(beat.Now);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_job_is_made_once_and_says_what_it_is(string kind)
    {
        await using var tested = await OpenAsync(kind);
        var other = new JobFacts { Version = "2", Options = ["--retry", "7"], Sources = ["ä b.txt"], Count = 3, Partitions = 5, ByUrl = true };

        var made = await tested.Store.CreateAsync(other);
        var state = (await tested.Store.ReadAsync())!;

        (made.Version, state.Facts.Version, state.Total, state.IsSealed).ShouldBe(("1", "1", 0, false));
        (await tested.Store.PurgeAsync()).ShouldBeTrue();
        (await tested.Store.PurgeAsync()).ShouldBeFalse();
        (await tested.Store.ReadAsync()).ShouldBeNull();
        await tested.Store.CreateAsync(other);
        var again = (await tested.Store.ReadAsync())!.Facts;
        (again with { Options = [], Sources = [] }).ShouldBe(other with { Options = again.Options is ["--retry", "7"] ? [] : ["?"], Sources = [] }, again.ToString());
        again.Sources.ShouldBe(other.Sources);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task To_add_again_does_nothing_twice(string kind)
    {
        await using var tested = await OpenAsync(kind);
        var store = tested.Store;

        (await store.AddAsync(1, Batch(0, 2))).ShouldBe(-1);
        (await store.AddAsync(1, Batch(0, 2))).ShouldBe(2);
        (await store.AddAsync(1, Batch(1, 5))).ShouldBe(2);
        (await store.AddAsync(1, Batch(3, 5))).ShouldBe(2);
        (await store.ReadAsync())!.Total.ShouldBe(6);
        (await store.SealAsync(7)).ShouldBe(6);
        (await store.ReadAsync())!.IsSealed.ShouldBeFalse();
        (await store.SealAsync(6)).ShouldBe(6);
        (await store.AddAsync(1, Batch(6, 6))).ShouldBe(5);
        var sealedState = (await store.ReadAsync())!;
        (sealedState.Total, sealedState.Left, sealedState.IsSealed, sealedState.IsFinished).ShouldBe((6, 6, true, false));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_batch_that_is_committed_is_gone_and_its_results_are_there_once(string kind)
    {
        await using var tested = await OpenAsync(kind, (3, [0, 1, 2]));
        var lease = (await BeatAsync(tested, "a")).Gained[0].Lease;
        var batch = (await TakeAsync(tested, "a", lease)).ShouldHaveSingleItem();
        batch.Id.ShouldBe(0);
        BatchText(batch.Packed).ShouldBe("urls 0-2");
        await tested.Store.SealAsync(3);

        var commit = new Commit(0, "", 3, 2, 1000, Results("r"));
        (await tested.Store.CommitAsync("a", lease, commit)).ShouldBe(CommitVerdict.Committed);
        (await tested.Store.CommitAsync("a", lease, commit)).ShouldBe(CommitVerdict.Already);

        var page = await tested.Store.ReadResultsAsync("c", "", 10);
        BatchText(page.Batches.ShouldHaveSingleItem().Packed).ShouldBe("r");
        (page.State.Done, page.State.Ok, page.State.Bytes, page.State.Left, page.State.IsFinished).ShouldBe((3, 2, 1000, 0, true));
        (await TakeAsync(tested, "a", lease)).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_worker_that_does_not_renew_loses_what_it_has_and_its_commit_is_refused(string kind)
    {
        await using var tested = await OpenAsync(kind, (3, [0, 1]), (7, [2]));
        var lost = (await BeatAsync(tested, "a")).Gained;
        await TakeAsync(tested, "a", lost[0].Lease);

        tested.Advance(Lease - TimeSpan.FromSeconds(1));
        (await BeatAsync(tested, "b")).Gained.ShouldBeEmpty();
        tested.Advance(TimeSpan.FromSeconds(2));
        (await tested.Store.WorkersAsync()).Single(w => w.Name == "a").Partitions.ShouldBe(0, "it owns nothing any more, though nobody else does yet");
        var gained = (await BeatAsync(tested, "b")).Gained;

        gained.Select(g => (g.Lease.Partition, g.IsReclaimed, g.Lease.Epoch > lost[0].Lease.Epoch)).ShouldBe([(3, true, true), (7, true, true)]);
        (await tested.Store.CommitAsync("a", lost[0].Lease, new Commit(0, "", 2, 2, 0, Results("late")))).ShouldBe(CommitVerdict.Refused);
        (await tested.Store.MarkAsync("a", lost[0].Lease, 0, 1)).ShouldBeFalse();
        (await TakeAsync(tested, "a", lost[0].Lease)).ShouldBeEmpty();
        var late = await BeatAsync(tested, "a", [.. lost.Select(g => g.Lease)]);
        late.Lost.ShouldBe(lost.Select(g => g.Lease));
        (await TakeAsync(tested, "b", gained[0].Lease)).ShouldHaveSingleItem().Takeovers.ShouldBe(1);
        (await tested.Store.CommitAsync("b", gained[0].Lease, new Commit(0, "", 2, 2, 0, Results("good")))).ShouldBe(CommitVerdict.Committed);
        (await tested.Store.ReadResultsAsync("c", "", 10)).Batches.Select(b => BatchText(b.Packed)).ShouldBe(["good"]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_lease_that_is_renewed_holds(string kind)
    {
        await using var tested = await OpenAsync(kind, (3, [0, 1]));
        var lease = (await BeatAsync(tested, "a")).Gained[0].Lease;

        for (var third = 0; third < 6; third++)
        {
            tested.Advance(Lease / 3);
            (await BeatAsync(tested, "a", lease)).Lost.ShouldBeEmpty();
            (await BeatAsync(tested, "b")).Gained.ShouldBeEmpty();
        }

        // Nobody has taken it meanwhile, so it is his still.
        tested.Advance(Lease * 2);
        (await BeatAsync(tested, "a", lease)).Lost.ShouldBeEmpty();
        (await BeatAsync(tested, "b")).Gained.ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_lease_that_its_worker_does_not_know_of_is_given_anew(string kind)
    {
        await using var tested = await OpenAsync(kind, (3, [0, 1]));
        var unheard = (await BeatAsync(tested, "a")).Gained[0].Lease;

        var lease = (await BeatAsync(tested, "a")).Gained.ShouldHaveSingleItem().Lease;

        lease.Epoch.ShouldBeGreaterThan(unheard.Epoch);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_newcomer_gets_its_share_once_the_others_have_given_up_their_surplus(string kind)
    {
        await using var tested = await OpenAsync(kind, [.. Enumerable.Range(0, 7).Select(p => (p, new long[] { p }))]);
        var first = (await BeatAsync(tested, "a")).Gained.Select(g => g.Lease).ToList();
        first.Count.ShouldBe(7);

        var second = await BeatAsync(tested, "b");
        (second.Gained.Count, second.Wanting, second.Workers).ShouldBe((0, 4, 2));
        (await BeatAsync(tested, "a", [.. first])).Surplus.ShouldBe(3);
        await tested.Store.GiveUpAsync("a", first[..3]);
        await tested.Store.GiveUpAsync("a", first[..3]);
        second = await BeatAsync(tested, "b");

        second.Gained.Select(g => (g.Lease.Partition, g.IsReclaimed)).ShouldBe([(0, false), (1, false), (2, false)]);
        second.Wanting.ShouldBe(1);
        (await BeatAsync(tested, "a", [.. first[3..]])).Surplus.ShouldBe(0);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Who_leaves_frees_all_at_once_and_counts_no_more(string kind)
    {
        await using var tested = await OpenAsync(kind, (3, [0, 1]), (7, [2]));
        var leases = (await BeatAsync(tested, "a")).Gained.Select(g => g.Lease).ToArray();
        await TakeAsync(tested, "a", leases[0]);

        await tested.Store.LeaveAsync(new WorkerCard("a", "{\"left\":true}"), leases);
        var beat = await BeatAsync(tested, "b");

        (beat.Gained.Count, beat.Workers).ShouldBe((2, 1));
        (await TakeAsync(tested, "b", beat.Gained[0].Lease)).ShouldHaveSingleItem().Takeovers.ShouldBe(0);
        (await tested.Store.WorkersAsync()).OrderBy(w => w.Name).Select(w => (w.Name, w.Facts, w.IsAlive, w.Partitions))
            .ShouldBe([("a", "{\"left\":true}", false, 0), ("b", "{}", true, 2)]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Some_URLs_of_a_batch_can_end_before_the_others(string kind)
    {
        await using var tested = await OpenAsync(kind, (3, [0, 1, 2]));
        var lease = (await BeatAsync(tested, "a")).Gained[0].Lease;
        await TakeAsync(tested, "a", lease);
        await tested.Store.SealAsync(3);

        var first = new Commit(0, "010", 1, 1, 0, Results("1"));
        (await tested.Store.CommitAsync("a", lease, first)).ShouldBe(CommitVerdict.Committed);
        (await tested.Store.CommitAsync("a", lease, first)).ShouldBe(CommitVerdict.Already);
        await tested.Store.GiveUpAsync("a", [lease]);
        lease = (await BeatAsync(tested, "b")).Gained[0].Lease;
        (await TakeAsync(tested, "b", lease)).ShouldHaveSingleItem().Done.ShouldBe("010");
        (await tested.Store.CommitAsync("b", lease, new Commit(0, "", 2, 2, 0, Results("0 2")))).ShouldBe(CommitVerdict.Committed);

        var page = await tested.Store.ReadResultsAsync("c", "", 10);
        page.Batches.Select(b => BatchText(b.Packed)).ShouldBe(["1", "0 2"]);
        (page.State.Done, page.State.Left, page.State.IsFinished).ShouldBe((3, 0, true));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task The_last_of_a_batch_ends_it_one_by_one_too(string kind)
    {
        await using var tested = await OpenAsync(kind, (3, [0, 1]));
        var lease = (await BeatAsync(tested, "a")).Gained[0].Lease;
        await tested.Store.SealAsync(2);

        await tested.Store.CommitAsync("a", lease, new Commit(0, "01", 1, 1, 0, Results("1")));
        await tested.Store.CommitAsync("a", lease, new Commit(0, "10", 1, 0, 0, Results("0")));

        (await TakeAsync(tested, "a", lease)).ShouldBeEmpty();
        var state = (await tested.Store.ReadAsync())!;
        (state.Done, state.Ok, state.Left, state.IsFinished, state.IsBroken).ShouldBe((2, 1, 0, true, false));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Results_are_read_on_from_a_position_by_one_collector_at_a_time(string kind)
    {
        await using var tested = await OpenAsync(kind, (3, [0, 1, 2]));
        var lease = (await BeatAsync(tested, "a")).Gained[0].Lease;
        foreach (var (done, text) in new[] { ("100", "0"), ("010", "1"), ("001", "2") })
        {
            await tested.Store.CommitAsync("a", lease, new Commit(0, done, 1, 1, 0, Results(text)));
        }

        var first = await tested.Store.ReadResultsAsync("c", "", 2);
        first.Batches.Select(b => BatchText(b.Packed)).ShouldBe(["0", "1"]);
        (await tested.Store.ReadResultsAsync("c", first.Batches[^1].Position, 2)).Batches.Select(b => BatchText(b.Packed)).ShouldBe(["2"]);
        await Should.ThrowAsync<CollectorBusyException>(() => tested.Store.ReadResultsAsync("d", "", 2));
        tested.Advance(Leases.OfCollector * 1.1);
        (await tested.Store.ReadResultsAsync("d", "", 3)).Batches.Count.ShouldBe(3);
        await tested.Store.EndCollectAsync("d");
        (await tested.Store.ReadResultsAsync("e", "", 3)).Batches.Count.ShouldBe(3);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Places_in_the_rate_follow_one_another_whoever_asks(string kind)
    {
        await using var tested = await OpenAsync(kind);
        var interval = TimeSpan.FromSeconds(10);
        var longAgo = TimeSpan.FromDays(1000);

        (await tested.Store.ReserveStartsAsync(2, interval, longAgo)).ShouldBe(TimeSpan.Zero);
        (await tested.Store.ReserveStartsAsync(1, interval, longAgo)).ShouldBeInRange(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(20));
        tested.Advance(TimeSpan.FromSeconds(100));
        (await tested.Store.ReserveStartsAsync(1, interval, longAgo)).ShouldBe(TimeSpan.Zero, "time in which nobody asked is not made up for");
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task The_next_place_in_the_rate_is_an_interval_after_a_start_that_was_late(string kind)
    {
        await using var tested = await OpenAsync(kind);
        var interval = TimeSpan.FromSeconds(100);
        await tested.Store.ReserveStartsAsync(1, interval, TimeSpan.FromDays(1000));
        tested.Advance(TimeSpan.FromSeconds(95));

        (await tested.Store.ReserveStartsAsync(1, interval, since: TimeSpan.FromSeconds(15))).ShouldBeInRange(TimeSpan.FromSeconds(84), TimeSpan.FromSeconds(85));
        (await tested.Store.ReserveStartsAsync(1, interval, since: TimeSpan.FromDays(1000))).ShouldBeInRange(TimeSpan.FromSeconds(180), TimeSpan.FromSeconds(185));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_place_in_the_rate_that_is_too_far_away_is_left_to_others(string kind)
    {
        await using var tested = await OpenAsync(kind);
        var interval = TimeSpan.FromSeconds(100);
        await tested.Store.ReserveStartsAsync(1, interval, since: TimeSpan.FromDays(1000));

        for (var i = 0; i < 2; i++)
        {
            (await tested.Store.ReserveStartsAsync(1, interval, TimeSpan.FromDays(1000), within: TimeSpan.FromSeconds(50))).ShouldBeInRange(TimeSpan.FromSeconds(90), interval);
        }

        tested.Advance(TimeSpan.FromSeconds(60));
        await tested.Store.ReserveStartsAsync(1, interval, TimeSpan.FromDays(1000), within: TimeSpan.FromSeconds(50));
        (await tested.Store.ReserveStartsAsync(1, interval, TimeSpan.FromDays(1000))).ShouldBeInRange(TimeSpan.FromSeconds(130), TimeSpan.FromSeconds(140));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_job_that_is_gone_is_told_by_every_call(string kind)
    {
        await using var tested = await OpenAsync(kind, (3, [0]));
        var store = tested.Store;
        var lease = (await BeatAsync(tested, "a")).Gained[0].Lease;
        await store.PurgeAsync();

        await Should.ThrowAsync<JobGoneException>(() => BeatAsync(tested, "a", lease));
        await Should.ThrowAsync<JobGoneException>(() => TakeAsync(tested, "a", lease));
        await Should.ThrowAsync<JobGoneException>(() => store.CommitAsync("a", lease, new Commit(0, "", 1, 1, 0, Results("r"))));
        await Should.ThrowAsync<JobGoneException>(() => store.ReadResultsAsync("c", "", 1));
        await Should.ThrowAsync<JobGoneException>(() => store.AddAsync(0, Batch(1, 1)));
        await Should.ThrowAsync<JobGoneException>(() => store.SealAsync(1));
        await Should.ThrowAsync<JobGoneException>(() => store.MarkAsync("a", lease, 0, 0));
        (await store.ReadAsync()).ShouldBeNull();
    }

    internal static async Task<StoreUnderTest> OpenAsync(string kind, params (int Partition, long[] Indices)[] batches)
    {
        var tested = await StoreUnderTest.OpenAsync(kind);
        await tested.Store.CreateAsync(new JobFacts { Version = "1" });
        await AddAsync(tested, batches);
        return tested;
    }

    internal static async Task AddAsync(StoreUnderTest tested, params (int Partition, long[] Indices)[] batches)
    {
        foreach (var (partition, indices) in batches)
        {
            await tested.Store.AddAsync(partition, Batch(indices[0], indices[^1]));
        }
    }

    internal static Task<Beat> BeatAsync(StoreUnderTest tested, string worker, params Lease[] held) =>
        tested.Store.BeatAsync(new WorkerCard(worker, "{}"), Lease, held);

    internal static async Task<IReadOnlyList<TakenBatch>> TakeAsync(StoreUnderTest tested, string worker, Lease lease) =>
        (await tested.Store.TakeAsync(worker, [new Cursor(lease, -1)], new TakeBounds(100))).Batches;

    internal static UrlBatch Batch(long first, long last) => new(first, last, (int)(last - first + 1), Results($"urls {first}-{last}"));

    internal static ReadOnlyMemory<byte> Results(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    internal static string BatchText(ReadOnlyMemory<byte> packed) => System.Text.Encoding.UTF8.GetString(packed.Span);
}
