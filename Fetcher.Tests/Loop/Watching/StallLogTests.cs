using Fetcher.Core;
using Fetcher.Core.Loop.Watching;

namespace Fetcher.Tests.Loop.Watching;

public sealed class StallLogTests
{
    private const long Millisecond = 1_000_000;

    [Fact]
    public void Of_many_the_first_and_the_last_are_kept_and_the_others_are_counted()
    {
        const int Many = 10_000;
        var ring = new SpanRing(capacity: 8);
        ring.Add(0, Many * Millisecond, transfer: 7, SpanKind.Tls);
        using var observer = new LoopObserver(number: 0, loops: 1, TimeProvider.System);
        var transfer = observer.NewTransfer();
        transfer.Begin(1);
        var log = new StallLog(ring);
        for (var i = 0; i < Many; i++)
        {
            log.Add(transfer, i * Millisecond, (i + 1) * Millisecond, StallCause.Bytes, isBound: false);
        }

        var kept = log.CountedFrom(0);
        kept[0].From.ShouldBe(0);
        kept[^1].To.ShouldBe(Many * Millisecond);
        (kept.Count + log.Forgotten).ShouldBe(Many);
        kept.Count.ShouldBeInRange(1000, Many / 2);
        kept.Select(stall => stall.From).ShouldBeInOrder();
    }

    [Fact]
    public void A_result_names_the_worst_of_the_kind_that_cost_it_most()
    {
        // Ten others' reads of 100 ms, and after each 20 ms without a CPU: together more than any one read.
        const int Reads = 10;
        var ring = new SpanRing(capacity: 64);
        var now = 0L;
        for (var i = 0; i < Reads; i++)
        {
            ring.Add(now, now += (100 + i) * Millisecond, transfer: 100 + i, SpanKind.BlockingRead);
            ring.Add(now, now += 20 * Millisecond, LoopSpan.Nobody, SpanKind.NotScheduled);
        }

        using var observer = new LoopObserver(number: 0, loops: 1, TimeProvider.System);
        var transfer = observer.NewTransfer();
        transfer.Begin(1);
        var log = new StallLog(ring);
        log.Add(transfer, 0, now, StallCause.Bytes, isBound: false);
        var result = new FetchResult();
        transfer.End(result, 0);

        result.StallBlocker.ShouldBe(new StallBlocker(100 + Reads - 1, "blocking read", (100 + Reads - 1) * Millisecond));
        log.CountedFrom(0)[0].Behind.Transfer.ShouldBe(100 + Reads - 1);
    }

    [Fact]
    public void A_stall_is_drawn_behind_the_longest_span_of_the_kind_that_cost_most()
    {
        var ring = new SpanRing(capacity: 8);
        ring.Add(0, 30 * Millisecond, transfer: 2, SpanKind.BlockingRead);
        ring.Add(30 * Millisecond, 65 * Millisecond, LoopSpan.Nobody, SpanKind.NotScheduled);
        ring.Add(65 * Millisecond, 90 * Millisecond, transfer: 3, SpanKind.BlockingRead);
        using var observer = new LoopObserver(number: 0, loops: 1, TimeProvider.System);
        var transfer = observer.NewTransfer();
        transfer.Begin(1);
        var log = new StallLog(ring);
        log.Add(transfer, 0, 90 * Millisecond, StallCause.Bytes, isBound: false);

        log.CountedFrom(0).ShouldHaveSingleItem().Behind.Transfer.ShouldBe(2);
    }

    [Fact]
    public void Finding_out_what_a_stall_was_behind_takes_no_memory_however_much_it_was()
    {
        const int Many = 500;
        var ring = new SpanRing(capacity: 512);
        for (var i = 0; i < Many; i++)
        {
            ring.Add(i * Millisecond, (i + 1) * Millisecond, transfer: 100 + i, SpanKind.CpuBurst);
        }

        using var observer = new LoopObserver(number: 0, loops: 1, TimeProvider.System);
        var transfer = observer.NewTransfer();
        var log = new StallLog(ring);
        Stall(1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Stall(2);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Stall(long index)
        {
            transfer.Begin(index);
            log.Add(transfer, 0, Many * Millisecond, StallCause.Bytes, isBound: false);
        }
    }

    [Fact]
    public void Whoever_waits_behind_many_has_all_of_them_charged()
    {
        const int Many = 100;
        var ring = new SpanRing(capacity: 256);
        for (var i = 0; i < Many; i++)
        {
            ring.Add(i * Millisecond, (i + 1) * Millisecond, transfer: 100 + i, SpanKind.BlockingRead);
        }

        using var observer = new LoopObserver(number: 0, loops: 1, TimeProvider.System);
        var transfer = observer.NewTransfer();
        transfer.Begin(1);
        var log = observer.Stalls;
        foreach (var span in ring.Between(0, Many * Millisecond))
        {
            transfer.WaitBehind(span, span.Length);
        }

        transfer.End(new FetchResult(), 0);

        log.Blockers.Ranking.Sum(blocker => blocker.Cost).ShouldBe(Many * Millisecond);
        log.Blockers.Ranking.ShouldAllBe(blocker => blocker.Stalled == 1);
    }
}
