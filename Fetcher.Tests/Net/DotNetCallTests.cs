using System.Net;
using System.Net.Sockets;
using Fetcher.Core.DotNet;
using Fetcher.Core.Net;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Net;

public sealed class DotNetCallTests
{
    [Fact]
    public void What_goes_on_when_an_exchange_is_over_does_not_keep_it()
    {
        var exchange = new DotNetCall(
            new Endpoint(false, "a.test", 80), readTimeout: long.MaxValue, floor: null, deadline: long.MaxValue, TimeProvider.System, stop: default, giveUp: default);
        DotNetCall.Current.ShouldBe(exchange);

        exchange.Dispose();

        DotNetCall.Current.ShouldBeNull();
    }

    [Fact]
    public async Task What_has_arrived_when_the_time_is_over_has_a_moment_to_be_read_and_no_second_one()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        using var peer = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        await using var connection = new DotNetConnection(socket, new ConnectTimes());
        var clock = new FakeTimeProvider();
        using var call = new DotNetCall(
            new Endpoint(false, "a.test", 80), readTimeout: 30_000_000_000, floor: null, deadline: long.MaxValue, clock, stop: default, giveUp: default);
        call.OnSending(connection, isReused: false);
        peer.Send("x"u8);
        while (!connection.HasNews)
        {
            await Task.Yield();
        }

        clock.Advance(TimeSpan.FromSeconds(60));
        call.TimedOut.ShouldBeFalse();
        clock.Advance(TimeSpan.FromSeconds(1));
        call.TimedOut.ShouldBeTrue();
    }
}
