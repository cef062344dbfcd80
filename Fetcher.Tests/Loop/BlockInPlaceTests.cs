using System.Net;
using System.Net.Sockets;
using Fetcher.Core;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;
using Fetcher.Core.Net;

namespace Fetcher.Tests.Loop;

/// <summary>Blocking calls keep their deadlines, though only the kernel can end them.</summary>
public sealed class BlockInPlaceTests : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly EventLoop _loop = new(new PollPoller());

    public BlockInPlaceTests()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1);
    }

    private int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public void Dispose()
    {
        _loop.Dispose();
        _listener.Dispose();
    }

    [Fact]
    public void A_silence_ends_though_the_kernel_woke_us_a_little_early() => _loop.Run(async () =>
    {
        using var stream = Connect(timeout: 110_000_000);
        stream.Socket.SetBlockingTimeout(Interest.Read, 100_000_000);

        var failure = await Record.ExceptionAsync(() => stream.ReadAsync(new byte[1]).AsTask());

        failure.ShouldBeOfType<FetchException>().Error.Kind.ShouldBe(FetchErrorKind.Timeout);
    });

    [Fact]
    public void Sending_to_a_peer_that_does_not_read_ends_at_its_deadline() => _loop.Run(async () =>
    {
        using var stream = Connect(timeout: 20_000_000);

        var failure = await Record.ExceptionAsync(() => stream.WriteAsync(new byte[50_000_000]).AsTask());

        failure.ShouldBeOfType<FetchException>().Error.Kind.ShouldBe(FetchErrorKind.Timeout);
    });

    [Fact]
    public void All_bytes_are_sent_to_a_peer_that_reads_slowly() => _loop.Run(async () =>
    {
        const int Length = 20_000_000;
        using var stream = Connect(timeout: 10_000_000_000);
        using var peer = _listener.Accept();
        var received = Task.Run(() =>
        {
            var buffer = new byte[100_000];
            var sum = 0;
            while (sum < Length)
            {
                sum += peer.Receive(buffer);
            }

            return sum;
        });

        await stream.WriteAsync(new byte[Length]);

        (await _loop.WaitForAsync(received, LoopTimer.Never)).ShouldBeTrue();
        received.Result.ShouldBe(Length);
    });

    [Fact]
    public void A_stop_ends_a_blocking_read() => _loop.Run(async () =>
    {
        using var stream = Connect(timeout: LoopTimer.Never);
        _ = Task.Run(async () =>
        {
            await Task.Delay(5);
            _loop.Stop();
        });

        (await Record.ExceptionAsync(() => stream.ReadAsync(new byte[1]).AsTask())).ShouldBeOfType<OperationCanceledException>();
    });

    private ReadinessStream Connect(long timeout)
    {
        LoopSocket.TryOpen(_loop, AddressFamily.InterNetwork, out var socket).IsError.ShouldBeFalse();
        var block = new BlockInPlace(_loop);
        block.Prepare(socket!, Interest.Write, LoopTimer.Never);
        socket!.TryConnect(new SockAddr(IPAddress.Loopback, Port)).IsError.ShouldBeFalse();
        return new ReadinessStream(_loop, socket) { Readiness = block, Timeout = timeout };
    }
}
