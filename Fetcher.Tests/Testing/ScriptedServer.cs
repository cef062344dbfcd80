using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Fetcher.Tests.Testing;

/// <summary>
/// A TCP server on loopback whose connections do exactly what the test's scripts say, well-behaved or not. Connection number n runs script
/// number n; the last script serves all further ones.
/// </summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentBag<ScriptedConnection> _open = [];
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly Func<ScriptedConnection, Task>[] _scripts;
    private readonly X509Certificate2? _certificate;
    private readonly Task _accepting;
    private int _connections;

    public ScriptedServer(params Func<ScriptedConnection, Task>[] scripts)
        : this(null, scripts)
    {
    }

    /// <summary>A server in the place of one that has ended.</summary>
    public ScriptedServer(int port, params Func<ScriptedConnection, Task>[] scripts)
        : this(null, scripts, port)
    {
    }

    /// <param name="certificate">What the server shows in the TLS handshake; null for plain HTTP.</param>
    /// <param name="scripts">What the connections do.</param>
    public ScriptedServer(X509Certificate2? certificate, params Func<ScriptedConnection, Task>[] scripts)
        : this(certificate, scripts, 0)
    {
    }

    private ScriptedServer(X509Certificate2? certificate, Func<ScriptedConnection, Task>[] scripts, int port)
    {
        _certificate = certificate;
        _scripts = scripts;
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen(1024);
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Called with the socket of each connection before its script runs.</summary>
    public Action<Socket>? OnAccepted { get; init; }

    /// <summary>Connections accepted so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>The header sections of the requests that came, in the order in which they did.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    public string Url(string path = "/", string host = "127.0.0.1") => $"{(_certificate is null ? "http" : "https")}://{host}:{Port}{path}";

    /// <summary>The URL of a server that does not speak TLS, as if it did.</summary>
    public string TlsUrl => $"https://127.0.0.1:{Port}/";

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        foreach (var connection in _open)
        {
            connection.Dispose();
        }
    }

    internal void Note(string request) => _requests.Enqueue(request);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync();
                OnAccepted?.Invoke(socket);
                var connection = new ScriptedConnection(this, socket);
                _open.Add(connection);
                var number = Interlocked.Increment(ref _connections);
                _ = connection.RunAsync(_certificate, _scripts[Math.Min(number, _scripts.Length) - 1]);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
