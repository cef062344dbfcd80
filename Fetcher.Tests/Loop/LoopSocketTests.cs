using System.Net;
using System.Net.Sockets;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;

namespace Fetcher.Tests.Loop;

/// <summary>
/// What the loop does with a socket: waits for it, watches it while it is idle, and gives it its turn and no more. Over every poller.
/// </summary>
public sealed class LoopSocketTests : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[] _buffer = new byte[64 * 1024];

    public LoopSocketTests()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1);
    }

    public static TheoryData<string> Pollers => EventLoopTests.Pollers;

    public void Dispose() => _listener.Dispose();

    [Theory]
    [MemberData(nameof(Pollers))]
    public void A_wait_ends_when_bytes_come(string poller) => Run(poller, async (loop, socket, peer) =>
    {
        loop.Post(() => peer.Send("hello"u8));

        (await ReceiveAsync(loop, socket)).ShouldBe(5);
    });

    [Theory]
    [MemberData(nameof(Pollers))]
    public void A_wait_ends_when_the_peer_closes(string poller) => Run(poller, async (loop, socket, peer) =>
    {
        loop.Post(() => peer.Shutdown(SocketShutdown.Send));

        (await ReceiveAsync(loop, socket)).ShouldBe(0);
    });

    [Theory]
    [MemberData(nameof(Pollers))]
    public void Bytes_and_the_end_that_come_together_are_both_seen(string poller) => Run(poller, async (loop, socket, peer) =>
    {
        peer.Send("hello"u8);
        peer.Shutdown(SocketShutdown.Send);

        (await ReceiveAsync(loop, socket)).ShouldBe(5);
        (await ReceiveAsync(loop, socket)).ShouldBe(0);
    });

    [Theory]
    [MemberData(nameof(Pollers))]
    public void A_wait_ends_at_its_deadline(string poller) => Run(poller, async (loop, socket, _) =>
    {
        var deadline = loop.GetTimestamp() + 2_000_000;
        while (await loop.WaitAsync(socket, Interest.Read, deadline))
        {
            // A busy poller says yes to every question.
            socket.TryReceive(_buffer).WouldBlock.ShouldBeTrue();
        }

        loop.GetTimestamp().ShouldBeGreaterThanOrEqualTo(deadline);
    });

    [Theory]
    [MemberData(nameof(Pollers))]
    public void An_idle_socket_tells_when_its_peer_closes(string poller) => Run(poller, async (loop, socket, peer) =>
    {
        var told = new TaskCompletionSource();
        socket.OnUnexpected = told.SetResult;
        loop.Idle(socket);

        peer.Shutdown(SocketShutdown.Send);

        (await loop.WaitForAsync(told.Task, LoopTimer.Never)).ShouldBeTrue();
        socket.HasNews().ShouldBeTrue();
    });

    [Theory]
    [MemberData(nameof(Pollers))]
    public void An_idle_socket_tells_nothing_while_its_peer_is_quiet(string poller) => Run(poller, async (loop, socket, peer) =>
    {
        // As after a response: some bytes have come and have been read, exactly as many as there was room for.
        peer.Send("hello"u8);
        await loop.WaitAsync(socket, Interest.Read, LoopTimer.Never);
        socket.TryReceive(_buffer.AsSpan(0, 5)).Value.ShouldBe(5);
        socket.OnUnexpected = () => Assert.Fail("nothing came");

        loop.Idle(socket);
        await loop.DelayUntilAsync(loop.GetTimestamp() + 2_000_000);

        socket.HasNews().ShouldBeFalse();
    });

    [Theory]
    [MemberData(nameof(Pollers))]
    public void A_peer_that_has_sent_much_leaves_the_others_their_turn(string poller) => Run(poller, async (loop, socket, peer) =>
    {
        const int Turn = 512 << 10;
        peer.Blocking = false;
        var length = 0;
        while (peer.Poll(0, SelectMode.SelectWrite))
        {
            length += peer.Send(_buffer);
        }

        length.ShouldBeGreaterThan(2 * Turn, "as much as fits between them");
        var turns = 0;
        Count();

        for (var received = 0; received < length;)
        {
            received += await ReceiveAsync(loop, socket, _buffer.AsMemory(0, 4096));
        }

        turns.ShouldBeGreaterThan(length / Turn);

        void Count()
        {
            turns++;
            loop.Post(Count);
        }
    });

    private async Task<int> ReceiveAsync(EventLoop loop, LoopSocket socket, Memory<byte>? buffer = null)
    {
        while (true)
        {
            if (socket.IsReady(Interest.Read))
            {
                var received = socket.TryReceive((buffer ?? _buffer).Span);
                if (!received.WouldBlock)
                {
                    return received.OrThrow("recv");
                }
            }

            (await loop.WaitAsync(socket, Interest.Read, LoopTimer.Never)).ShouldBeTrue();
        }
    }

    /// <summary>Runs a test on a loop, with a connected socket and its peer.</summary>
    private void Run(string poller, Func<EventLoop, LoopSocket, Socket, Task> test)
    {
        using var loop = EventLoopTests.New(poller);
        loop.Run(async () =>
        {
            LoopSocket.TryOpen(loop, AddressFamily.InterNetwork, out var socket).IsError.ShouldBeFalse();
            while (socket!.TryConnect(new SockAddr(IPAddress.Loopback, ((IPEndPoint)_listener.LocalEndPoint!).Port)).IsError)
            {
                (await loop.WaitAsync(socket, Interest.Write, LoopTimer.Never)).ShouldBeTrue();
            }

            using var peer = _listener.Accept();
            peer.NoDelay = true;
            await test(loop, socket, peer);
            socket.Dispose();
        });
    }
}
