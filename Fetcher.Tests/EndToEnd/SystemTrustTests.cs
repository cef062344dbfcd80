using System.Collections.Concurrent;
using Fetcher.Core;
using Fetcher.Core.Net;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.EndToEnd;

/// <summary>When a program reads the system's trusted certificates, which costs 0.1 s of CPU: when somebody is judged by them, and not otherwise.</summary>
public sealed class SystemTrustTests : IDisposable
{
    private const string Host = "a.test";
    private static readonly ProxyAddress Plain = new(ProxyScheme.Http, "p.test", 80), Secured = new(ProxyScheme.Https, "p.test", 443);

    private readonly Certificates _certificates = new();

    public static TheoryData<bool, FetchOptions> Choices => new()
    {
        { true, new FetchOptions() },
        { false, new FetchOptions { Insecure = true } },
        { false, new FetchOptions { CaCertPath = "ca.pem" } },
        { true, new FetchOptions { Insecure = true, CertPath = "me.pem" } },
        { false, new FetchOptions { Insecure = true, Proxies = By(Plain, Plain) } },
        { true, new FetchOptions { Insecure = true, Proxies = By(Plain, Secured) } },
        { true, new FetchOptions { Insecure = true, Proxies = By(Secured, Plain) } },
        { true, new FetchOptions { CaCertPath = "ca.pem", Proxies = By(null, Secured) } },
        { false, new FetchOptions { Insecure = true, Proxies = By(Secured, Secured) with { Insecure = true } } },
        { false, new FetchOptions { Insecure = true, Proxies = By(Secured, Secured) with { CaCertPath = "proxies.pem" } } },
        { true, new FetchOptions { Proxies = By(Secured, Secured) with { Insecure = true } } },
        { false, new FetchOptions { Insecure = true, UnixSocket = "socket", Proxies = By(Secured, Secured) } },
    };

    public void Dispose() => _certificates.Dispose();

    [Theory, MemberData(nameof(Choices))]
    public void They_are_needed_when_a_server_a_proxy_or_our_own_chain_is_looked_up_in_them(bool needed, FetchOptions options) =>
        SystemTrust.IsNeeded(options).ShouldBe(needed);

    [Theory]
    [InlineData("-k")]
    [InlineData("--cacert")]
    public async Task An_https_proxy_is_judged_by_them_beside_a_plain_one_and_servers_that_are_not(string option)
    {
        using var others = new Certificates();
        await using var server = new ScriptedServer(others.Issue(Host), Answer(Ok()));
        await using var proxy = new ScriptedServer(_certificates.Issue("127.0.0.1"), ProxyScripts.Tunnel(server.Port));
        string[] trust = option == "-k" ? ["-k"] : [option, others.AuthorityPath];

        using var process = FetcherProcess.Start(
            [.. trust, "--retry", "0", server.Url("/", Host)],
            ("SSL_CERT_FILE", _certificates.AuthorityPath),
            ("http_proxy", "http://127.0.0.1:1"),
            ("https_proxy", $"https://127.0.0.1:{proxy.Port}"));
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        process.ExitCode.ShouldBe(0, error);
    }

    [Theory]
    [InlineData("compare", "--round", "--modes=async")]
    [InlineData("--mode", "async")]
    public async Task A_program_that_trusts_others_leaves_them_unread(params string[] command)
    {
        using var folder = new TempFolder();
        await using var server = new ScriptedServer(_certificates.Issue("127.0.0.1"), Answer(Ok()));
        var (system, marker) = (Path.Combine(folder.Path, "system.pem"), Path.Combine(folder.Path, "marker"));
        File.Copy(_certificates.AuthorityPath, system);
        await File.WriteAllTextAsync(marker, "x", TestContext.Current.CancellationToken);
        var (read, markerRead) = (new ConcurrentQueue<string?>(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        using var watcher = new FileSystemWatcher(folder.Path) { NotifyFilter = NotifyFilters.LastAccess };
        watcher.Changed += (_, e) =>
        {
            read.Enqueue(e.Name);
            if (e.Name == "marker")
            {
                markerRead.TrySetResult();
            }
        };
        watcher.EnableRaisingEvents = true;

        // A round ends with its standard input, which stays open here.
        using var process = FetcherProcess.Start(
            [.. command, "--cacert", _certificates.AuthorityPath, "--retry", "0", server.Url()], ("SSL_CERT_FILE", system), ("SSL_CERT_DIR", folder.Path));
        await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0);

        // Events come in the order of the reads: that of the marker is the last.
        await File.ReadAllTextAsync(marker, TestContext.Current.CancellationToken);
        await markerRead.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        read.ShouldNotContain("system.pem");
    }

    private static ProxyOptions By(ProxyAddress? forHttp, ProxyAddress? forHttps) => new(forHttp, forHttps, NoProxyList.Empty);
}
