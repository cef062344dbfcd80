using Fetcher.Core.Loop.Uring;

namespace Fetcher.Tests.Loop.Uring;

public sealed class UringRingTests
{
    [Fact]
    public void A_full_submission_ring_is_submitted_early()
    {
        using var ring = MakeRing(entries: 4, completions: 64);
        for (var i = 1UL; i <= 50; i++)
        {
            ring.NextEntry().UserData = i;
        }

        ring.Enter(timeoutMilliseconds: -1);
        TakeAll(ring).ShouldBe(Enumerable.Range(1, 50).Select(i => (ulong)i));
    }

    [Fact]
    public void Completions_that_find_no_room_wait_in_the_kernel()
    {
        using var ring = MakeRing(entries: 4, completions: 4);
        for (var i = 1UL; i <= 50; i++)
        {
            ring.NextEntry().UserData = i;
        }

        ring.Enter(timeoutMilliseconds: -1);
        ring.HasOverflow.ShouldBeTrue();
        var taken = new List<ulong>();
        do
        {
            taken.AddRange(TakeAll(ring));
            ring.Enter(timeoutMilliseconds: 0);
        }
        while (ring.HasOverflow);
        taken.AddRange(TakeAll(ring));
        taken.ShouldBe(Enumerable.Range(1, 50).Select(i => (ulong)i));
    }

    [Fact]
    public void A_wait_ends_with_its_time()
    {
        using var ring = MakeRing(entries: 4, completions: 4);
        ring.Enter(gather: 100, time: 200_000, timeoutMilliseconds: 1);
        TakeAll(ring).ShouldBeEmpty();
    }

    [Fact]
    public void A_wait_for_many_does_not_insist()
    {
        using var ring = MakeRing(entries: 4, completions: 16);
        ring.NextEntry().UserData = 7;
        ring.Enter(gather: 10, time: 200_000, timeoutMilliseconds: -1);
        TakeAll(ring).ShouldBe([7UL]);
    }

    private static UringRing MakeRing(uint entries, uint completions)
    {
        UringTest.SkipWhereRefused();
        UringRing.TryCreate(entries, completions, out var ring).IsError.ShouldBeFalse();
        return ring!;
    }

    private static List<ulong> TakeAll(UringRing ring)
    {
        var all = new List<ulong>();
        while (ring.TryTake(out var completion))
        {
            all.Add(completion.UserData);
        }

        return all;
    }
}
