using System.Net;
using System.Net.Sockets;
using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: connections are kept, found stale, refused, and sent elsewhere.</summary>
public sealed class ModeConnectionTests
{
    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_connection_is_used_again(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, server.Url("/1"), server.Url("/2"), server.Url("/3"));

        outcomes.Select(outcome => outcome.NumConnects).ShouldBe([1, 0, 0]);
        outcomes.Select(outcome => outcome.LocalPort).Distinct().ShouldHaveSingleItem();
        outcomes.ShouldAllBe(outcome => outcome.RemotePort == server.Port && outcome.PreTransfer >= outcome.Connect);
        server.Connections.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_connection_that_the_server_wants_closed_is_not_used_again(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok("hello", "Connection: close\r\n")));

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, server.Url(), server.Url());

        outcomes.Select(outcome => outcome.NumConnects).ShouldBe([1, 1]);
        server.Connections.ShouldBe(2);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_request_on_a_stale_connection_is_sent_again_on_a_fresh_one(string mode)
    {
        // It looks alive until the second request comes.
        await using var server = new ScriptedServer(
            async connection =>
            {
                await connection.ReadRequestAsync();
                await connection.SendAsync(Ok());
                await connection.ReadRequestAsync();
            },
            Answer(Ok()));

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, server.Url("/1"), server.Url("/2"));

        outcomes.ShouldAllBe(outcome => outcome.Ok && outcome.Attempts == 1 && outcome.NumConnects == 1);
        server.Connections.ShouldBe(2);
        server.Requests.Count.ShouldBe(3);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_request_on_a_connection_that_is_reset_is_sent_again_on_a_fresh_one(string mode)
    {
        await using var server = new ScriptedServer(
            async connection =>
            {
                await connection.ReadRequestAsync();
                await connection.SendAsync(Ok());
                await connection.ReadRequestAsync();
                connection.Reset();
            },
            Answer(Ok()));

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, server.Url("/1"), server.Url("/2"));

        outcomes.ShouldAllBe(outcome => outcome.Ok && outcome.Attempts == 1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_connection_that_the_server_closed_meanwhile_costs_no_attempt(string mode)
    {
        await using var server = new ScriptedServer(AnswerAndClose(Ok()));

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, server.Url(), server.Url(), server.Url());

        outcomes.ShouldAllBe(outcome => outcome.Ok && outcome.Attempts == 1 && outcome.NumConnects == 1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_response_that_nobody_asked_for_is_not_taken_for_the_next(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok("first") + Ok("stray!")), Answer(Ok("second!!")));

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, server.Url(), server.Url());

        outcomes.Select(outcome => outcome.SizeBody).ShouldBe([5, 8]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_response_that_comes_before_its_request_is_not_taken_for_the_answer(string mode)
    {
        var asked = new TaskCompletionSource();
        var strayed = new TaskCompletionSource();
        await using var server = new ScriptedServer(
            async connection =>
            {
                await connection.ReadRequestAsync();
                await connection.SendAsync(Ok("first"));
                await asked.Task;
                await connection.SendAsync(Ok("too early"));
                await connection.UntilDeliveredAsync();
                strayed.SetResult();
                await connection.HoldAsync();
            },
            Answer(Ok("second!!")));

        // While its connection rests, the transfer is with another server, until the stray response is there.
        await using var other = new ScriptedServer(async connection =>
        {
            await connection.ReadRequestAsync();
            asked.SetResult();
            await strayed.Task;
            await connection.SendAsync(Ok());
        });

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, server.Url(), other.Url(), server.Url());

        outcomes.Select(outcome => (outcome.Message, outcome.SizeBody)).ShouldBe([(null, 5), (null, 5), (null, 8)]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_port_where_nobody_listens_refuses(string mode)
    {
        using var unused = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        var outcome = await ModeRun.FetchOneAsync(mode, $"http://127.0.0.1:{((IPEndPoint)unused.LocalEndPoint!).Port}/");

        (outcome.Error, outcome.ExitCode, outcome.Status).ShouldBe((FetchErrorKind.Connect, 7, 0), outcome.Message);
        outcome.NumConnects.ShouldBe(0);
        outcome.Connect.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_connection_that_was_made_counts_whatever_came_of_TLS(string mode)
    {
        await using var server = new ScriptedServer(async connection => await connection.ReadByteAsync());

        var outcome = await ModeRun.FetchOneAsync(mode, server.TlsUrl);

        (outcome.Ok, outcome.NumConnects).ShouldBe((false, 1), outcome.Message);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_host_that_is_not_known_fails_by_name(string mode)
    {
        var outcome = await ModeRun.FetchOneAsync(
            mode, "http://nobody.invalid/", _ => Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound)));

        (outcome.Error, outcome.ExitCode, outcome.NameLookup, outcome.NumConnects).ShouldBe((FetchErrorKind.Dns, 6, 0, 0), outcome.Message);
        outcome.Message.ShouldNotBeNull().ShouldContain("nobody.invalid");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stop_ends_a_name_look_up(string mode)
    {
        using var stop = new CancellationTokenSource();
        var never = new TaskCompletionSource<IPAddress[]>();

        var outcome = await ModeRun.FetchOneAsync(mode, "http://nobody.invalid/", LookUpAsync, stop: stop.Token);

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Cancelled, 42), outcome.Message);

        // The answer comes to nobody.
        never.SetResult([IPAddress.Loopback]);

        Task<IPAddress[]> LookUpAsync(string host)
        {
            stop.CancelAfter(1);
            return never.Task;
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Resolve_says_where_a_host_is(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        var options = ModeRun.Options with { Resolve = [new ResolveEntry("a.test", server.Port, [IPAddress.Loopback])] };

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/", "a.test"), options);

        outcome.Message.ShouldBeNull();
        outcome.RemoteIp.ShouldBe("127.0.0.1");
        server.Requests[0].ShouldContain($"Host: a.test:{server.Port}\r\n");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task An_address_that_refuses_is_passed_over(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        var entry = new ResolveEntry("a.test", server.Port, [IPAddress.Parse("127.0.0.2"), IPAddress.Loopback]);

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/", "a.test"), ModeRun.Options with { Resolve = [entry] });

        outcome.Message.ShouldBeNull();
        outcome.RemoteIp.ShouldBe("127.0.0.1");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Connect_to_leads_a_host_elsewhere_and_leaves_the_request_as_it_is(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        var options = ModeRun.Options with { ConnectTo = [new ConnectTo("a.test", 0, "127.0.0.1", server.Port)] };

        var outcome = await ModeRun.FetchOneAsync(mode, "http://a.test/", options);

        outcome.Message.ShouldBeNull();
        outcome.RemotePort.ShouldBe(server.Port);
        server.Requests[0].ShouldContain("Host: a.test\r\n");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Many_transfers_at_once_each_get_their_own_body(string mode)
    {
        await using var server = new ScriptedServer(AnswerByPath(path => Ok(new string('x', int.Parse(path[1..], null)))));

        var outcomes = await ModeRun.FetchAsync(
            mode, ModeRun.Options with { Concurrency = 16 }, [.. Enumerable.Range(0, 200).Select(i => server.Url($"/{i}"))]);

        outcomes.Select(outcome => outcome.SizeBody).ShouldBe(Enumerable.Range(0, 200).Select(i => (long)i));
        server.Connections.ShouldBeLessThanOrEqualTo(mode switch { "sequential" => 1, "httpclient" => 32, _ => 16 });
    }
}
