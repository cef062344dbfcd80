using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Fetcher.Core.DotNet;
using Fetcher.Core.Net;

namespace Fetcher.Tests.Net;

public sealed class DotNetConnectionTests
{
    [Fact]
    public async Task Closing_ends_a_read_that_is_under_way()
    {
        var (connection, peer) = await ConnectAsync();
        using (peer)
        {
            var read = connection.ReadAsync(new byte[16], TestContext.Current.CancellationToken).AsTask();

            await connection.DisposeAsync();

            await Should.ThrowAsync<IOException>(() => read);
            (await peer.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken)).ShouldBe(0);
        }
    }

    [Fact]
    public async Task Closing_under_a_read_of_what_the_peer_has_reset_does_not_fail()
    {
        for (var i = 0; i < 20; i++)
        {
            var (connection, peer) = await ConnectAsync();
            var read = connection.ReadAsync(new byte[16], TestContext.Current.CancellationToken).AsTask();
            peer.LingerState = new LingerOption(enable: true, seconds: 0);
            peer.Dispose();

            await connection.DisposeAsync();

            await Should.ThrowAsync<IOException>(() => read);
        }
    }

    [Fact]
    public async Task Nothing_is_read_once_it_is_closed()
    {
        var (connection, peer) = await ConnectAsync();
        using (peer)
        {
            await connection.DisposeAsync();

            await Should.ThrowAsync<ObjectDisposedException>(() => connection.ReadAsync(new byte[16], TestContext.Current.CancellationToken).AsTask());
        }
    }

    [Fact]
    public async Task The_buffer_of_a_read_that_it_was_closed_under_is_not_left_to_the_finalizer()
    {
        const int count = 40;
        var buffers = new WeakReference[count];
        for (var i = 0; i < count; i++)
        {
            buffers[i] = await CloseUnderReadAsync();
        }

        // What a finalizer still refers to survives one collection, and such references see it.
        GC.Collect();

        // Some may still be on a thread's stack.
        buffers.Count(buffer => buffer.IsAlive).ShouldBeLessThan(count / 2);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> CloseUnderReadAsync()
    {
        var (connection, peer) = await ConnectAsync();
        using (peer)
        {
            var (read, buffer) = Read(connection);
            await connection.DisposeAsync();
            await Should.ThrowAsync<IOException>(() => read);
            return buffer;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (Task Read, WeakReference Buffer) Read(DotNetConnection connection)
    {
        var buffer = new byte[1024];
        return (connection.ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask(), new WeakReference(buffer, trackResurrection: true));
    }

    private static async Task<(DotNetConnection Connection, Socket Peer)> ConnectAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        return (new DotNetConnection(socket, new ConnectTimes()), await listener.AcceptAsync(TestContext.Current.CancellationToken));
    }
}
