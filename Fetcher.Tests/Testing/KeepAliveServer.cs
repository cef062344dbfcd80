using System.Net;
using System.Net.Sockets;

namespace Fetcher.Tests.Testing;

/// <summary>
/// Answers every request at once with the same bytes in one write, over connections that stay open: the plain server that costs are counted against.
/// A thread a connection, so that it needs nothing of the thread pool that the tests share.
/// </summary>
internal sealed class KeepAliveServer : IDisposable
{
    // A plain socket: a TcpListener that is stopped between two connections says InvalidOperationException.
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[] _response;

    public KeepAliveServer(byte[] response)
    {
        _response = response;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1024);
        Start(Accept);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public void Dispose() => _listener.Dispose();

    private static void Start(Action run) => new Thread(() => run()) { IsBackground = true }.Start();

    private void Accept()
    {
        try
        {
            while (true)
            {
                var connection = _listener.Accept();
                Start(() => Serve(connection));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private void Serve(Socket connection)
    {
        using (connection)
        {
            connection.NoDelay = true;
            var request = new byte[4096];
            var length = 0;
            try
            {
                int received;
                while ((received = connection.Receive(request.AsSpan(length))) > 0)
                {
                    length += received;
                    if (request.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
                    {
                        connection.Send(_response);
                        length = 0;
                    }
                }
            }
            catch (SocketException)
            {
                // The client went away.
            }
        }
    }
}
