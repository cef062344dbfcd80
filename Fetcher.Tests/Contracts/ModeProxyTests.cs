using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Fetcher.Commands;
using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.ProxyScripts;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: the way by a proxy, and what its failures are called (curl's exit codes 5, 7, 56 and 97).</summary>
public sealed class ModeProxyTests : IDisposable
{
    private const string Host = "a.test", Login = "me:se:cret", BasicLogin = "Basic bWU6c2U6Y3JldA==";

    private readonly Certificates _certificates = new();

    public static TheoryData<string> Modes => ModeRun.All;

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task An_HTTP_proxy_is_told_the_whole_URL_and_serves_every_host_on_one_connection(string mode)
    {
        await using var proxy = new ScriptedServer(Answer(Ok("from the proxy")));

        var outcomes = await ModeRun.FetchAsync(mode, By(proxy), "http://a.test/x?y", "http://user:pw@b.test:8080/z");

        outcomes.ShouldAllBe(outcome => outcome.Ok && outcome.SizeBody == 14 && outcome.RemotePort == proxy.Port);
        outcomes.Select(outcome => outcome.NumConnects).ShouldBe([1, 0]);
        proxy.Requests[0].ShouldStartWith("GET http://a.test/x?y HTTP/1.1\r\n");
        proxy.Requests[0].ShouldContain("\r\nHost: a.test\r\n");
        proxy.Requests[1].ShouldStartWith("GET http://b.test:8080/z HTTP/1.1\r\n");
        proxy.Requests[1].ShouldContain("\r\nHost: b.test:8080\r\n");
        proxy.Connections.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_login_goes_to_the_proxy_and_in_a_tunnel_to_nobody_else(string mode)
    {
        await using var server = new ScriptedServer(_certificates.Issue(Host), Answer(Ok()));
        await using var proxy = new ScriptedServer(Answer(Ok()), Tunnel(server.Port));

        var outcomes = await ModeRun.FetchAsync(mode, By(proxy, login: Login), "http://b.test/", server.Url("/", Host));

        outcomes.Select(outcome => outcome.Message).ShouldAllBe(message => message == null);
        proxy.Requests[0].ShouldContain($"\r\nProxy-Authorization: {BasicLogin}\r\n");
        proxy.Requests[1].ShouldContain($"\r\nProxy-Authorization: {BasicLogin}\r\n");
        server.Requests[0].ShouldNotContain("Proxy-Authorization");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task An_https_URL_goes_through_a_tunnel_which_is_kept(string mode)
    {
        await using var server = new ScriptedServer(_certificates.Issue(Host), Answer(Ok()));
        await using var proxy = new ScriptedServer(Tunnel(server.Port));

        var outcomes = await ModeRun.FetchAsync(mode, By(proxy), server.Url("/1", Host), server.Url("/2", Host));

        outcomes.Select(outcome => outcome.Message).ShouldAllBe(message => message == null);
        outcomes.Select(outcome => outcome.NumConnects).ShouldBe([1, 0]);
        outcomes[0].RemotePort.ShouldBe(proxy.Port);
        proxy.Requests.ShouldHaveSingleItem().ShouldStartWith($"CONNECT {Host}:{server.Port} HTTP/1.1\r\nHost: {Host}:{server.Port}\r\n");
        server.Requests[0].ShouldStartWith("GET /1 HTTP/1.1\r\n");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_login_is_sent_as_the_bytes_that_it_stands_for(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        await using var proxy = new ScriptedServer(Answer(Ok()));
        var logins = new ConcurrentQueue<byte[]>();
        await using var socks = new ScriptedServer(Socks(server.Port, loginBytes: logins.Enqueue));
        var address = ProxyText.Parse($"us%FCr:p%e4@127.0.0.1:{proxy.Port}");
        byte[] login = [.. "us"u8, 0xFC, .. "r:p"u8, 0xE4];

        var options = By(proxy);
        (await ModeRun.FetchOneAsync(mode, "http://a.test/", options with { Proxies = options.Proxies! with { ForHttp = address } })).Message.ShouldBeNull();
        var bySocks = address with { Scheme = ProxyScheme.Socks5h, Port = socks.Port };
        (await ModeRun.FetchOneAsync(mode, "http://a.test/", options with { Proxies = options.Proxies! with { ForHttp = bySocks } })).Message.ShouldBeNull();

        proxy.Requests.ShouldHaveSingleItem().ShouldContain($"\r\nProxy-Authorization: Basic {Convert.ToBase64String(login)}\r\n");
        logins.ShouldHaveSingleItem().ShouldBe(login);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_tunnel_stands_whatever_the_fields_of_its_answer_say_of_a_body(string mode)
    {
        string[] answers =
        [
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", "HTTP/1.1 200 OK\r\nContent-Length: 5", "HTTP/1.1 299 OK\r\nContent-Length: 0",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6", "HTTP/1.1 200 OK\r\nContent-Length: -1", "HTTP/1.1 200 OK\r\nContent-Length: all",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked", "HTTP/1.0 200 OK\r\nContent-Length: 5", "HTTP/1.0 200 OK",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: identity",
        ];
        await using var server = new ScriptedServer(_certificates.Issue(Host), Answer(Ok()));
        await using var proxy = new ScriptedServer([.. answers.Select(answer => Tunnel(server.Port, answer + "\r\n\r\n"))]);

        foreach (var answer in answers)
        {
            (await ModeRun.FetchOneAsync(mode, server.Url("/", Host), By(proxy))).Message.ShouldBeNull(answer);
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_refused_tunnel_is_told_by_its_status_whatever_its_fields_say(string mode)
    {
        await using var proxy = new ScriptedServer(AnswerAndClose("HTTP/1.0 407 Who?\r\nTransfer-Encoding: chunked\r\nContent-Length: x\r\n\r\n"));

        var outcome = await ModeRun.FetchOneAsync(mode, "https://a.test/", By(proxy));

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Proxy, 56), outcome.Message);
        outcome.Message.ShouldNotBeNull().ShouldContain("it wants a user name and password (407)");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_a_request_says_to_the_server_is_not_told_to_the_proxy(string mode)
    {
        await using var server = new ScriptedServer(_certificates.Issue(Host), Answer(Ok()));
        await using var proxy = new ScriptedServer(Tunnel(server.Port));
        var options = By(proxy) with { Credentials = "me:secret", Headers = [new RequestHeader("Cookie", "id=7"), new RequestHeader("X-Key", "k")] };

        (await ModeRun.FetchOneAsync(mode, server.Url("/", Host), options)).Message.ShouldBeNull();

        proxy.Requests[0].ShouldNotContain("Authorization");
        proxy.Requests[0].ShouldNotContain("Cookie");
        proxy.Requests[0].ShouldNotContain("X-Key");
        server.Requests[0].ShouldContain("Authorization: ");
        server.Requests[0].ShouldContain("Cookie: id=7\r\nX-Key: k\r\n");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task An_http_URL_goes_through_a_tunnel_when_asked_for_or_when_it_leads_elsewhere(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        await using var proxy = new ScriptedServer(Tunnel(server.Port));
        var options = By(proxy);
        var elsewhere = options with { ConnectTo = [new ConnectTo(Host, 0, "b.test", 81)] };

        (await ModeRun.FetchOneAsync(mode, "http://a.test/", options with { Proxies = options.Proxies! with { Tunnel = true } })).Message.ShouldBeNull();
        (await ModeRun.FetchOneAsync(mode, "http://a.test/", elsewhere)).Message.ShouldBeNull();

        proxy.Requests.Select(request => request.Split(' ')[1]).ShouldBe(["a.test:80", "b.test:81"]);
        server.Requests.ShouldAllBe(request => request.StartsWith("GET / HTTP/1.1\r\nHost: a.test\r\n"));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task An_https_proxy_is_spoken_to_under_TLS_and_judged_by_its_own_authority(string mode)
    {
        using var others = new Certificates();
        await using var server = new ScriptedServer(_certificates.Issue(Host), Answer(Ok()));
        await using var proxy = new ScriptedServer(others.Issue("p.test"), Answer(Ok("from the proxy")), Tunnel(server.Port));
        var options = By(proxy, ProxyScheme.Https);
        options = options with
        {
            Proxies = options.Proxies! with { CaCertPath = others.AuthorityPath },
            CaCertPath = _certificates.AuthorityPath,
        };

        var outcomes = await ModeRun.FetchAsync(mode, options, "http://b.test/", server.Url("/", Host));
        outcomes.Select(outcome => outcome.Message).ShouldAllBe(message => message == null);
        outcomes.Select(outcome => outcome.SizeBody).ShouldBe([14, 5]);

        var refused = await ModeRun.FetchOneAsync(
            mode, server.Url("/", Host), options with { Proxies = options.Proxies! with { CaCertPath = _certificates.AuthorityPath } });
        (refused.Error, refused.ExitCode).ShouldBe((FetchErrorKind.Proxy, 60), refused.Message);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_SOCKS_proxy_looks_names_up_when_its_scheme_says_so(string mode)
    {
        var asked = new List<string>();
        await using var server = new ScriptedServer(Answer(Ok()));
        await using var proxy = new ScriptedServer(Socks(server.Port, asked.Add));

        (await ModeRun.FetchOneAsync(mode, "http://a.test:81/", By(proxy, ProxyScheme.Socks5h))).Message.ShouldBeNull();
        (await ModeRun.FetchOneAsync(mode, "http://[::1]:82/", By(proxy, ProxyScheme.Socks5h))).Message.ShouldBeNull();
        var resolved = By(proxy, ProxyScheme.Socks5) with
        {
            Resolve = [new ResolveEntry(Host, 83, [IPAddress.Parse("127.0.0.9")]), .. By(proxy).Resolve],
        };
        (await ModeRun.FetchOneAsync(mode, "http://a.test:83/", resolved)).Message.ShouldBeNull();

        asked.ShouldBe(["a.test:81", "::1:82", "127.0.0.9:83"]);
        server.Requests[0].ShouldStartWith("GET / HTTP/1.1\r\nHost: a.test:81\r\n");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_SOCKS_proxy_gets_its_login_and_carries_TLS(string mode)
    {
        await using var server = new ScriptedServer(_certificates.Issue(Host), Answer(Ok()));
        await using var proxy = new ScriptedServer(Socks(server.Port, login: Login));

        var outcomes = await ModeRun.FetchAsync(
            mode, By(proxy, ProxyScheme.Socks5h, Login), server.Url("/1", Host), server.Url("/2", Host));

        outcomes.Select(outcome => (outcome.Message, outcome.NumConnects)).ShouldBe([(null, 1), (null, 0)]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_connection_to_the_proxy_is_not_taken_for_one_to_a_host_at_its_address(string mode)
    {
        await using var proxy = new ScriptedServer(Answer(Ok("from the proxy")));

        var outcomes = await ModeRun.FetchAsync(mode, By(proxy, except: "127.0.0.0/8"), "http://a.test/", proxy.Url("/direct"), "http://a.test/");

        outcomes.Select(outcome => outcome.NumConnects).ShouldBe([1, 1, 0]);
        proxy.Requests.Select(request => request.Split(' ')[1]).ShouldBe(["http://a.test/", "/direct", "http://a.test/"]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_redirect_from_http_to_https_changes_from_one_way_to_the_other(string mode)
    {
        await using var server = new ScriptedServer(_certificates.Issue(Host), Answer(Ok("there")));
        await using var proxy = new ScriptedServer(
            Answer(Response("301 Moved", "", $"Location: {server.Url("/x", Host)}\r\n")), Tunnel(server.Port));

        var outcome = await ModeRun.FetchOneAsync(mode, "http://a.test/", By(proxy));

        (outcome.Message, outcome.FinalUrl, outcome.NumConnects).ShouldBe((null, server.Url("/x", Host), 2));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_proxy_that_is_not_there_is_the_proxys_failure(string mode)
    {
        using var unused = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var nobody = new ProxyAddress(ProxyScheme.Http, "127.0.0.1", ((IPEndPoint)unused.LocalEndPoint!).Port, Login);

        var outcome = await ModeRun.FetchOneAsync(mode, "http://a.test/", By(nobody));

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Proxy, 7), outcome.Message);
        outcome.Message.ShouldNotBeNull().ShouldNotContain("cret");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_proxy_whose_name_is_not_known_is_the_proxys_failure(string mode)
    {
        var options = By(new ProxyAddress(ProxyScheme.Socks5h, "nobody.invalid", 1080));

        var outcome = await ModeRun.FetchOneAsync(
            mode, "https://a.test/", _ => Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound)), options: options);

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Proxy, 5), outcome.Message);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_tunnel_that_is_refused_is_told_with_its_reason(string mode)
    {
        await FailsAsync(mode, Answer(Response("407 Login", "", "Proxy-Authenticate: Basic\r\n")), 56, "it wants a user name and password (407)");
        await FailsAsync(mode, Answer(Response("403 No")), 56, "answered CONNECT with 403");
        await FailsAsync(mode, Answer("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n"), 56, "more than its answer");
        await FailsAsync(mode, Answer("SSH-2.0-proxy\r\n\r\n"), 56, "not valid HTTP/1.1");
        await FailsAsync(mode, AnswerAndClose(""), 56, "closed the connection");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_SOCKS_proxy_that_refuses_is_told_with_its_reason(string mode)
    {
        await FailsAsync(mode, Socks(0, reply: 5), 97, "cannot connect to a.test port 443: connection refused", ProxyScheme.Socks5h);
        await FailsAsync(mode, Socks(0, login: "a:b"), 97, "wants a user name", ProxyScheme.Socks5h);
        await FailsAsync(mode, Socks(0, login: "a:b"), 97, "does not accept the user name", ProxyScheme.Socks5h, Login);
        await FailsAsync(mode, connection => connection.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n"), 97, "does not speak SOCKS 5", ProxyScheme.Socks5h);
        await FailsAsync(mode, _ => Task.CompletedTask, 97, "closed the connection", ProxyScheme.Socks5h);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_proxy_that_keeps_silent_ends_at_the_time_for_connecting(string mode)
    {
        await using var proxy = new ScriptedServer(FallSilent());

        var outcome = await ModeRun.FetchOneAsync(mode, "https://a.test/", By(proxy) with { ConnectTimeout = TimeSpan.FromMilliseconds(40) });

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Timeout, 28), outcome.Message);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_proxy_that_is_busy_is_asked_again(string mode)
    {
        await using var server = new ScriptedServer(_certificates.Issue(Host), Answer(Ok()));
        await using var proxy = new ScriptedServer(AnswerAndClose(Response("503 Busy")), Tunnel(server.Port));

        var outcome = await ModeRun.FetchOneAsync(
            mode, server.Url("/", Host), By(proxy) with { Retry = 1, RetryDelay = TimeSpan.Zero });

        (outcome.Message, outcome.Attempts).ShouldBe((null, 2));
    }

    private async Task FailsAsync(
        string mode, Func<ScriptedConnection, Task> script, int exitCode, string reason, ProxyScheme scheme = ProxyScheme.Http, string? login = null)
    {
        await using var proxy = new ScriptedServer(script);

        var outcome = await ModeRun.FetchOneAsync(mode, "https://a.test/", By(proxy, scheme, login));

        (outcome.Error, outcome.ExitCode, outcome.Status).ShouldBe((FetchErrorKind.Proxy, exitCode, 0), outcome.Message);
        outcome.Message.ShouldNotBeNull().ShouldContain(reason);
        outcome.Message.ShouldNotContain("cret");
    }

    private FetchOptions By(ScriptedServer proxy, ProxyScheme scheme = ProxyScheme.Http, string? login = null, string except = "") =>
        By(new ProxyAddress(scheme, "p.test", proxy.Port, login), except) with
        {
            Resolve = [new ResolveEntry("p.test", proxy.Port, [IPAddress.Loopback])],
        };

    private FetchOptions By(ProxyAddress proxy, string except = "") => ModeRun.Options with
    {
        Proxies = new ProxyOptions(proxy, proxy, NoProxyList.Parse(except)),
        CaCertPath = _certificates.AuthorityPath,
    };
}
