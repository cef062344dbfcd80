using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Fetcher.Tests.Testing;

/// <summary>One connection of a <see cref="ScriptedServer"/>: what a script can do with it. It is closed when its script ends.</summary>
internal sealed class ScriptedConnection(ScriptedServer server, Socket socket) : IDisposable
{
    private Stream _stream = new NetworkStream(socket, ownsSocket: true);

    /// <summary>The client's address and port.</summary>
    public System.Net.EndPoint? Client { get; } = socket.RemoteEndPoint;

    /// <summary>Waits for a request's header section; null when the client closes instead.</summary>
    public async Task<string?> ReadRequestAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!EndsWithEmptyLine(head))
        {
            if (await _stream.ReadAsync(one) == 0)
            {
                return null;
            }

            head.Append((char)one[0]);
        }

        server.Note(head.ToString());
        return head.ToString();
    }

    /// <summary>Waits for the client's first byte.</summary>
    public Task ReadByteAsync() => _stream.ReadExactlyAsync(new byte[1]).AsTask();

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(byte[] bytes)
    {
        await _stream.WriteAsync(bytes);
        await _stream.FlushAsync();
    }

    /// <summary>Waits until the client's kernel has acknowledged all that was sent: on loopback too that can be later than the call.</summary>
    public async Task UntilDeliveredAsync()
    {
        while (!IsDelivered())
        {
            await Task.Yield();
        }
    }

    /// <summary>Whether the client's kernel has acknowledged all that was sent.</summary>
    public bool IsDelivered()
    {
        // struct tcp_info of linux/tcp.h: tcpi_unacked, in segments, and tcpi_notsent_bytes.
        const int ipProtoTcp = 6, tcpInfo = 11, unacknowledged = 24, notSent = 144;
        Span<byte> info = stackalloc byte[notSent + sizeof(int)];
        socket.GetRawSocketOption(ipProtoTcp, tcpInfo, info);
        return BitConverter.ToInt32(info[unacknowledged..]) == 0 && BitConverter.ToInt32(info[notSent..]) == 0;
    }

    /// <summary>Waits for so many bytes.</summary>
    public async Task<byte[]> ReadBytesAsync(int count)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes);
        return bytes;
    }

    /// <summary>Passes everything on to a port on loopback, and back, until one side ends: what a proxy does once a tunnel stands.</summary>
    public async Task RelayAsync(int port)
    {
        using var target = new TcpClient { NoDelay = true };
        await target.ConnectAsync(System.Net.IPAddress.Loopback, port);
        var there = target.GetStream();
        await Task.WhenAny(_stream.CopyToAsync(there), there.CopyToAsync(_stream));
    }

    /// <summary>Reads nothing until the client has closed, which it may do with bytes on their way.</summary>
    public async Task UntilClosedAsync()
    {
        // struct tcp_info of linux/tcp.h begins with tcpi_state.
        const int ipProtoTcp = 6, tcpInfo = 11, established = 1;
        var info = new byte[1];
        do
        {
            await Task.Delay(1);
            socket.GetRawSocketOption(ipProtoTcp, tcpInfo, info);
        }
        while (info[0] == established);
    }

    /// <summary>Says and does nothing until the client closes.</summary>
    public async Task HoldAsync()
    {
        var ignored = new byte[1024];
        while (await _stream.ReadAsync(ignored) > 0)
        {
        }
    }

    /// <summary>Asks for TLS 1.2 to be negotiated anew.</summary>
    public Task RenegotiateAsync() => ((SslStream)_stream).NegotiateClientCertificateAsync();

    /// <summary>Ends the connection (FIN) without a word of TLS's about it (close_notify).</summary>
    public void EndSilently() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Breaks the connection off with RST instead of FIN.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Dispose();
    }

    public void Dispose() => socket.Dispose();

    /// <summary>Runs the script; that the client goes away is no failure of the server.</summary>
    internal async Task RunAsync(SslServerAuthenticationOptions? options, Func<ScriptedConnection, Task> script)
    {
        if (socket.ProtocolType == ProtocolType.Tcp)
        {
            socket.NoDelay = true;
        }

        try
        {
            if (options is not null)
            {
                var tls = new SslStream(_stream);
                _stream = tls;
                await tls.AuthenticateAsServerAsync(options);
            }

            await script(this);
            if (_stream is SslStream secured)
            {
                await secured.ShutdownAsync();
            }

            // Closing with bytes unread would be a reset.
            socket.Shutdown(SocketShutdown.Send);
            await HoldAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or AuthenticationException)
        {
        }
        finally
        {
            Dispose();
        }
    }

    private static bool EndsWithEmptyLine(StringBuilder head) => head.Length >= 4 && head.ToString(head.Length - 4, 4) == "\r\n\r\n";
}
