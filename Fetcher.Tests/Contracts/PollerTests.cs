using Fetcher.Core.Interop;
using Fetcher.Core.Loop;

namespace Fetcher.Tests.Contracts;

public sealed class EpollPollerTests() : PollerContract(new EpollPoller())
{
    [Fact]
    public void A_change_is_reported_once_though_nobody_acts_on_it()
    {
        var (ours, theirs) = Pair();
        theirs.Send("x"u8);
        Watch(ours, 1, Interest.Read);

        Poller.Wait(new PollEvent[4], -1).ShouldBe(1);
        Poller.Wait(new PollEvent[4], 0).ShouldBe(0);
    }
}

public sealed class GatheringPollerContractTests() : PollerContract(new GatheringPoller(new EpollPoller(), TimeProvider.System));

public sealed class PollPollerTests() : LevelTriggeredContract(new PollPoller());

public sealed class SelectPollerTests() : LevelTriggeredContract(new SelectPoller())
{
    [Theory]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(int.MaxValue)]
    public void A_descriptor_that_does_not_fit_is_refused_by_name_of_the_limit(int fd)
    {
        var refused = Should.Throw<IOException>(() => Poller.Add(fd, 1));

        refused.Message.ShouldContain("FD_SETSIZE");
        refused.Message.ShouldContain("--mode poll");
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(-1)]
    [InlineData(100_000)]
    public void Nothing_is_written_beside_the_set(int fd)
    {
        var set = default(FdSet);

        Should.Throw<IndexOutOfRangeException>(() => set.Set(fd, true));
        Should.Throw<IndexOutOfRangeException>(() => Poller.Arm(fd, 1, Interest.Read));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(1023)]
    public void Each_bit_of_the_set_is_its_own(int fd)
    {
        var set = default(FdSet);

        set.Set(fd, true);

        Enumerable.Range(0, FdSet.Capacity).Where(one => set.Contains(one)).ShouldBe([fd]);
        set.Set(fd, false);
        set.Contains(fd).ShouldBeFalse();
    }
}

public sealed class BusyPollerTests() : PollerContract(new BusyPoller())
{
    [Fact]
    public void What_is_wanted_is_reported_though_nothing_has_come()
    {
        var (ours, _) = Pair();
        Watch(ours, 1, Interest.Read);

        Poller.Wait(new PollEvent[4], -1).ShouldBe(1);
        Poller.Wait(new PollEvent[4], -1).ShouldBe(1);
    }
}

/// <summary>What holds for pollers that report how things are, and not how they change.</summary>
public abstract class LevelTriggeredContract : PollerContract
{
    private protected LevelTriggeredContract(IPoller poller)
        : base(poller)
    {
    }

    [Fact]
    public void What_is_ready_is_reported_until_somebody_acts_on_it()
    {
        var (ours, theirs) = Pair();
        theirs.Send("x"u8);
        Watch(ours, 1, Interest.Read);

        Poller.Wait(new PollEvent[4], -1).ShouldBe(1);
        Poller.Wait(new PollEvent[4], -1).ShouldBe(1);
        ours.Receive(new byte[1]);
        Poller.Wait(new PollEvent[4], 0).ShouldBe(0);
    }

    [Fact]
    public void What_is_not_wanted_is_not_reported()
    {
        var (ours, theirs) = Pair();
        Watch(ours, 1, Interest.Read | Interest.Write);
        Poller.Arm(Number(ours), 1, Interest.None);

        theirs.Dispose();

        Poller.Wait(new PollEvent[4], 0).ShouldBe(0);
    }

    [Fact]
    public void A_wait_takes_its_time_when_nothing_is_ready()
    {
        var (ours, _) = Pair();
        Watch(ours, 1, Interest.Read);
        var before = TimeProvider.System.GetTimestamp();

        Poller.Wait(new PollEvent[4], 20).ShouldBe(0);

        TimeProvider.System.GetElapsedTime(before).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(19));
    }
}
