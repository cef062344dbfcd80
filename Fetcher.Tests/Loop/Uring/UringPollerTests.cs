using Fetcher.Core.Interop;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Uring;

namespace Fetcher.Tests.Loop.Uring;

public sealed class UringPollerTests : IDisposable
{
    private readonly List<SocketFd> _opened = [];
    private readonly PollEvent[] _events = new PollEvent[4];
    private readonly Lazy<UringPoller> _poller = new(() => new UringPoller(sockets: 4));

    public UringPollerTests() => UringTest.SkipWhereRefused();

    private UringPoller Poller => _poller.Value;

    [Fact]
    public void Something_readable_is_told_once_for_each_time_it_is_armed()
    {
        var counter = Watch(7UL << 32);
        Poller.Arm(counter, 7UL << 32, Interest.Read);
        Poller.Wait(_events, 0).ShouldBe(0);
        Signal(counter);
        Poller.Wait(_events, -1).ShouldBe(1);
        _events[0].ShouldBe(new PollEvent(7UL << 32, Interest.Read, PeerClosed: false));
        Poller.Wait(_events, 0).ShouldBe(0);
        Poller.Arm(counter, 7UL << 32, Interest.Read);
        Poller.Wait(_events, -1).ShouldBe(1);
    }

    [Fact]
    public void Both_directions_are_armed_apart()
    {
        var counter = Watch(7UL << 32);
        Poller.Arm(counter, 7UL << 32, Interest.Read);
        Poller.Arm(counter, 7UL << 32, Interest.Read | Interest.Write);
        Poller.Wait(_events, -1).ShouldBe(1);
        _events[0].Ready.ShouldBe(Interest.Write);
        Signal(counter);
        Poller.Wait(_events, -1).ShouldBe(1);
        _events[0].Ready.ShouldBe(Interest.Read);
    }

    [Fact]
    public void Nothing_is_told_of_what_was_removed()
    {
        var counter = Watch(7UL << 32);
        Poller.Arm(counter, 7UL << 32, Interest.Read);
        Poller.Wait(_events, 0);
        Poller.Remove(counter);
        Signal(counter);
        Poller.Wait(_events, 0).ShouldBe(0);
        Poller.Wait(_events, 0).ShouldBe(0);
    }

    [Fact]
    public void Nothing_is_told_of_an_earlier_descriptor_of_the_same_number()
    {
        var counter = Watch(7UL << 32);
        Poller.Arm(counter, 7UL << 32, Interest.Read);
        Poller.Wait(_events, 0);
        Signal(counter);
        Poller.Remove(counter);
        Poller.Add(counter, 8UL << 32);
        Poller.Wait(_events, 0).ShouldBe(0);
        Poller.Arm(counter, 8UL << 32, Interest.Read);
        Poller.Wait(_events, -1).ShouldBe(1);
        _events[0].Token.ShouldBe(8UL << 32);
    }

    [Fact]
    public void What_finds_no_room_is_told_by_the_next_wait()
    {
        var tokens = Enumerable.Range(1, 10).Select(i => (ulong)i << 32).ToArray();
        foreach (var token in tokens)
        {
            var counter = Watch(token);
            Signal(counter);
            Poller.Arm(counter, token, Interest.Read);
        }

        var told = new List<ulong>();
        while (told.Count < tokens.Length)
        {
            var count = Poller.Wait(_events, -1);
            count.ShouldBeInRange(1, _events.Length);
            told.AddRange(_events.Take(count).Select(one => one.Token));
        }

        told.Order().ShouldBe(tokens);
    }

    [Fact]
    public void A_wait_ends_with_its_time() => Poller.Wait(_events, 1).ShouldBe(0);

    public void Dispose()
    {
        if (_poller.IsValueCreated)
        {
            Poller.Dispose();
        }

        _opened.ForEach(fd => fd.Dispose());
    }

    private int Watch(ulong token)
    {
        var counter = new SocketFd(Libc.EventFd().OrThrow("eventfd"));
        _opened.Add(counter);
        Poller.Add(counter.Number, token);
        return counter.Number;
    }

    private static void Signal(int counter) => Libc.Write(counter, [1, 0, 0, 0, 0, 0, 0, 0]).OrThrow("write");
}
