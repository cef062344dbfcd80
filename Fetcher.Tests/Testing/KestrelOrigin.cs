using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Fetcher.Tests.Testing;

/// <summary>Kestrel on loopback with HTTP/2 and no TLS, which answers by a test's own code.</summary>
internal sealed class KestrelOrigin : IAsyncDisposable
{
    private readonly WebApplication _parts;
    private readonly IServer _server;
    private ListenOptions? _listen;
    private int _connections;

    private KestrelOrigin(Action<KestrelServerOptions>? configure, string? unixSocket, HttpProtocols protocols)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            configure?.Invoke(kestrel);
            if (unixSocket is null)
            {
                kestrel.Listen(IPAddress.Loopback, 0, Prepare);
            }
            else
            {
                kestrel.ListenUnixSocket(unixSocket, Prepare);
            }
        });
        _parts = builder.Build();
        _server = _parts.Services.GetRequiredService<IServer>();

        void Prepare(ListenOptions listen)
        {
            _listen = listen;
            listen.Protocols = protocols;
            listen.Use(next => connection =>
            {
                Interlocked.Increment(ref _connections);
                return next(connection);
            });
        }
    }

    public int Port => _listen!.IPEndPoint!.Port;

    /// <summary>Connections that came so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public string Url(string path) => $"http://127.0.0.1:{Port}{path}";

    /// <summary>Starts to listen.</summary>
    /// <param name="answer">Answers each request.</param>
    /// <param name="configure">Sets limits, or null.</param>
    /// <param name="unixSocket">Path of the Unix socket to listen on, or null for a port.</param>
    /// <param name="protocols">What it speaks.</param>
    public static async Task<KestrelOrigin> StartAsync(
        RequestDelegate answer,
        Action<KestrelServerOptions>? configure = null,
        string? unixSocket = null,
        HttpProtocols protocols = HttpProtocols.Http2)
    {
        var origin = new KestrelOrigin(configure, unixSocket, protocols);
        await origin._server.StartAsync(new Application(answer), default);
        return origin;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new CancellationToken(canceled: true));
        await _parts.DisposeAsync();
    }

    private sealed class Application(RequestDelegate answer) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
            // Kestrel owns all that the context holds.
        }

        public Task ProcessRequestAsync(HttpContext context) => answer(context);
    }
}
