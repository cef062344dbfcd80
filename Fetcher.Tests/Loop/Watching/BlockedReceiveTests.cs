using Fetcher.Core.Interop;
using Fetcher.Core.Loop.Watching;

namespace Fetcher.Tests.Loop.Watching;

public sealed class BlockedReceiveTests
{
    [Fact]
    public void What_came_before_a_call_began_counts_for_nothing_in_it()
    {
        using var observer = new LoopObserver(number: 0, loops: 1, TimeProvider.System);
        var ledger = new LoopLedger(loops: 1, TimeProvider.System);
        Assert.SkipUnless(new KernelClock(TimeProvider.System).IsUsable, "the kernel's stamps cannot be told here");

        // As when the thread does not run between the moment it means to call and the call.
        var stamp = Libc.RealTime();
        Pass(ledger);
        var before = observer.BeginBlocking();
        Pass(ledger);
        observer.EndBlocking(before);
        observer.Received(stamp, length: 10);

        observer.BytesBuffered.ShouldBe(10);
        var spans = observer.Finish(0).Spans;
        spans.Zip(spans.Skip(1)).ShouldAllBe(pair => pair.First.To <= pair.Second.From);
    }

    /// <summary>Until more time has passed than is told apart.</summary>
    private static void Pass(LoopLedger clock)
    {
        var from = clock.Read();
        while (clock.Read() - from < 2 * LoopLedger.Notable)
        {
        }
    }
}
