using Fetcher.Core;
using Fetcher.Core.Loop.Watching;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Loop.Watching;

/// <summary>On fake time: a thread that the kernel passes over for a moment would be a stall of its own.</summary>
public sealed class TransferWatchTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_collection_in_its_own_turn_is_a_stall_of_the_transfer_that_it_interrupts()
    {
        using var observer = new LoopObserver(number: 0, loops: 1, _clock);
        var (interrupted, next) = (observer.NewTransfer(), observer.NewTransfer());
        interrupted.Begin(0);
        var from = observer.Now;
        Collect();
        next.Begin(1);
        var most = observer.Now - from;

        var stall = StallOf(interrupted);
        stall.ClientStall.ShouldBeInRange(1, most);
        stall.StallBlocker!.Value.Kind.ShouldBe("gc pause");
        StallOf(next).ClientStall.ShouldBe(0);
    }

    [Fact]
    public void A_collection_after_its_end_is_none()
    {
        using var observer = new LoopObserver(number: 0, loops: 1, _clock);
        var transfer = observer.NewTransfer();
        transfer.Begin(0);
        StallOf(transfer);
        Collect();
        observer.Enter(Activity.Other);

        observer.Stalls.CountedFrom(0).ShouldBeEmpty();
        transfer.Begin(1);
        StallOf(transfer).ClientStall.ShouldBe(0);
    }

    private static FetchResult StallOf(TransferWatch transfer)
    {
        var result = new FetchResult { TimeTotal = long.MaxValue / 4 };
        transfer.End(result, 0);
        return result;
    }

    /// <summary>Has the garbage collector stop all threads for some milliseconds, by which the clock moves on.</summary>
    private void Collect()
    {
        var before = GC.GetTotalPauseDuration();
        var kept = new List<object[]>();
        while (GC.GetTotalPauseDuration() - before < TimeSpan.FromMilliseconds(5))
        {
            kept.Add([.. Enumerable.Range(0, 100_000).Select(_ => new object())]);
            GC.Collect();
        }

        GC.KeepAlive(kept);
        _clock.Advance(GC.GetTotalPauseDuration() - before);
    }
}
