using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fetcher.Core;
using Fetcher.Core.Modes;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: TLS is spoken, and certificates are judged (curl's exit codes 60 and 35).</summary>
public sealed class ModeTlsTests : IDisposable
{
    private const string Host = "a.test", TooShort = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";

    private readonly Certificates _certificates = new();

    public static TheoryData<string> Modes => ModeRun.All;

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_certificate_of_the_given_authority_is_accepted(string mode)
    {
        var body = new byte[300_000];
        new Random(2).NextBytes(body);
        await using var server = new ScriptedServer(_certificates.Issue(Host), Answer(Ok(body)));

        var outcomes = await ModeRun.FetchAsync(
            mode, Options(server) with { Sha256 = true }, server.Url("/1", Host), server.Url("/2", Host));

        outcomes.Select(outcome => outcome.Message).ShouldAllBe(message => message == null);
        outcomes.ShouldAllBe(outcome => outcome.Sha256 == Convert.ToHexStringLower(SHA256.HashData(body)));
        outcomes.Select(outcome => outcome.NumConnects).ShouldBe([1, 0]);
        long[] times = [outcomes[0].Connect, outcomes[0].AppConnect, outcomes[0].PreTransfer, outcomes[0].StartTransfer];
        times.ShouldBeInOrder();
        outcomes[0].AppConnect.ShouldBeGreaterThan(outcomes[0].Connect);
        server.Connections.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_final_dot_of_a_name_is_in_the_Host_field_and_nowhere_in_TLS(string mode)
    {
        var asked = new ConcurrentQueue<string?>();
        var certificate = _certificates.Issue(Host);
        var tls = new SslServerAuthenticationOptions
        {
            ServerCertificateSelectionCallback = (_, name) =>
            {
                asked.Enqueue(name);
                return certificate;
            },
        };
        await using var server = new ScriptedServer(tls, Answer(Ok()));
        var options = Options(server) with { Resolve = [new ResolveEntry("a.test.", server.Port, [IPAddress.Loopback])] };

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/", "a.test."), options);
        var refused = await ModeRun.FetchOneAsync(
            mode, server.Url("/", "b.test."), options with { Resolve = [new ResolveEntry("b.test.", server.Port, [IPAddress.Loopback])] });

        outcome.Message.ShouldBeNull();
        (refused.Error, refused.ExitCode).ShouldBe((FetchErrorKind.Tls, 60), refused.Message);
        asked.ShouldBe(["a.test", "b.test"]);
        server.Requests.ShouldHaveSingleItem().ShouldContain($"\r\nHost: a.test.:{server.Port}\r\n");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_certificate_for_another_host_is_refused(string mode)
    {
        var outcome = await RefuseAsync(mode, _certificates.Issue("b.test"));

        outcome.Message.ShouldNotBeNull().ShouldContain("it is for another host");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_certificate_that_vouches_for_itself_is_refused(string mode)
    {
        var outcome = await RefuseAsync(mode, Certificates.SelfSigned(Host));

        outcome.Message.ShouldNotBeNull().ShouldContain("not accepted");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Any_certificate_is_accepted_when_asked_for(string mode)
    {
        await using var server = new ScriptedServer(Certificates.SelfSigned("b.test"), Answer(Ok()));

        (await ModeRun.FetchOneAsync(mode, server.Url("/", Host), Options(server) with { Insecure = true })).Message.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_server_that_does_not_speak_TLS_fails_in_the_handshake(string mode)
    {
        await using var server = new ScriptedServer(connection => connection.SendAsync(Response("400 Bad Request")));

        await FailsInHandshakeAsync(mode, server);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_server_that_closes_fails_in_the_handshake(string mode)
    {
        await using var server = new ScriptedServer(_ => Task.CompletedTask);

        await FailsInHandshakeAsync(mode, server);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_server_that_resets_the_connection_fails_in_the_handshake(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadByteAsync();
            connection.Reset();
        });

        await FailsInHandshakeAsync(mode, server);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Silence_after_the_handshake_ends_at_the_read_timeout(string mode)
    {
        await using var server = new ScriptedServer(_certificates.Issue(Host), FallSilent(TooShort));

        var outcome = await ModeRun.FetchOneAsync(
            mode, server.Url("/", Host), Options(server) with { ReadTimeout = TimeSpan.FromMilliseconds(40) });

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Timeout, 28), outcome.Message);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_cut_short_is_incomplete_under_TLS_too(string mode)
    {
        await using var server = new ScriptedServer(_certificates.Issue(Host), AnswerAndClose(TooShort));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/", Host), Options(server));

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Receive, 18), outcome.Message);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_whose_only_end_is_the_connections_is_whole_with_close_notify_and_cut_without(string mode)
    {
        string[] heads = ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n"];
        await using var proper = new ScriptedServer(_certificates.Issue(Host), [.. heads.Select(head => AnswerAndClose(head + "hello"))]);
        await using var silent = new ScriptedServer(
            _certificates.Issue(Host),
            [.. heads.Select(head => (Func<ScriptedConnection, Task>)(async connection =>
            {
                await AnswerAndClose(head + "hello")(connection);
                connection.EndSilently();
            }))]);

        var whole = await ModeRun.FetchAsync(mode, Options(proper), [.. heads.Select(_ => proper.Url("/", Host))]);
        var cut = await ModeRun.FetchAsync(mode, Options(silent), [.. heads.Select(_ => silent.Url("/", Host))]);

        whole.ShouldAllBe(outcome => outcome.Message == null && outcome.SizeBody == 5);
        cut.ShouldAllBe(outcome => outcome.Error == FetchErrorKind.Receive && outcome.ExitCode == 18 && outcome.SizeBody == 5);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_that_says_its_length_needs_no_close_notify(string mode)
    {
        await using var server = new ScriptedServer(_certificates.Issue(Host), async connection =>
        {
            await AnswerAndClose(Ok())(connection);
            connection.EndSilently();
        });

        (await ModeRun.FetchOneAsync(mode, server.Url("/", Host), Options(server))).Message.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Renegotiation_is_refused(string mode)
    {
        var tls = new SslServerAuthenticationOptions { ServerCertificate = _certificates.Issue(Host), EnabledSslProtocols = SslProtocols.Tls12 };
        await using var server = new ScriptedServer(tls, async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(TooShort);
            await connection.RenegotiateAsync();
            await connection.SendAsync("world");
        });

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/", Host), Options(server));

        (outcome.ExitCode, outcome.Message).ShouldBe((56, "the server wanted to renegotiate TLS, which is refused"));
    }

    [Fact]
    public async Task Key_updates_without_end_are_silence()
    {
        // .NET's server sends none. All modes at once, since it takes its time.
        Assert.SkipUnless(File.Exists("/usr/bin/openssl"), "there is no openssl(1)");
        var certificate = _certificates.Issue("127.0.0.1");
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file, certificate.ExportCertificatePem() + "\n" + certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        var options = ModeRun.Options with { CaCertPath = _certificates.AuthorityPath, ReadTimeout = TimeSpan.FromMilliseconds(300) };

        var outcomes = await Task.WhenAll(ModeCatalog.All.Where(mode => mode.WhyNot(ModeRun.Options) is null).Select(async mode =>
        {
            using var server = Process.Start(new ProcessStartInfo("/usr/bin/openssl", ["s_server", "-4", "-accept", "0", "-cert", file, "-tls1_3"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            try
            {
                string? line;
                while ((line = await server.StandardOutput.ReadLineAsync())?.StartsWith("ACCEPT", StringComparison.Ordinal) == false)
                {
                }

                var fetch = ModeRun.FetchOneAsync(mode.Name, $"https://127.0.0.1:{line!.Split(':')[^1]}/", options);
                while ((await server.StandardOutput.ReadLineAsync())?.Contains("GET ", StringComparison.Ordinal) == false)
                {
                }

                while (!fetch.IsCompleted)
                {
                    await server.StandardInput.WriteLineAsync("k");
                    await server.StandardInput.FlushAsync();
                    await Task.Delay(5);
                }

                return await fetch;
            }
            finally
            {
                server.Kill();
            }
        }));

        File.Delete(file);
        outcomes.ShouldAllBe(outcome => outcome.ExitCode == 28 && outcome.Message == "nothing could be received for 0.3 s");
    }

    private static async Task FailsInHandshakeAsync(string mode, ScriptedServer server)
    {
        var outcome = await ModeRun.FetchOneAsync(mode, server.TlsUrl);

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Tls, 35), outcome.Message);
    }

    private async Task<Outcome> RefuseAsync(string mode, X509Certificate2 certificate)
    {
        await using var server = new ScriptedServer(certificate, Answer(Ok()));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/", Host), Options(server));

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Tls, 60), outcome.Message);
        return outcome;
    }

    private FetchOptions Options(ScriptedServer server) => ModeRun.Options with
    {
        CaCertPath = _certificates.AuthorityPath,
        Resolve = [new ResolveEntry(Host, server.Port, [IPAddress.Loopback])],
    };
}
