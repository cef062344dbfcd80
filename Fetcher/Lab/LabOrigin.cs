using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Fetcher.Lab;

/// <summary>
/// The embedded origin: a server on 127.0.0.1 that answers for every host, with and without TLS, by HTTP/1.1 on paths paced by the kernel, and by HTTP/2
/// on streams that it paces itself.
/// </summary>
/// <remarks>
/// Kestrel alone, without a web application around it: no settings from the environment, no logging, no hold on signals, and 0.5 MB less in the binary.
/// </remarks>
internal sealed class LabOrigin : IAsyncDisposable
{
    private const int MostConnections = 20_000;

    /// <summary>Streams of a connection: as many as a client may have transfers, so that they, and not the server, decide.</summary>
    private const int MostStreams = 1000;

    private readonly ServiceProvider _parts;
    private readonly IServer _server;
    private readonly LabCertificates _certificates = new();
    private ListenOptions? _http;
    private ListenOptions? _https;
    private ListenOptions? _http2;

    private LabOrigin(LabOptions options)
    {
        var parts = new ServerParts();
        parts.UseKestrelCore().UseSockets(sockets =>
        {
            sockets.Backlog = MostConnections;
            sockets.CreateBoundListenSocket = PacedConnection.CreateListener;
        });
        parts.ConfigureKestrel(kestrel => Configure(kestrel, options));
        _parts = parts.Services.BuildServiceProvider();
        _server = _parts.GetRequiredService<IServer>();
    }

    /// <summary>The port for http.</summary>
    public int HttpPort => _http!.IPEndPoint!.Port;

    /// <summary>The port for https.</summary>
    public int HttpsPort => _https!.IPEndPoint!.Port;

    /// <summary>The port for HTTP/2 without TLS, whose clients have to know that it speaks it (RFC 9113, section 3.3).</summary>
    public int Http2Port => _http2!.IPEndPoint!.Port;

    /// <summary>The certificate of the authority that issued all of the lab's certificates.</summary>
    public string CaCertificatePem => _certificates.CaCertificatePem;

    /// <summary>Starts to listen.</summary>
    /// <exception cref="IOException">A port is taken.</exception>
    public static async Task<LabOrigin> StartAsync(LabOptions options, CancellationToken cancellationToken)
    {
        var origin = new LabOrigin(options);
        try
        {
            await origin._server.StartAsync(new LabApplication(options, () => origin.HttpsPort), cancellationToken);
        }
        catch
        {
            await origin.DisposeAsync();
            throw;
        }

        return origin;
    }

    /// <summary>Stops, and cuts off what is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new CancellationToken(canceled: true));
        await _parts.DisposeAsync();
    }

    private void Configure(KestrelServerOptions kestrel, LabOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.UTF8;
        kestrel.Limits.MaxConcurrentConnections = MostConnections;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.Http2.MaxStreamsPerConnection = MostStreams;
        kestrel.Listen(IPAddress.Loopback, options.HttpPort, listen => Prepare(_http = listen, HttpProtocols.Http1));
        kestrel.Listen(IPAddress.Loopback, options.HttpsPort, listen =>
        {
            Prepare(_https = listen, HttpProtocols.Http1AndHttp2);
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = ChooseCertificate });
            LetFaultsIn(listen);
        });
        kestrel.Listen(IPAddress.Loopback, options.Http2Port, listen =>
        {
            Prepare(_http2 = listen, HttpProtocols.Http2);
            LetFaultsIn(listen);
        });
    }

    private static void Prepare(ListenOptions listen, HttpProtocols protocols)
    {
        listen.Protocols = protocols;
        listen.Use(next => connection =>
        {
            var socket = connection.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
            var transport = new CountedTransport(connection.Transport, socket);
            connection.Features.Set(new PacedConnection(socket));
            connection.Features.Set(transport);
            connection.Transport = transport;
            return next(connection);
        });
    }

    /// <summary>Lets faults write to connections that speak HTTP/2.</summary>
    private static void LetFaultsIn(ListenOptions listen) => listen.Use(next => connection =>
    {
        if (connection.Features.Get<ITlsApplicationProtocolFeature>() is not { } chosen || chosen.ApplicationProtocol.Span.SequenceEqual("h2"u8))
        {
            var output = new FrameOutput(connection.Transport.Output);
            connection.Features.Set(output);
            connection.Transport = new DuplexPipe(connection.Transport.Input, output);
        }

        return next(connection);
    });

    private ValueTask<SslServerAuthenticationOptions> ChooseCertificate(TlsHandshakeCallbackContext context)
    {
        var certificate = _certificates.For(context.ClientHelloInfo.ServerName);
        return ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = certificate });
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
