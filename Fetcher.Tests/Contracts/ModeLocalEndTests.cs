using System.Net;
using System.Net.Sockets;
using Fetcher.Core;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: where connections begin (--interface), Unix sockets, and requests as HTTP/1.0.</summary>
public sealed class ModeLocalEndTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Certificates _certificates = new();

    public static TheoryData<string> Modes => ModeRun.All;

    private string SocketPath => Path.Combine(_folder.Path, "s");

    public void Dispose()
    {
        _folder.Dispose();
        _certificates.Dispose();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_connection_begins_at_the_given_address(string mode)
    {
        EndPoint? client = null;
        await using var server = new ScriptedServer(connection =>
        {
            client = connection.Client;
            return Answer(Ok())(connection);
        });

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), ModeRun.Options with { Interface = "127.0.0.42" });

        outcome.Message.ShouldBeNull();
        client.ShouldBe(new IPEndPoint(IPAddress.Parse("127.0.0.42"), outcome.LocalPort));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_connection_begins_at_the_given_device(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        (await ModeRun.FetchOneAsync(mode, server.Url(), ModeRun.Options with { Interface = "lo" })).Message.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task An_address_that_this_machine_does_not_have_cannot_be_begun_at(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        // 192.0.2.0/24 is for documentation (RFC 5737).
        foreach (var address in (string[])["192.0.2.1", "::1"])
        {
            var outcome = await ModeRun.FetchOneAsync(
                mode, server.Url(), ModeRun.Options with { Interface = address, Retry = 2, RetryDelay = TimeSpan.Zero });

            (outcome.Error, outcome.ExitCode, outcome.Attempts).ShouldBe((FetchErrorKind.Connect, 45, 1), outcome.Message);
            outcome.Message.ShouldNotBeNull().ShouldContain(address);
        }

        server.Connections.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_Unix_socket_takes_the_place_of_the_network(string mode)
    {
        await using var server = ScriptedServer.AtUnixSocket(SocketPath, Answer(Ok()));
        var nobody = new ProxyAddress(ProxyScheme.Http, "proxy.invalid", 1);
        var options = ModeRun.Options with { UnixSocket = SocketPath, Proxies = new ProxyOptions(nobody, nobody, NoProxyList.Empty) };

        var outcomes = await ModeRun.FetchAsync(mode, options, "http://nobody.invalid/1", "http://nobody.invalid/2", "http://other.invalid/3");

        outcomes.Select(outcome => outcome.Message).ShouldAllBe(message => message == null);
        outcomes.Select(outcome => outcome.NumConnects).ShouldBe([1, 0, 1]);
        outcomes.ShouldAllBe(outcome => outcome.RemoteIp == null && outcome.RemotePort == 0 && outcome.LocalPort == 0);
        server.Requests[0].ShouldStartWith("GET /1 HTTP/1.1\r\nHost: nobody.invalid\r\n");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task TLS_is_spoken_over_a_Unix_socket(string mode)
    {
        await using var server = ScriptedServer.AtUnixSocket(SocketPath, Answer(Ok(new byte[300_000])), _certificates.Issue("a.test"));

        var outcome = await ModeRun.FetchOneAsync(
            mode, "https://a.test/", ModeRun.Options with { UnixSocket = SocketPath, CaCertPath = _certificates.AuthorityPath });

        (outcome.Message, outcome.SizeBody).ShouldBe((null, 300_000));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_Unix_socket_that_is_not_there_is_told(string mode)
    {
        var outcome = await ModeRun.FetchOneAsync(mode, "http://a.test/", ModeRun.Options with { UnixSocket = SocketPath });

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Connect, 7), outcome.Message);
        outcome.Message.ShouldNotBeNull().ShouldContain(SocketPath);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_Unix_socket_with_a_full_queue_is_waited_for(string mode)
    {
        var ready = new TaskCompletionSource();
        await using var server = ScriptedServer.AtUnixSocket(SocketPath, Answer(Ok()), backlog: 0, ready: ready.Task);
        using var first = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await first.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));

        var fetching = ModeRun.FetchAsync(mode, ModeRun.Options with { UnixSocket = SocketPath, Concurrency = 4 }, [.. Enumerable.Range(0, 8).Select(i => $"http://h{i}.invalid/")]);
        await Task.Delay(20);
        ready.SetResult();

        (await fetching).Select(outcome => outcome.Message).ShouldAllBe(message => message == null);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_request_can_be_HTTP_1_0(string mode)
    {
        await using var server = new ScriptedServer(AnswerAndClose("HTTP/1.0 200 OK\r\n\r\nuntil the end"));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/x"), ModeRun.Options with { Protocol = HttpProtocol.Http10 });

        (outcome.Message, outcome.SizeBody, outcome.HttpVersion).ShouldBe((null, 13, "1.0"));
        server.Requests[0].ShouldStartWith("GET /x HTTP/1.0\r\n");
        server.Requests[0].ShouldContain("\r\nHost: 127.0.0.1:");
    }
}
