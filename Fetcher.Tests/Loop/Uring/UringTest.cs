using System.Net;
using System.Net.Sockets;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Uring;
using Fetcher.Core.Net;

namespace Fetcher.Tests.Loop.Uring;

/// <summary>Runs a test on a loop over a ring, on a thread of its own, with pairs of connected sockets: the loop's stream and a plain socket as its peer.</summary>
internal sealed class UringTest : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    private UringTest(EventLoop loop, UringPoller poller)
    {
        Loop = loop;
        Poller = poller;
        _listener.Start();
    }

    public EventLoop Loop { get; }

    public UringPoller Poller { get; }

    public static void SkipWhereRefused() => Assert.SkipUnless(UringPoller.WhyNot is null, UringPoller.WhyNot ?? "");

    public static async Task RunAsync(Func<UringTest, Task> test, UringLevel most = UringLevel.SharedBuffers)
    {
        SkipWhereRefused();
        await Task.Factory.StartNew(
            () =>
            {
                var poller = new UringPoller(sockets: 64, most);
                using var loop = new EventLoop(poller);
                using var fixture = new UringTest(loop, poller);
                loop.Run(() => test(fixture));
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).WaitAsync(TimeSpan.FromSeconds(60));
    }

    /// <summary>Opens a connection. Its end on the loop waits at most <paramref name="timeout"/>.</summary>
    public async Task<(UringStream Stream, Socket Peer)> ConnectAsync(TimeSpan? timeout = null)
    {
        LoopSocket.TryOpen(Loop, AddressFamily.InterNetwork, out var socket).IsError.ShouldBeFalse();
        var connecting = socket!.TryConnect(new SockAddr(IPAddress.Loopback, ((IPEndPoint)_listener.LocalEndpoint).Port));
        if (connecting.Error == Errno.EINPROGRESS)
        {
            (await Loop.WaitAsync(socket, Interest.Write, LoopTimer.Never).ConfigureAwait(false)).ShouldBeTrue();
        }

        var stream = new UringStream(Loop, socket, Poller);
        if (timeout is { } limit)
        {
            stream.Timeout = (long)limit.TotalNanoseconds;
        }

        // The connection is established, so accepting it does not wait.
        return (stream, _listener.AcceptSocket());
    }

    /// <summary>Waits on the loop for work that is done elsewhere.</summary>
    public async Task<T> ElsewhereAsync<T>(Func<T> work)
    {
        var task = Task.Run(work);
        await Loop.WaitForAsync(task, LoopTimer.Never).ConfigureAwait(false);
        return await task.ConfigureAwait(false);
    }

    public Task ElsewhereAsync(Action work) => ElsewhereAsync(() =>
    {
        work();
        return true;
    });

    /// <summary>Lets the loop wait <paramref name="times"/> times: what is posted runs before a turn's wait, so it takes one turn more.</summary>
    public async Task TurnAsync(int times)
    {
        for (var i = 0; i <= times; i++)
        {
            var turned = new TaskCompletionSource();
            Loop.Post(turned.SetResult);
            await turned.Task.ConfigureAwait(false);
        }
    }

    public void Dispose() => _listener.Dispose();

    public static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    /// <summary>The exception that <paramref name="receiving"/> ends with. (Should.ThrowAsync would leave the loop's thread.)</summary>
    public static async Task<T> CatchAsync<T>(LoopTask<int> receiving)
        where T : Exception
    {
        try
        {
            await receiving.ConfigureAwait(false);
        }
        catch (T e)
        {
            return e;
        }

        throw new InvalidOperationException($"no {typeof(T).Name} was thrown");
    }

    /// <summary>Receives until <paramref name="stream"/> ends, or <paramref name="most"/> bytes are there.</summary>
    public static async Task<byte[]> ReceiveAllAsync(SocketStream stream, int most = int.MaxValue)
    {
        using var all = new MemoryStream();
        int length;
        while (all.Length < most && (length = await stream.ReceiveAsync().ConfigureAwait(false)) > 0)
        {
            all.Write(stream.Received.AsSpan(0, length));
        }

        return all.ToArray();
    }

    public static byte[] ReceiveAll(Socket peer, int most = int.MaxValue)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int length;
        while (all.Length < most && (length = peer.Receive(buffer)) > 0)
        {
            all.Write(buffer, 0, length);
        }

        return all.ToArray();
    }
}
