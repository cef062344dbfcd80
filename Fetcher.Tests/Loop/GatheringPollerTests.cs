using Fetcher.Core.Interop;
using Fetcher.Core.Loop;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Loop;

/// <summary>When a loop takes a nap before it asks for events.</summary>
public sealed class GatheringPollerTests : IDisposable
{
    private const int Sockets = 64;

    private readonly FakeTimeProvider _clock = new();
    private readonly ScriptedPoller _asked = new();
    private readonly GatheringPoller _poller;
    private readonly PollEvent[] _events = new PollEvent[Sockets];

    public GatheringPollerTests()
    {
        _poller = new GatheringPoller(_asked, _clock);
        for (var i = 0; i < Sockets; i++)
        {
            _poller.Add(fd: i, token: (ulong)i);
        }
    }

    public void Dispose() => _poller.Dispose();

    [Fact]
    public void Events_that_come_one_by_one_and_close_together_are_gathered() => NapsAfter(_ => 1, microseconds: 20, turns: 200).ShouldBeGreaterThan(100);

    [Fact]
    public void Not_where_each_socket_is_heard_of_again_at_once() => NapsAfter(_ => 1, microseconds: 20, turns: 200, sockets: 8).ShouldBe(0);

    [Fact]
    public void Not_where_they_come_seldom() => NapsAfter(_ => 1, microseconds: 200, turns: 200).ShouldBe(0);

    [Fact]
    public void Not_where_they_come_together() => NapsAfter(_ => 32, microseconds: 600, turns: 200).ShouldBe(0);

    [Fact]
    public void Not_after_a_look_that_found_nothing() => NapsAfter(turn => turn % 2, microseconds: 20, turns: 200).ShouldBeLessThanOrEqualTo(100);

    [Fact]
    public void Not_before_a_look_that_does_not_wait() => NapsAfter(_ => 1, microseconds: 20, turns: 200, timeout: 0).ShouldBe(0);

    [Theory]
    [InlineData(8, 1300, true)]
    [InlineData(1, 1300, false)]
    [InlineData(32, 1300, false)]
    [InlineData(8, 300, false)]
    public void A_socket_that_many_share_counts_by_what_comes_on_it(int responses, int waited, bool gathers)
    {
        var before = SyscallCounters.Current.CallsOf(Syscall.ClockNanosleep);
        for (var turn = 0; turn < 200; turn++)
        {
            _clock.Advance(TimeSpan.FromMicroseconds(160));
            _asked.Next = [new PollEvent(1, Interest.Read, PeerClosed: false)];
            _poller.Wait(_events, -1);
            for (var response = 0; response < responses; response++)
            {
                _poller.NoteWait(1, waited * 1000);
            }
        }

        (SyscallCounters.Current.CallsOf(Syscall.ClockNanosleep) - before > 100).ShouldBe(gathers);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void A_body_gathers_where_its_connection_is_alone(int sockets, bool gathers)
    {
        for (var i = sockets; i < Sockets; i++)
        {
            _poller.Remove(i);
        }

        _poller.NoteWait(1, 0);
        var before = SyscallCounters.Current.CallsOf(Syscall.ClockNanosleep);
        for (var turn = 0; turn < 200; turn++)
        {
            _clock.Advance(TimeSpan.FromMicroseconds(160));
            _asked.Next = [new PollEvent(1, Interest.Read, PeerClosed: false)];
            _poller.Wait(_events, -1);
            _poller.NoteFlow(65536);
        }

        (SyscallCounters.Current.CallsOf(Syscall.ClockNanosleep) - before > 50).ShouldBe(gathers);
    }

    /// <summary>How many naps it took in so many turns, each with <paramref name="events"/> from the next sockets.</summary>
    private long NapsAfter(Func<int, int> events, int microseconds, int turns, int sockets = Sockets, int timeout = -1)
    {
        var before = SyscallCounters.Current.CallsOf(Syscall.ClockNanosleep);
        var next = 0;
        for (var turn = 0; turn < turns; turn++)
        {
            _clock.Advance(TimeSpan.FromMicroseconds(microseconds));
            _asked.Next = [.. Enumerable.Range(0, events(turn)).Select(_ => new PollEvent((ulong)(next++ % sockets), Interest.Read, PeerClosed: false))];
            _poller.Wait(_events, timeout).ShouldBe(_asked.Next.Length);
            _asked.Timeout.ShouldBe(timeout);
        }

        return SyscallCounters.Current.CallsOf(Syscall.ClockNanosleep) - before;
    }

    private sealed class ScriptedPoller : IPoller
    {
        public PollEvent[] Next { get; set; } = [];

        public int Timeout { get; private set; }

        public bool CanWatch(int fd) => true;

        public bool TellsFailure => true;

        public void Add(int fd, ulong token)
        {
        }

        public void Arm(int fd, ulong token, Interest interest)
        {
        }

        public void Remove(int fd)
        {
        }

        public int Wait(Span<PollEvent> events, int timeoutMilliseconds)
        {
            Timeout = timeoutMilliseconds;
            Next.CopyTo(events);
            return Next.Length;
        }

        public void Dispose()
        {
        }
    }
}
