using System.Net;
using System.Net.Sockets;

namespace Fetcher.Tests.Testing;

/// <summary>
/// A port on loopback that neither accepts nor refuses: its queue of connections is full, so the kernel drops every further SYN
/// (listen(2)), as a firewall would.
/// </summary>
internal sealed class FullListener : IDisposable
{
    private readonly Socket _listener = NewSocket();
    private readonly Socket _inQueue = NewSocket();

    public FullListener(IPAddress? address = null, int port = 0)
    {
        _listener.Bind(new IPEndPoint(address ?? IPAddress.Loopback, port));
        _listener.Listen(0);
        _inQueue.Connect(_listener.LocalEndPoint!);
    }

    public string Url => $"http://{_listener.LocalEndPoint}/";

    public void Dispose()
    {
        _inQueue.Dispose();
        _listener.Dispose();
    }

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
}
