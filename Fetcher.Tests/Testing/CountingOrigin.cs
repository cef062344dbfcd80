using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fetcher.Tests.Testing;

/// <summary>Serves any host and path after a while, and counts by host how many it was asked at once, and when.</summary>
internal sealed class CountingOrigin : IDisposable
{
    // A plain socket: a TcpListener that is stopped between two connections says InvalidOperationException.
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentDictionary<string, Host> _hosts = new();
    private readonly TimeSpan _delay;
    private int _requests;

    public CountingOrigin(TimeSpan delay = default)
    {
        _delay = delay;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1024);
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Requests so far.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>The most at once at any host.</summary>
    public int MostAtOnce => _hosts.Values.Max(host => host.Most);

    /// <summary>
    /// The shortest time from an answer of a host to so many requests later: a request that arrives late was sent after the answer before it all the same.
    /// For hosts that are asked once at a time.
    /// </summary>
    public TimeSpan ShortestTimeOf(int requests) => _hosts.Values
        .SelectMany(host => host.Ends.Zip(host.Starts.Skip(requests), (answer, last) => last - answer)).Min();

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        await using (var stream = new NetworkStream(client, ownsSocket: true))
        {
            try
            {
                using var reader = new StreamReader(stream, Encoding.ASCII);
                while (await reader.ReadLineAsync() is { } request)
                {
                    var host = "";
                    while (await reader.ReadLineAsync() is { Length: > 0 } line)
                    {
                        host = line.StartsWith("Host:", StringComparison.OrdinalIgnoreCase) ? line[5..].Trim() : host;
                    }

                    await AnswerAsync(stream, _hosts.GetOrAdd(host, _ => new Host()), request.Split(' ')[1]);
                }
            }
            catch (IOException)
            {
                // The client went away.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream, Host host, string path)
    {
        Interlocked.Increment(ref _requests);
        host.Begin();
        try
        {
            // A client that is killed closes its connection, and is asking no more.
            if (_delay > TimeSpan.Zero && await Task.WhenAny(Task.Delay(_delay), stream.ReadAsync(new byte[1]).AsTask()) is Task<int>)
            {
                throw new IOException("closed");
            }
        }
        finally
        {
            // Before the answer: who has it may ask again at once.
            host.End();
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {path.Length}\r\n{(_delay > TimeSpan.Zero ? "Connection: close\r\n" : "")}\r\n{path}"));
        if (_delay > TimeSpan.Zero)
        {
            throw new IOException("closed");
        }
    }

    private sealed class Host
    {
        private int _now;

        public int Most { get; private set; }

        public ConcurrentQueue<TimeSpan> Starts { get; } = new();

        public ConcurrentQueue<TimeSpan> Ends { get; } = new();

        public void Begin()
        {
            lock (Starts)
            {
                Starts.Enqueue(Stopwatch.GetElapsedTime(0));
                Most = Math.Max(Most, ++_now);
            }
        }

        public void End()
        {
            lock (Starts)
            {
                Ends.Enqueue(Stopwatch.GetElapsedTime(0));
                _now--;
            }
        }
    }
}
