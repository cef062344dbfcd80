using System.Net.Sockets;
using Fetcher.Core;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Uring;

namespace Fetcher.Tests.Loop.Uring;

public sealed class UringStreamTests
{
    public static TheoryData<int> Levels => [(int)UringLevel.WholeBuffers, (int)UringLevel.SharedBuffers];

#if DEBUG
    [Theory]
    [MemberData(nameof(Levels))]
    public Task What_was_lent_is_gone_once_more_is_received(int level) => UringTest.RunAsync(
        async test =>
        {
            var (stream, peer) = await test.ConnectAsync();
            peer.Send("hello"u8);
            (await stream.ReceiveAsync()).ShouldBe(5);
            var kept = stream.Received[..5];
            kept.AsSpan().SequenceEqual("hello"u8).ShouldBeTrue();
            peer.Send("world"u8);

            (await stream.ReceiveAsync()).ShouldBe(5);

            stream.Received.AsSpan(0, 5).SequenceEqual("world"u8).ShouldBeTrue();
            kept.ToArray().ShouldAllBe(one => one == LentMemory.Garbage);
            await stream.DisposeAsync();
            peer.Dispose();
        },
        (UringLevel)level);
#endif

    [Theory]
    [MemberData(nameof(Levels))]
    public Task Requests_and_responses_go_back_and_forth(int level) => UringTest.RunAsync(
        async test =>
        {
            var (stream, peer) = await test.ConnectAsync();
            for (var i = 1; i <= 1000; i++)
            {
                var request = UringTest.RandomBytes(i);
                await stream.WriteAsync(request);
                await test.TurnAsync(1);
                UringTest.ReceiveAll(peer, request.Length).ShouldBe(request);
                peer.Send(request);
                (await UringTest.ReceiveAllAsync(stream, request.Length)).ShouldBe(request);
            }

            await stream.DisposeAsync();
            peer.Dispose();
        },
        (UringLevel)level);

    [Theory]
    [MemberData(nameof(Levels))]
    public Task A_long_body_arrives_whole_and_in_order(int level) => UringTest.RunAsync(
        async test =>
        {
            var body = UringTest.RandomBytes(20_000_000);
            var (stream, peer) = await test.ConnectAsync();
            var sending = Task.Run(() =>
            {
                peer.Send(body);
                peer.Dispose();
            });
            (await UringTest.ReceiveAllAsync(stream)).AsSpan().SequenceEqual(body).ShouldBeTrue();
            await test.Loop.WaitForAsync(sending, LoopTimer.Never);
            await stream.DisposeAsync();
        },
        (UringLevel)level);

    [Theory]
    [MemberData(nameof(Levels))]
    public Task Many_bodies_at_once_share_fewer_buffers_than_they_would_fill(int level) => UringTest.RunAsync(
        async test =>
        {
            var pairs = await Task.WhenAll(Enumerable.Range(0, 48).Select(_ => test.ConnectAsync()));
            var body = UringTest.RandomBytes(300_000);
            var sending = Task.WhenAll(pairs.Select(pair => Task.Run(() =>
            {
                pair.Peer.Send(body);
                pair.Peer.Dispose();
            })));

            // Everything that the sockets hold waits in the kernel when the receives start, far more than there are buffers.
            await test.Loop.WaitForAsync(Task.Delay(50), LoopTimer.Never);
            var bodies = await Task.WhenAll(pairs.Select(pair => UringTest.ReceiveAllAsync(pair.Stream)));
            bodies.ShouldAllBe(received => received.SequenceEqual(body));
            await test.Loop.WaitForAsync(sending, LoopTimer.Never);
            foreach (var (stream, _) in pairs)
            {
                await stream.DisposeAsync();
            }
        },
        (UringLevel)level);

    [Fact]
    public Task What_the_socket_has_no_room_for_is_sent_later() => UringTest.RunAsync(async test =>
    {
        var (stream, peer) = await test.ConnectAsync();
        var request = UringTest.RandomBytes(30_000_000);
        var second = UringTest.RandomBytes(1000);
        await stream.WriteAsync(request);
        var writing = stream.WriteAsync(second);
        var received = await test.ElsewhereAsync(() => UringTest.ReceiveAll(peer, request.Length + second.Length));
        received.AsSpan(0, request.Length).SequenceEqual(request).ShouldBeTrue();
        received.AsSpan(request.Length).SequenceEqual(second).ShouldBeTrue();
        await writing;
        await stream.DisposeAsync();
        peer.Dispose();
    });

    [Fact]
    public Task Writes_in_one_turn_keep_their_order() => UringTest.RunAsync(async test =>
    {
        var (stream, peer) = await test.ConnectAsync();
        for (byte i = 0; i < 100; i++)
        {
            await stream.WriteAsync(new[] { i });
        }

        await test.TurnAsync(1);
        UringTest.ReceiveAll(peer, 100).ShouldBe(Enumerable.Range(0, 100).Select(i => (byte)i));
        await stream.DisposeAsync();
        peer.Dispose();
    });

    [Fact]
    public Task The_peer_s_close_is_the_end() => UringTest.RunAsync(async test =>
    {
        var (stream, peer) = await test.ConnectAsync();
        peer.Dispose();
        (await stream.ReceiveAsync()).ShouldBe(0);
        (await stream.ReceiveAsync()).ShouldBe(0);
        await stream.DisposeAsync();
    });

    [Fact]
    public Task A_reset_while_receiving_is_a_receive_error() => UringTest.RunAsync(async test =>
    {
        var (stream, peer) = await test.ConnectAsync();
        var receiving = stream.ReceiveAsync();
        Reset(peer);
        var error = (await UringTest.CatchAsync<FetchException>(receiving)).Error;
        error.Kind.ShouldBe(FetchErrorKind.Receive);
        error.Message.ShouldContain("ECONNRESET");
        await stream.DisposeAsync();
    });

    [Fact]
    public Task A_send_that_fails_is_told_by_the_next_receive() => UringTest.RunAsync(async test =>
    {
        var (stream, peer) = await test.ConnectAsync();
        Reset(peer);
        await stream.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        var error = (await UringTest.CatchAsync<FetchException>(stream.ReceiveAsync())).Error;
        error.Kind.ShouldBe(FetchErrorKind.Send);
        error.ExitCode.ShouldBe(55);
        await stream.DisposeAsync();
    });

    [Fact]
    public Task Silence_ends_with_a_timeout() => UringTest.RunAsync(async test =>
    {
        var (stream, peer) = await test.ConnectAsync(timeout: TimeSpan.FromMilliseconds(20));
        var error = (await UringTest.CatchAsync<FetchException>(stream.ReceiveAsync())).Error;
        error.Kind.ShouldBe(FetchErrorKind.Timeout);
        error.Message.ShouldBe("nothing could be received for 0.02 s");
        await stream.DisposeAsync();
        peer.Dispose();
    });

    [Fact]
    public Task Stopping_the_loop_cancels_the_wait() => UringTest.RunAsync(async test =>
    {
        var (stream, peer) = await test.ConnectAsync();
        var receiving = stream.ReceiveAsync();
        test.Loop.Stop();
        await UringTest.CatchAsync<OperationCanceledException>(receiving);
        test.Poller.Awaited.ShouldBe(0);
        await stream.DisposeAsync();
        peer.Dispose();
    });

    [Fact]
    public Task An_idle_connection_notices_that_the_peer_closes_it() => UringTest.RunAsync(async test =>
    {
        var (stream, peer) = await test.ConnectAsync();
        var noticed = new TaskCompletionSource();
        stream.Socket.OnUnexpected = noticed.SetResult;
        stream.Rest(test.Loop);
        stream.Socket.IsReady(Interest.Read).ShouldBeFalse();
        peer.Dispose();
        await noticed.Task;
        stream.Socket.IsReady(Interest.Read).ShouldBeTrue();
        await stream.DisposeAsync();
    });

    [Fact]
    public Task A_connection_closed_right_after_its_response_is_not_taken_for_idle() => UringTest.RunAsync(async test =>
    {
        var (stream, peer) = await test.ConnectAsync();
        var receiving = stream.ReceiveAsync();
        peer.Send("response"u8);
        peer.Dispose();
        (await receiving).ShouldBe(8);
        stream.Rest(test.Loop);
        await test.TurnAsync(2);
        stream.Socket.IsReady(Interest.Read).ShouldBeTrue();
        await stream.DisposeAsync();
    });

    [Fact]
    public Task A_request_queued_by_a_closed_connection_does_not_go_out_on_the_next_one() => UringTest.RunAsync(async test =>
    {
        int number, copy, tries = 0;
        do
        {
            var (first, firstPeer) = await test.ConnectAsync();
            number = first.Socket.Number;
            await first.WriteAsync("old"u8.ToArray());
            await first.DisposeAsync();

            // A descriptor of the same number, before the loop has turned; other tests may be quicker to take it.
            copy = Libc.StreamSocket(AddressFamily.InterNetwork).OrThrow("socket");
            Libc.Close(copy);
            UringTest.ReceiveAll(firstPeer).ShouldBe("old"u8.ToArray());
            firstPeer.Dispose();
        }
        while (copy != number && ++tries < 1000);
        copy.ShouldBe(number);

        var (second, secondPeer) = await test.ConnectAsync();
        await second.WriteAsync("new"u8.ToArray());
        await test.TurnAsync(1);
        UringTest.ReceiveAll(secondPeer, 3).ShouldBe("new"u8.ToArray());
        await second.DisposeAsync();
        secondPeer.Dispose();
    });

    [Fact]
    public Task A_body_that_nobody_takes_holds_its_sender_back_and_nobody_else() => UringTest.RunAsync(async test =>
    {
        var (slow, flooder) = await test.ConnectAsync();
        var (quick, peer) = await test.ConnectAsync();
        var body = UringTest.RandomBytes(40_000_000);
        var flooding = Task.Run(() =>
        {
            flooder.Send(body);
            flooder.Dispose();
        });

        // The first slice is taken, the rest not, for long enough to receive all of it and more.
        var first = await slow.ReceiveAsync();
        var kept = slow.Received[..first].ToArray();
        for (var i = 0; i < 200; i++)
        {
            peer.Send("ping"u8);
            (await UringTest.ReceiveAllAsync(quick, 4)).ShouldBe("ping"u8.ToArray());
        }

        flooding.IsCompleted.ShouldBeFalse();
        var rest = await UringTest.ReceiveAllAsync(slow);
        body.AsSpan(0, first).SequenceEqual(kept).ShouldBeTrue();
        body.AsSpan(first).SequenceEqual(rest).ShouldBeTrue();
        await test.Loop.WaitForAsync(flooding, LoopTimer.Never);
        await slow.DisposeAsync();
        await quick.DisposeAsync();
        peer.Dispose();
    });

    [Fact]
    public Task Buffers_come_back_from_connections_closed_in_the_middle_of_a_body() => UringTest.RunAsync(async test =>
    {
        var body = UringTest.RandomBytes(5_000_000);
        for (var i = 0; i < 50; i++)
        {
            var (stream, peer) = await test.ConnectAsync();
            var sending = Task.Run(() =>
            {
                try
                {
                    peer.Send(body);
                }
                catch (SocketException)
                {
                    // The stream was closed on it, which is the point.
                }
            });
            (await stream.ReceiveAsync()).ShouldBeGreaterThan(0);
            await stream.DisposeAsync();
            await test.Loop.WaitForAsync(sending, LoopTimer.Never);
            peer.Dispose();
        }

        var (last, lastPeer) = await test.ConnectAsync();
        lastPeer.Send("still here"u8);
        (await UringTest.ReceiveAllAsync(last, 10)).ShouldBe("still here"u8.ToArray());
        await last.DisposeAsync();
        lastPeer.Dispose();
    });

    private static void Reset(Socket peer)
    {
        peer.LingerState = new LingerOption(true, 0);
        peer.Dispose();
    }
}
