using System.Text;
using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Work;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Fetch;

/// <summary>Results that are handed over together: when, in which order, and that each stays what it was.</summary>
public sealed class ResultBatchTests
{
    private readonly MemorySink _sink = new();

    [Fact]
    public void Results_wait_and_are_handed_over_in_the_order_in_which_they_ended()
    {
        var batch = Batch()!;
        var transfer = new Transfer(ModeRun.Options);

        End(transfer, batch, 7);
        End(transfer, batch, 3);
        _sink.Outcomes.ShouldBeEmpty();

        batch.HandOver();
        _sink.Outcomes.Select(outcome => (outcome.Index, outcome.Url)).ShouldBe([(7, "http://a.test/7"), (3, "http://a.test/3")]);
        batch.HandOver();
        _sink.Outcomes.Count.ShouldBe(2);
    }

    [Fact]
    public void A_long_turn_hands_over_what_has_gathered()
    {
        var batch = Batch()!;
        var transfer = new Transfer(ModeRun.Options);

        for (var index = 0; index < 100; index++)
        {
            End(transfer, batch, index);
        }

        _sink.Outcomes.Count.ShouldBeInRange(50, 99);
        batch.HandOver();
        _sink.Outcomes.Select(outcome => outcome.Index).ShouldBe(Enumerable.Range(0, 100).Select(index => (long)index));
    }

    [Fact]
    public void Lines_and_results_are_used_again()
    {
        var batch = Batch()!;
        var transfer = new Transfer(ModeRun.Options);
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);

        for (var index = 0; index < 1000; index++)
        {
            seen.Add(transfer.Item);
            seen.Add(transfer.Result);
            End(transfer, batch, index);
        }

        seen.Count.ShouldBeLessThan(100);
    }

    [Fact]
    public void Each_is_handed_over_at_once_where_it_would_wait_long_or_its_memory_is_used_again()
    {
        Batch(blocks: true).ShouldBeNull();
        Batch(ModeRun.Options with { Stalls = true }).ShouldBeNull();
        Batch(ModeRun.Options with { CpuBurst = TimeSpan.FromMilliseconds(1) }).ShouldBeNull();
    }

    private static void End(Transfer transfer, ResultBatch batch, long index)
    {
        transfer.Result.Reset();
        transfer.Result.Index = index;
        transfer.Result.Url.Set(Encoding.ASCII.GetBytes($"http://a.test/{index}"));
        batch.Add(transfer);
    }

    private ResultBatch? Batch(FetchOptions? options = null, bool blocks = false) =>
        ResultBatch.For(new FetchJob(options ?? ModeRun.Options, new ListWork(new MemorySource([]), _sink)), blocks);
}
