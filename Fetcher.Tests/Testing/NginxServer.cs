using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Fetcher.Tests.Testing;

/// <summary>A real server that is not ours: nginx on loopback, with a folder of its own that goes with it.</summary>
internal sealed class NginxServer : IAsyncDisposable
{
    public const string Missing = "nginx is not installed";

    private static readonly string[] Places = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"];

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private NginxServer(Process process, DirectoryInfo folder, int[] ports)
    {
        _process = process;
        _folder = folder;
        (HttpPort, HttpsPort, Http2Port, Http2TlsPort, FewRequestsPort) = (ports[0], ports[1], ports[2], ports[3], ports[4]);
    }

    public static bool IsInstalled => Executable is not null;

    public int HttpPort { get; }

    public int HttpsPort { get; }

    /// <summary>HTTP/2 without TLS.</summary>
    public int Http2Port { get; }

    /// <summary>HTTP/2 and HTTP/1.1 with TLS.</summary>
    public int Http2TlsPort { get; }

    /// <summary>HTTP/2 without TLS, 100 requests a connection.</summary>
    public int FewRequestsPort { get; }

    public string Http => $"http://127.0.0.1:{HttpPort}";

    public string CaFile => Path.Combine(_folder.FullName, "certificate.pem");

    private static string? Executable => Array.Find(Places, File.Exists);

    /// <summary>The body at /text/N: N lines, so that it compresses.</summary>
    public static byte[] Text(int lines) =>
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, lines).Select(i => $"line {i} of a text that compresses well\n")));

    public static async Task<NginxServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("fetcher-nginx-");

        // Started by root, nginx serves as another user, who must be able to read.
        folder.UnixFileMode |= UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        await WriteContentAsync(folder);
        for (var tries = 1; ; tries++)
        {
            var ports = FreePorts(5);
            await WriteConfigurationAsync(folder, ports);
            var process = Process.Start(new ProcessStartInfo(Executable!, ["-p", folder.FullName, "-c", "nginx.conf", "-e", "error.log"]))!;
            if (await ListensAsync(folder, process))
            {
                return new NginxServer(process, folder, ports);
            }

            process.Dispose();

            // Between the look for a free port and nginx's bind(2) another test can have got it.
            tries.ShouldBeLessThan(10, $"nginx does not start: {await File.ReadAllTextAsync(Path.Combine(folder.FullName, "error.log"))}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The master ends its workers when it is told to, not when it is killed.
        using (var quit = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
        {
            await quit.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string Root(DirectoryInfo folder) => Path.Combine(folder.FullName, "www");

    private static async Task WriteContentAsync(DirectoryInfo folder)
    {
        var root = Directory.CreateDirectory(Root(folder)).FullName;
        foreach (var lines in new[] { 1, 100, 20_000 })
        {
            await File.WriteAllBytesAsync(Path.Combine(root, $"text-{lines}.txt"), Text(lines));
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "certificate.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    private static Task WriteConfigurationAsync(DirectoryInfo folder, int[] ports) =>
        File.WriteAllTextAsync(Path.Combine(folder.FullName, "nginx.conf"), $$"""
            daemon off;
            worker_processes 1;
            pid {{folder.FullName}}/nginx.pid;
            error_log {{folder.FullName}}/error.log;
            events { worker_connections 8192; }
            http {
                access_log off;
                client_body_temp_path {{folder.FullName}}/t1;
                proxy_temp_path {{folder.FullName}}/t2;
                fastcgi_temp_path {{folder.FullName}}/t3;
                uwsgi_temp_path {{folder.FullName}}/t4;
                scgi_temp_path {{folder.FullName}}/t5;
                root {{Root(folder)}};
                default_type text/plain;
                keepalive_requests 1000;
                gzip_types text/plain;
                gzip_min_length 1;
                server {
                    listen 127.0.0.1:{{ports[0]}} backlog=4096;
                    location /plain/ { alias {{Root(folder)}}/; }
                    location /gzip/ { alias {{Root(folder)}}/; gzip on; }
                    location /close/ { alias {{Root(folder)}}/; keepalive_timeout 0; }
                    location /old/ { alias {{Root(folder)}}/; gzip on; chunked_transfer_encoding off; }
                    location /any/ { try_files /text-1.txt =404; }
                    location /moved { return 301 http://127.0.0.1:{{ports[0]}}/plain/text-1.txt; }
                    location /secure { return 302 https://127.0.0.1:{{ports[1]}}/plain/text-100.txt; }
                    location /empty { return 204; }
                    location /busy { return 503; }
                }
                server {
                    listen 127.0.0.1:{{ports[1]}} ssl;
                    ssl_certificate {{folder.FullName}}/certificate.pem;
                    ssl_certificate_key {{folder.FullName}}/key.pem;
                    location /plain/ { alias {{Root(folder)}}/; }
                }
                server {
                    listen 127.0.0.1:{{ports[2]}} http2;
                    location /moved { return 301 /text-1.txt; }
                    location /empty { return 204; }
                }
                server {
                    listen 127.0.0.1:{{ports[3]}} ssl http2;
                    ssl_certificate {{folder.FullName}}/certificate.pem;
                    ssl_certificate_key {{folder.FullName}}/key.pem;
                }
                server {
                    listen 127.0.0.1:{{ports[4]}} http2;
                    keepalive_requests 100;
                }
            }
            """);

    /// <summary>False when it ends instead. nginx writes its process's id when its sockets listen.</summary>
    private static async Task<bool> ListensAsync(DirectoryInfo folder, Process process)
    {
        while (!File.Exists(Path.Combine(folder.FullName, "nginx.pid")))
        {
            if (process.HasExited)
            {
                return false;
            }

            await Task.Delay(20);
        }

        return true;
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        Array.ForEach(listeners, listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        Array.ForEach(listeners, listener => listener.Dispose());
        return ports;
    }
}
