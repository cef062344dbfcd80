using System.Diagnostics;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Uring;
using Fetcher.Core.Modes;
using Fetcher.Tests.Contracts;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Loop.Uring;

// With 1,500 descriptors taken, what others open meanwhile has a number that select cannot watch.
[Collection("alone")]
public sealed class UringPollerTests() : PollerContract(MakePoller())
{
    [Fact]
    public void What_is_ready_is_reported_once_for_each_time_it_is_armed()
    {
        var (ours, theirs) = Pair();
        theirs.Send("x"u8);
        Watch(ours, 1, Interest.Read);

        Poller.Wait(new PollEvent[4], -1).ShouldBe(1);
        Poller.Wait(new PollEvent[4], 0).ShouldBe(0);
        Poller.Arm(Number(ours), 1, Interest.Read);
        Poller.Wait(new PollEvent[4], -1).ShouldBe(1);
    }

    [Fact]
    public void After_what_came_on_a_socket_that_many_share_more_of_it_may_gather()
    {
        Assert.SkipUnless(Environment.OSVersion.Version >= new Version(6, 12), "before Linux 6.12 there is no wait for several completions");
        var (ours, theirs) = Pair();
        theirs.Send("x"u8);
        using var poller = new UringPoller(sockets: 4, clock: new FakeTimeProvider());
        poller.Add(Number(ours), 1);

        Look();
        Look();
        poller.NoteWait(1, waited: 2_000_000);

        // What is readable already ends a wait at once, unless that is for several: a tenth of the wait at least.
        Look().ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMicroseconds(200));

        TimeSpan Look()
        {
            var begun = Stopwatch.GetTimestamp();
            poller.Arm(Number(ours), 1, Interest.Read);
            poller.Wait(new PollEvent[4], -1).ShouldBe(1);
            return Stopwatch.GetElapsedTime(begun);
        }
    }

    [Fact]
    public void A_poll_that_was_under_way_says_nothing_of_the_next_descriptor_of_its_number()
    {
        const ulong First = 1ul << 32, Second = 2ul << 32;
        var (ours, theirs) = Pair();
        Watch(ours, First, Interest.Read);
        Poller.Wait(new PollEvent[4], 0).ShouldBe(0);
        theirs.Send("x"u8);

        Poller.Remove(Number(ours));
        Watch(ours, Second, Interest.Write);

        var events = new PollEvent[4];
        Poller.Wait(events, -1).ShouldBe(1);
        events[0].ShouldBe(new PollEvent(Second, Interest.Write, PeerClosed: false));
        Poller.Wait(events, 0).ShouldBe(0);
    }

    [Fact]
    public void A_poll_that_was_only_queued_says_nothing_of_the_next_descriptor_of_its_number()
    {
        const ulong First = 1ul << 32, Second = 2ul << 32;
        var (ours, _) = Pair();
        Watch(ours, First, Interest.Write);

        Poller.Remove(Number(ours));
        Poller.Add(Number(ours), Second);

        Poller.Wait(new PollEvent[4], 0).ShouldBe(0);
    }

    [Fact]
    public void More_completions_than_the_ring_has_room_for_are_all_reported()
    {
        FileLimit.Raise();
        var counters = Enumerable.Range(1, 1500).Select(_ => new SocketFd(Libc.EventFd().OrThrow("eventfd"))).ToList();
        foreach (var counter in counters)
        {
            Poller.Add(counter.Number, (ulong)counter.Number << 32);
            Poller.Arm(counter.Number, (ulong)counter.Number << 32, Interest.Write);
        }

        var events = new PollEvent[counters.Count];
        Poller.Wait(events, -1).ShouldBe(counters.Count);
        events.Select(happened => (int)(happened.Token >> 32)).ShouldBe(counters.Select(counter => counter.Number), ignoreOrder: true);
        counters.ForEach(counter => counter.Dispose());
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData((int)Errno.ENOSYS, "this kernel has no io_uring, or one older than Linux 5.11")]
    [InlineData((int)Errno.EPERM, "io_uring is forbidden here (sysctl kernel.io_uring_disabled, or a container's system call filter)")]
    [InlineData((int)Errno.ENOMEM, "io_uring cannot be set up: Cannot allocate memory (ENOMEM)")]
    public void A_refusal_is_explained_in_a_sentence(int error, string? sentence) =>
        UringPoller.Explain(new SysResult(-error)).ShouldBe(sentence);

    private static UringPoller MakePoller()
    {
        UringTest.SkipWhereRefused();
        return new UringPoller(sockets: 4);
    }
}
