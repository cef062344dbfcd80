using System.Security.Cryptography.X509Certificates;
using Fetcher.Core;
using Fetcher.Queue.Redis;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Queue;

/// <summary>An engine behind TLS and a password: who is trusted, and where the password never is.</summary>
public sealed class QueueSecretTests : IDisposable
{
    private const string Password = "hunter2";

    private readonly TempFolder _folder = new();
    private readonly Certificates _authority = new(), _other = new("Another CA");

    public void Dispose()
    {
        _folder.Dispose();
        _authority.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task An_engine_is_trusted_by_the_authority_that_was_named_and_no_other()
    {
        var (engine, port) = await StartAsync("127.0.0.1");
        await using var ending = engine;

        await using (var store = await OpenAsync(port, _authority.AuthorityPath, Password))
        {
            (await store.ReadAsync()).ShouldBeNull();
        }

        (await RefusedAsync(port, _other.AuthorityPath, Password)).ShouldEndWith(
            "cannot be used: its certificate is not accepted: no authority of --queue-cacert has signed it, or it is not valid now");
        (await RefusedAsync(port, null, Password)).ShouldEndWith(
            "cannot be used: its certificate is not accepted: no authority that this machine trusts has signed it");
        (await RefusedAsync(port, _authority.AuthorityPath, "wrong")).ShouldEndWith("cannot be used: it does not accept the user and password");
        (await RefusedAsync(port, _folder["none"], Password)).ShouldStartWith(_folder["none"] + " cannot be used: ");
    }

    [Fact]
    public async Task An_engine_with_the_certificate_of_another_host_is_refused()
    {
        var (engine, port) = await StartAsync("other.test");
        await using var ending = engine;

        (await RefusedAsync(port, _authority.AuthorityPath, Password)).ShouldEndWith("cannot be used: its certificate is not accepted: it is for another host");
    }

    [Fact]
    public async Task The_password_is_in_nothing_that_others_can_read()
    {
        var (engine, port) = await StartAsync("127.0.0.1");
        await using var ending = engine;
        using var origin = new CountingOrigin(TimeSpan.FromMilliseconds(20));
        var address = $"rediss://me:{Password}@127.0.0.1:{port}/secret";
        await File.WriteAllTextAsync(_folder["queue"], address + "\n");
        await File.WriteAllLinesAsync(_folder["list"], Enumerable.Range(0, 40).Select(index => $"http://h{index}.test/{index}"));
        string[] trust = ["--queue-cacert", _authority.AuthorityPath];
        using var worker = FetcherProcess.Start(
            ["worker", .. trust, "--concurrency", "1", "--connect-to", $"::127.0.0.1:{origin.Port}"], ("FETCHER_QUEUE", address));
        var said = worker.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var collecting = FetcherProcess.RunAsync(
        [
            _folder["list"], "--queue", "@" + _folder["queue"], .. trust, "-v", "--journal", _folder["journal"], "--format", "ndjson",
            "--report", _folder["report.json"], "--report", _folder["report.html"],
        ]);
        await ModeRun.UntilAsync(() => origin.Requests > 0);
        var seen = await File.ReadAllTextAsync($"/proc/{worker.Id}/cmdline", TestContext.Current.CancellationToken);
        var status = await FetcherProcess.RunAsync(["status", "--queue", "@" + _folder["queue"], .. trust, "--format", "json"]);
        var ran = await collecting;
        await worker.WaitForExitAsync(TestContext.Current.CancellationToken);

        (ran.ExitCode, worker.ExitCode, status.ExitCode).ShouldBe((0, 0, 0), ran.Error + await said + status.Error);
        seen.ShouldContain("worker");
        string[] files = [File.ReadAllText(_folder["journal"]), File.ReadAllText(_folder["report.json"]), File.ReadAllText(_folder["report.html"])];
        files.ShouldAllBe(text => text.Length > 0);
        foreach (var text in (string[])[seen, await said, ran.Output, ran.Error, status.Output, status.Error, .. files])
        {
            text.ShouldNotContain(Password);
        }
    }

    private async Task<(RedisServer Engine, int Port)> StartAsync(string host)
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        using var certificate = _authority.Issue(host);
        using var key = certificate.GetECDsaPrivateKey()!;
        await File.WriteAllTextAsync(_folder["certificate.pem"], certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(_folder["key.pem"], key.ExportPkcs8PrivateKeyPem());
        var port = RedisServer.FreePort();
        var engine = await RedisServer.StartAsync(
            "--tls-port", $"{port}", "--tls-cert-file", _folder["certificate.pem"], "--tls-key-file", _folder["key.pem"], "--tls-auth-clients", "no",
            "--tls-ca-cert-file", _authority.AuthorityPath, "--user", "default", "off", "--user", "me", "on", ">" + Password, "~*", "&*", "+@all");
        return (engine, port);
    }

    private static Task<RedisLeaseStore> OpenAsync(int port, string? authority, string password) =>
        RedisQueue.OpenAsync(RedisAddress.Parse($"rediss://me:{password}@127.0.0.1:{port}/tls"), authority, warning => throw new InvalidOperationException(warning));

    private static async Task<string> RefusedAsync(int port, string? authority, string password)
    {
        var refused = await Should.ThrowAsync<FetchSetupException>(() => OpenAsync(port, authority, password));
        refused.ToString().ShouldNotContain(Password);
        return refused.Message;
    }
}
