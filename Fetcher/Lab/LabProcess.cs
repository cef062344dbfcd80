using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Fetcher.Core;

namespace Fetcher.Lab;

/// <summary>
/// The lab in a process of its own, so that serving does not count as the client's work. It ends with this one, however this one ends:
/// its standard input is a pipe whose other end closes then.
/// </summary>
internal sealed class LabProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(10);

    private readonly Process _process;

    private LabProcess(Process process) => _process = process;

    /// <summary>The port for http on 127.0.0.1.</summary>
    public int HttpPort { get; private set; }

    /// <summary>The port for https on 127.0.0.1.</summary>
    public int HttpsPort { get; private set; }

    /// <summary>The port for HTTP/2 without TLS on 127.0.0.1.</summary>
    public int Http2Port { get; private set; }

    /// <summary>The certificate of the authority that issued all of the lab's certificates.</summary>
    public string CaCertificatePem { get; private set; } = "";

    /// <summary>Where it is, as a run's options have it.</summary>
    public LabEndpoint Endpoint => new(IPAddress.Loopback, HttpPort, HttpsPort, Http2Port, CaCertificatePem);

    /// <summary>The child's process id.</summary>
    public int Id => _process.Id;

    /// <summary>Starts the child and waits until it listens.</summary>
    /// <param name="arguments">The arguments after <c>fetcher</c> that make a process the child.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The child could not be started, ended early, or was not up after half a minute.</exception>
    public static async Task<LabProcess> StartAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var (file, first) = Executable();
        var start = new ProcessStartInfo(file, [.. first, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // The child trusts nobody. Left to itself it would read the system's certificates during its first handshake, which takes 0.1 s.
        start.Environment["SSL_CERT_FILE"] = start.Environment["SSL_CERT_DIR"] = "/dev/null";
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new IOException($"the lab could not be started: {e.Message}", e);
        }

        var lab = new LabProcess(process);
        try
        {
            await lab.ReadPortsAsync(cancellationToken);
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }

        return lab;
    }

    /// <summary>Lets the child end and waits for it.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var bound = new CancellationTokenSource(EndBound);
        try
        {
            await _process.WaitForExitAsync(bound.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    /// <summary>How to run fetcher once more, as this process is run.</summary>
    internal static (string File, string[] First) Executable() => Emulated(
        new FileInfo("/proc/thread-self/exe").LinkTarget,
        Environment.ProcessPath,
        Executable(Environment.ProcessPath, AppContext.BaseDirectory));

    /// <summary>
    /// Puts an emulator before the command when this process runs in one. qemu-user shows its guest's path under /proc/self, while the kernel
    /// knows the emulator, without which it can't start a program for another processor.
    /// </summary>
    /// <param name="kernelPath">What the kernel runs; null when it doesn't say.</param>
    /// <param name="processPath">What this process takes for its own executable.</param>
    /// <param name="command">How to run fetcher without an emulator.</param>
    internal static (string File, string[] First) Emulated(string? kernelPath, string? processPath, (string File, string[] First) command) =>
        kernelPath is null || kernelPath == processPath ? command : (kernelPath, [command.File, .. command.First]);

    /// <summary>
    /// How to run fetcher: this process's own executable, or what lies in <paramref name="directory"/> when this process is dotnet or a
    /// test host.
    /// </summary>
    internal static (string File, string[] First) Executable(string? processPath, string directory) => Path.GetFileName(processPath) switch
    {
        "dotnet" => (processPath!, [Path.Combine(directory, "fetcher.dll")]),
        _ when typeof(LabProcess).Assembly == System.Reflection.Assembly.GetEntryAssembly() => (processPath!, []),
        _ => (Path.Combine(directory, "fetcher"), []),
    };

    private async Task ReadPortsAsync(CancellationToken cancellationToken)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(StartBound);
        try
        {
            var line = await _process.StandardOutput.ReadLineAsync(bound.Token);
            if (line is null)
            {
                var error = await _process.StandardError.ReadToEndAsync(bound.Token);
                throw new IOException($"the lab ended before it was up: {error.Trim()}");
            }

            using var json = JsonDocument.Parse(line);
            HttpPort = json.RootElement.GetProperty("http"u8).GetInt32();
            HttpsPort = json.RootElement.GetProperty("https"u8).GetInt32();
            Http2Port = json.RootElement.GetProperty("h2c"u8).GetInt32();
            CaCertificatePem = json.RootElement.GetProperty("ca"u8).GetString()!;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"the lab was not up after {StartBound.TotalSeconds} s");
        }
        catch (JsonException e)
        {
            throw new IOException("the lab's first line was not what it should be", e);
        }
    }
}
