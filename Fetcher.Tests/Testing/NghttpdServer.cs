using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Fetcher.Tests.Testing;

/// <summary>nghttp2's server on loopback, without TLS: the implementation of HTTP/2 that curl has.</summary>
internal sealed class NghttpdServer : IAsyncDisposable
{
    public const string Missing = "nghttpd is not installed";

    private static readonly string[] Places = ["/usr/sbin/nghttpd", "/usr/bin/nghttpd", "/usr/local/bin/nghttpd"];

    private readonly Process _process;

    private NghttpdServer(Process process, int port) => (_process, Port) = (process, port);

    public static bool IsInstalled => Executable is not null;

    private static string? Executable => Array.Find(Places, File.Exists);

    public int Port { get; }

    /// <summary>Serves the files of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">Further options of nghttpd.</param>
    public static async Task<NghttpdServer> StartAsync(string folder, params string[] options)
    {
        for (var tries = 1; ; tries++)
        {
            int port;
            using (var listener = new TcpListener(IPAddress.Loopback, 0))
            {
                listener.Start();
                port = ((IPEndPoint)listener.LocalEndpoint).Port;
            }

            var process = Process.Start(
                new ProcessStartInfo(Executable!, [.. options, "--no-tls", "-a", "127.0.0.1", "-d", folder, $"{port}"])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                })!;
            if (await ListensAsync(process, port))
            {
                return new NghttpdServer(process, port);
            }

            // Between the look for a free port and its bind(2) another test can have got it.
            tries.ShouldBeLessThan(10, $"nghttpd does not start: {await process.StandardError.ReadToEndAsync()}");
            process.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<bool> ListensAsync(Process process, int port)
    {
        while (!process.HasExited)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(5);
            }
        }

        return false;
    }
}
