using System.Net.Sockets;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop.Watching;

namespace Fetcher.Tests.Loop.Watching;

/// <summary>What comes while a loop stands still, told by a server that knows when it sent.</summary>
public sealed class ArrivalWatchTests : IDisposable
{
    private readonly StampedPair _pair = new();
    private readonly ArrivalWatch _watch = new();

    public void Dispose()
    {
        _watch.Dispose();
        _pair.Dispose();
    }

    [Fact]
    public void The_first_of_many_bytes_counts_and_not_the_last()
    {
        _watch.Expect(_pair.Fd, toRead: true, isNew: true);
        _watch.Start();
        var (from, to) = _pair.Send();
        var first = UntilSeen();
        for (var i = 0; i < 5; i++)
        {
            _pair.Send();
        }

        first.ShouldBeInRange(from, to);
        _watch.FirstOf(_pair.Fd).ShouldBe(first);
        SpinWait.SpinUntil(() => _pair.Client.Available == 6, TimeSpan.FromSeconds(30)).ShouldBeTrue("sent is not yet received");
        Libc.ReceiveStamped(_pair.Fd, new byte[16], out var last).Value.ShouldBe(6);
        last.ShouldBeGreaterThan(to, "who reads is told of the last");
    }

    [Fact]
    public void What_had_come_before_the_loop_stood_still_is_seen_too()
    {
        _watch.Expect(_pair.Fd, toRead: true, isNew: true);
        var (from, to) = _pair.Send();
        _watch.FirstOf(_pair.Fd).ShouldBe(0);

        _watch.Start();

        UntilSeen().ShouldBeInRange(from, to);
    }

    [Fact]
    public void The_next_wait_is_for_what_comes_next()
    {
        _watch.Start();
        _watch.Expect(_pair.Fd, toRead: true, isNew: true);
        for (var i = 0; i < 200; i++)
        {
            var (from, to) = _pair.Send();
            if (i % 2 == 0)
            {
                UntilSeen().ShouldBeInRange(from, to);
            }

            // Every other time the loop may be faster than the other thread.
            _pair.Client.Receive(new byte[16]).ShouldBe(1);
            _watch.Expect(_pair.Fd, toRead: true, isNew: false);
            _watch.FirstOf(_pair.Fd).ShouldBe(0);
        }
    }

    [Fact]
    public void The_end_and_a_free_buffer_are_told_by_the_clock()
    {
        _watch.Start();
        var from = Libc.RealTime();
        _watch.Expect(_pair.Fd, toRead: false, isNew: true);
        UntilSeen().ShouldBeInRange(from, Libc.RealTime());

        _watch.Expect(_pair.Fd, toRead: true, isNew: false);
        from = Libc.RealTime();
        _pair.Server.Shutdown(SocketShutdown.Send);
        UntilSeen().ShouldBeInRange(from, Libc.RealTime());
    }

    [Fact]
    public void A_socket_that_is_closed_is_forgotten()
    {
        _watch.Start();
        _watch.Expect(_pair.Fd, toRead: true, isNew: true);
        for (var i = 0; i < 100; i++)
        {
            using var passing = new Socket(SocketType.Stream, ProtocolType.Tcp);
            _watch.Expect((int)passing.Handle, toRead: true, isNew: true);
        }

        var (from, to) = _pair.Send();
        UntilSeen().ShouldBeInRange(from, to);
    }

    private long UntilSeen()
    {
        SpinWait.SpinUntil(() => _watch.FirstOf(_pair.Fd) != 0, TimeSpan.FromSeconds(30)).ShouldBeTrue();
        return _watch.FirstOf(_pair.Fd);
    }
}
