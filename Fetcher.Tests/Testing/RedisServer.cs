using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Fetcher.Tests.Testing;

/// <summary>A real engine of queues: redis-server on loopback, with a folder of its own that goes with it.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    public const string Missing = "redis-server is not installed";

    private readonly DirectoryInfo _folder;
    private readonly string[] _options;
    private Process _process;

    private RedisServer(DirectoryInfo folder, int port, string[] options, Process process) =>
        (_folder, Port, _options, _process) = (folder, port, options, process);

    public static bool IsInstalled { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(at => File.Exists(Path.Combine(at, "redis-server")));

    public int Port { get; private set; }

    public string Url(string job) => $"redis://127.0.0.1:{Port}/{job}";

    /// <summary>Starts one, with an append-only file unless <paramref name="options"/> say otherwise.</summary>
    public static async Task<RedisServer> StartAsync(params string[] options)
    {
        var folder = Directory.CreateTempSubdirectory("fetcher-redis-");
        for (var tries = 1; ; tries++)
        {
            var port = FreePort();
            if (await TryStartAsync(folder, port, options) is { } process)
            {
                return new RedisServer(folder, port, options, process);
            }

            // Between the look for a free port and bind(2) another test can have got it.
            tries.ShouldBeLessThan(10, "redis-server does not start");
        }
    }

    /// <summary>Ends it as kill -9 does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Starts it again, on the same port and with the same folder.</summary>
    public async Task RestartAsync() =>
        _process = await TryStartAsync(_folder, Port, _options) ?? throw new InvalidOperationException("redis-server does not start again");

    /// <summary>Asks it something by redis-cli.</summary>
    public async Task<string> AskAsync(params string[] command)
    {
        using var cli = Process.Start(new ProcessStartInfo("redis-cli", ["-p", $"{Port}", .. command]) { RedirectStandardOutput = true })!;
        var answer = await cli.StandardOutput.ReadToEndAsync();
        await cli.WaitForExitAsync();
        return answer.Trim();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>Null when it ends instead of listening.</summary>
    private static async Task<Process?> TryStartAsync(DirectoryInfo folder, int port, string[] options)
    {
        string[] arguments =
        [
            "--port", $"{port}", "--bind", "127.0.0.1", "--dir", folder.FullName, "--save", "", "--appendonly", "yes", "--appendfsync", "no",
            "--logfile", Path.Combine(folder.FullName, "log"), .. options,
        ];
        var process = Process.Start(new ProcessStartInfo("redis-server", arguments) { RedirectStandardOutput = true })!;
        while (!process.HasExited)
        {
            if (await AnswersAsync(port))
            {
                return process;
            }

            await Task.Delay(10);
        }

        process.Dispose();
        return null;
    }

    /// <summary>Whether it takes commands: it listens before it has read its file.</summary>
    private static async Task<bool> AnswersAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray());
            var answer = new byte[16];
            var length = await client.GetStream().ReadAsync(answer);
            return length > 0 && !answer.AsSpan(0, length).StartsWith("-LOADING"u8);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
