using Fetcher.Core;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop.Watching;

namespace Fetcher.Tests.Loop.Watching;

public sealed class LoopObserverTests
{
    [Fact]
    public void What_came_between_a_look_and_its_end_has_waited_since_it_came()
    {
        using var observer = new LoopObserver(number: 0, loops: 1, TimeProvider.System);
        Assert.SkipUnless(new KernelClock(TimeProvider.System).IsUsable, "the kernel's stamps cannot be told here");
        var transfer = observer.NewTransfer();
        transfer.Begin(0);
        transfer.Park();

        // As when the thread is stopped with the events of a look in its hands.
        var stamp = 0L;
        Wait(observer, () =>
        {
            stamp = Libc.RealTime();
            Thread.Sleep(20);
        });
        Wait(observer, () => { });
        observer.Resume(transfer, StallCause.Bytes);
        observer.Received(stamp);
        var result = new FetchResult { TimeTotal = 1_000_000_000_000 };
        transfer.End(result, due: 0);
        result.ClientStall.ShouldBeGreaterThan(10_000_000);
    }

    private static void Wait(LoopObserver observer, Action meanwhile)
    {
        observer.BeginWait(timeoutMilliseconds: -1);
        var timer = SyscallCounters.Current.Timer.ShouldNotBeNull();
        timer.Begin(Syscall.EpollWait);
        meanwhile();
        timer.End();
        observer.EndWait(events: 1);
    }
}
