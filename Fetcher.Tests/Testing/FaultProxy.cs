using System.Net;
using System.Net.Sockets;

namespace Fetcher.Tests.Testing;

/// <summary>What a <see cref="FaultProxy"/> does to the bytes that a server sends, connection by connection.</summary>
internal sealed record Fault
{
    /// <summary>Holds every piece back so long.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Longest piece that is passed on in one send. Bytes.</summary>
    public int Slice { get; init; } = int.MaxValue;

    /// <summary>Closes both ends after so many bytes.</summary>
    public long CutAfter { get; init; } = long.MaxValue;

    /// <summary>Passes nothing on after so many bytes, and leaves both ends open.</summary>
    public long StallAfter { get; init; } = long.MaxValue;

    /// <summary>Turns a bit over in every byte whose number is a multiple of this; 0 for none.</summary>
    public int CorruptEvery { get; init; }
}

/// <summary>Stands between a client and a server on loopback, and spoils what the server sends.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _port;
    private readonly Fault _fault;
    private readonly CancellationTokenSource _over = new();
    private readonly Task _accepting;

    public FaultProxy(int port, Fault fault)
    {
        (_port, _fault) = (port, fault);
        _listener.Start(1024);
        _accepting = AcceptAsync();
    }

    public string Url(string path = "/") => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}{path}";

    public async ValueTask DisposeAsync()
    {
        // The listener goes last: who accepts may be between two connections, and would then ask one that is gone.
        await _over.CancelAsync();
        await _accepting;
        _listener.Stop();
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_over.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _port, _over.Token);
                var up = client.GetStream().CopyToAsync(server.GetStream(), _over.Token);
                var down = SpoilAsync(server.GetStream(), client.GetStream());
                await await Task.WhenAny(up, down);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One of the two went away.
            }
        }
    }

    private async Task SpoilAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[16 * 1024];
        var passed = 0L;
        int length;
        while ((length = await from.ReadAsync(buffer, _over.Token)) > 0)
        {
            await Task.Delay(_fault.Latency, _over.Token);
            for (var i = 0; i < length && _fault.CorruptEvery > 0; i++)
            {
                buffer[i] ^= (byte)((passed + i) % _fault.CorruptEvery == _fault.CorruptEvery - 1 ? 0x10 : 0);
            }

            var end = (int)Math.Min(length, Math.Min(_fault.CutAfter, _fault.StallAfter) - passed);
            for (var at = 0; at < end; at += Math.Min(_fault.Slice, end - at))
            {
                await to.WriteAsync(buffer.AsMemory(at, Math.Min(_fault.Slice, end - at)), _over.Token);
            }

            passed += end;
            if (passed == _fault.CutAfter)
            {
                return;
            }

            if (passed == _fault.StallAfter)
            {
                await Task.Delay(Timeout.Infinite, _over.Token);
            }
        }
    }
}
