using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Fetcher.Tests.Testing;

/// <summary>
/// A TCP server on loopback whose connections do exactly what the test's scripts say, well-behaved or not. Connection number n runs script
/// number n; the last script serves all further ones.
/// </summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly ConcurrentBag<ScriptedConnection> _open = [];
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly Func<ScriptedConnection, Task>[] _scripts;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly Task _accepting;
    private int _connections;

    public ScriptedServer(params Func<ScriptedConnection, Task>[] scripts)
        : this((SslServerAuthenticationOptions?)null, scripts)
    {
    }

    /// <summary>A server in the place of one that has ended.</summary>
    public ScriptedServer(int port, params Func<ScriptedConnection, Task>[] scripts)
        : this(new IPEndPoint(IPAddress.Loopback, port), null, scripts, backlog: 1024, Task.CompletedTask)
    {
    }

    /// <param name="certificate">What the server shows in the TLS handshake; null for plain HTTP.</param>
    /// <param name="scripts">What the connections do.</param>
    public ScriptedServer(X509Certificate2? certificate, params Func<ScriptedConnection, Task>[] scripts)
        : this(Tls(certificate), scripts)
    {
    }

    /// <param name="tls">How the server speaks TLS; null for plain HTTP.</param>
    /// <param name="scripts">What the connections do.</param>
    public ScriptedServer(SslServerAuthenticationOptions? tls, params Func<ScriptedConnection, Task>[] scripts)
        : this(new IPEndPoint(IPAddress.Loopback, 0), tls, scripts, backlog: 1024, Task.CompletedTask)
    {
    }

    private ScriptedServer(
        EndPoint endpoint, SslServerAuthenticationOptions? tls, Func<ScriptedConnection, Task>[] scripts, int backlog, Task ready)
    {
        _listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        _tls = tls;
        _scripts = scripts;
        if (endpoint is IPEndPoint)
        {
            _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        }

        _listener.Bind(endpoint);
        _listener.Listen(backlog);
        _accepting = AcceptAsync(ready);
    }

    /// <summary>A server at a Unix socket, which is made.</summary>
    /// <param name="path">The socket.</param>
    /// <param name="script">What the connections do.</param>
    /// <param name="certificate">What it shows in the TLS handshake; null for plain HTTP.</param>
    /// <param name="backlog">How many connections may wait to be accepted.</param>
    /// <param name="ready">When to begin to accept them; null for at once.</param>
    public static ScriptedServer AtUnixSocket(
        string path, Func<ScriptedConnection, Task> script, X509Certificate2? certificate = null, int backlog = 1024, Task? ready = null) =>
        new(new UnixDomainSocketEndPoint(path), Tls(certificate), [script], backlog, ready ?? Task.CompletedTask);

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Called with the socket of each connection before its script runs.</summary>
    public Action<Socket>? OnAccepted { get; init; }

    /// <summary>Connections accepted so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>The header sections of the requests that came, in the order in which they did.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    public string Url(string path = "/", string host = "127.0.0.1") => $"{(_tls is null ? "http" : "https")}://{host}:{Port}{path}";

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

    private static SslServerAuthenticationOptions? Tls(X509Certificate2? certificate) =>
        certificate is null ? null : new SslServerAuthenticationOptions { ServerCertificate = certificate };

    private async Task AcceptAsync(Task ready)
    {
        try
        {
            await ready;
            while (true)
            {
                var socket = await _listener.AcceptAsync();
                OnAccepted?.Invoke(socket);
                var connection = new ScriptedConnection(this, socket);
                _open.Add(connection);
                var number = Interlocked.Increment(ref _connections);
                _ = connection.RunAsync(_tls, _scripts[Math.Min(number, _scripts.Length) - 1]);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
