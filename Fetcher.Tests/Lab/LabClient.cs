using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Fetcher.Lab;

namespace Fetcher.Tests.Lab;

/// <summary>The default lab, shared by the tests of a class.</summary>
public sealed class LabFixture : IAsyncLifetime
{
    internal LabOrigin Origin { get; private set; } = null!;

    internal HttpClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Origin = await LabOrigin.StartAsync(new LabOptions(), default);
        Client = LabClient.For(Origin.HttpPort, Origin.HttpsPort, Origin.CaCertificatePem);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Origin.DisposeAsync();
    }
}

/// <summary>Clients that take the lab for every host.</summary>
internal static class LabClient
{
    /// <summary>Neither redirects nor decompression; trusts the lab's CA and nobody else.</summary>
    public static HttpClient For(int httpPort, int httpsPort, string caPem) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        SslOptions = { CertificateChainPolicy = Trust(caPem) },
        ConnectCallback = async (context, cancellationToken) =>
        {
            var https = context.InitialRequestMessage.RequestUri!.Scheme == Uri.UriSchemeHttps;
            return new NetworkStream(await ConnectAsync(https ? httpsPort : httpPort, cancellationToken), ownsSocket: true);
        },
    });

    public static HttpClient For(LabOrigin origin) => For(origin.HttpPort, origin.HttpsPort, origin.CaCertificatePem);

    /// <summary>Speaks HTTP/2 and nothing else.</summary>
    /// <param name="port">The lab's port for HTTP/2 without TLS.</param>
    /// <param name="onConnect">Called for each connection, or null.</param>
    public static HttpClient ForHttp2(int port, Action? onConnect = null) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        EnableMultipleHttp2Connections = true,
        ConnectCallback = async (_, cancellationToken) =>
        {
            onConnect?.Invoke();
            return new NetworkStream(await ConnectAsync(port, cancellationToken), ownsSocket: true);
        },
    })
    { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

    /// <summary>Sends one GET on a connection of its own and reads until the connection ends.</summary>
    /// <returns>What came, and how it ended: null for a FIN.</returns>
    public static async Task<(string Text, IOException? End)> ExchangeAsync(LabOrigin origin, bool tls, string path)
    {
        await using var stream = await OpenAsync(origin, tls);
        await RequestAsync(stream, path);
        var received = new MemoryStream();
        var end = default(IOException);
        try
        {
            await stream.CopyToAsync(received);
        }
        catch (IOException e)
        {
            end = e;
        }

        return (Encoding.Latin1.GetString(received.GetBuffer(), 0, (int)received.Length), end);
    }

    public static async Task<Stream> OpenAsync(LabOrigin origin, bool tls, string serverName = "localhost")
    {
        var plain = new NetworkStream(await ConnectAsync(tls ? origin.HttpsPort : origin.HttpPort, default), ownsSocket: true);
        if (!tls)
        {
            return plain;
        }

        var secure = new SslStream(plain);
        await secure.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = serverName, CertificateChainPolicy = Trust(origin.CaCertificatePem) });
        return secure;
    }

    public static async Task RequestAsync(Stream stream, string path, string host = "localhost") =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"));

    private static async Task<Socket> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
        return socket;
    }

    private static X509ChainPolicy Trust(string caPem) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { X509Certificate2.CreateFromPem(caPem) },
        RevocationMode = X509RevocationMode.NoCheck,
    };
}
