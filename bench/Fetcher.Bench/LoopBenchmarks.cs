using System.Net;
using System.Net.Sockets;
using BenchmarkDotNet.Attributes;
using Fetcher.Core.Loop;
using Fetcher.Core.Net;

namespace Fetcher.Bench;

/// <summary>A byte to a server and back, again and again: what the loop, a send, a wait and a receive cost.</summary>
[MemoryDiagnoser]
public class LoopBenchmarks
{
    private const int RoundTrips = 1000;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    [GlobalSetup]
    public void SetUp()
    {
        _listener.Start();
        new Thread(Echo) { IsBackground = true }.Start();
    }

    [GlobalCleanup]
    public void CleanUp() => _listener.Dispose();

    [Benchmark(OperationsPerInvoke = RoundTrips)]
    public void PingPong()
    {
        using var loop = new EventLoop(new EpollPoller());
        loop.Run(() => PingPongAsync(loop));
    }

    private async Task PingPongAsync(EventLoop loop)
    {
        LoopSocket.TryOpen(loop, IPAddress.Loopback, out var socket).OrThrow("socket");
        using var stream = new SocketStream(loop, socket!);
        while (socket!.TryConnect(IPAddress.Loopback, ((IPEndPoint)_listener.LocalEndpoint).Port).IsError)
        {
            await loop.WaitAsync(socket, Interest.Write, LoopTimer.Never);
        }

        var one = new byte[1];
        for (var i = 0; i < RoundTrips; i++)
        {
            await stream.WriteAsync(one);
            await stream.ReadExactlyAsync(one);
        }
    }

    private void Echo()
    {
        try
        {
            while (true)
            {
                using var peer = _listener.AcceptSocket();
                peer.NoDelay = true;
                var one = new byte[1];
                while (peer.Receive(one) == 1)
                {
                    peer.Send(one);
                }
            }
        }
        catch (SocketException)
        {
            // The benchmark is over.
        }
    }
}
