using System.Net;
using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: --resolve, --connect-to, -4 and -6 choose addresses as they do with curl.</summary>
public sealed class ModeAddressTests
{
    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task An_address_of_the_wrong_family_is_not_connected_to(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        var only6 = ModeRun.Options with { AddressFamily = AddressFamilyChoice.IPv6Only };
        var only4 = ModeRun.Options with { AddressFamily = AddressFamilyChoice.IPv4Only };

        var outcomes = new[]
        {
            await ModeRun.FetchOneAsync(mode, server.Url(), only6),
            await ModeRun.FetchOneAsync(mode, "http://[::1]:9/", only4),
            await ModeRun.FetchOneAsync(mode, server.Url("/", "a.test"), only6 with { Resolve = [Entry(IPAddress.Loopback)] }),
            await ModeRun.FetchOneAsync(mode, server.Url("/", "a.test"), only4 with { Resolve = [Entry(IPAddress.IPv6Loopback, IPAddress.Loopback)] }),
        };

        outcomes.Select(outcome => (outcome.Error, outcome.ExitCode)).ShouldBe(
            [(FetchErrorKind.Connect, 7), (FetchErrorKind.Connect, 7), (FetchErrorKind.Dns, 6), (null, 0)]);
        server.Connections.ShouldBe(1);

        ResolveEntry Entry(params IPAddress[] addresses) => new("a.test", server.Port, addresses);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task An_IPv4_address_may_be_written_as_an_IPv6_one(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/", "[::ffff:127.0.0.1]"));

        (outcome.Message, outcome.RemoteIp).ShouldBe((null, "::ffff:127.0.0.1"));
        server.Requests.ShouldHaveSingleItem().ShouldContain($"\r\nHost: [::ffff:127.0.0.1]:{server.Port}\r\n");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Names_below_localhost_are_this_machine(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var outcome = await ModeRun.FetchOneAsync(
            mode, server.Url("/", "App.LocalHost"), host => Task.FromResult<IPAddress[]>(host == "localhost" ? [IPAddress.Loopback] : []));

        outcome.Error.ShouldBeNull();
        server.Requests.ShouldHaveSingleItem().ShouldContain($"Host: app.localhost:{server.Port}", Case.Insensitive);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_host_of_its_own_comes_before_any_host(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        ResolveEntry any = new("*", server.Port, [IPAddress.Parse("127.0.0.2")]), own = new("a.test", server.Port, [IPAddress.Loopback]);
        var options = ModeRun.Options with { Resolve = [any, own] };

        (await ModeRun.FetchOneAsync(mode, server.Url("/", "A.test"), options)).RemoteIp.ShouldBe("127.0.0.1");
        (await ModeRun.FetchOneAsync(mode, server.Url("/", "b.test"), options)).Message.ShouldNotBeNull().ShouldContain("127.0.0.2");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_first_rule_that_matches_says_where_to_connect_to(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        ConnectTo[] rules =
        [
            new("a.test", 81, "127.0.0.2", 0), new("", 80, "127.0.0.1", server.Port), new("a.test", 82, "", 0), new("", 0, "127.0.0.1", server.Port),
        ];
        var options = ModeRun.Options with
        {
            ConnectTo = rules,
            Resolve = [new ResolveEntry("a.test", 82, [IPAddress.Parse("127.0.0.3")])],
        };

        var outcomes = await ModeRun.FetchAsync(mode, options, "http://a.test:81/", "http://a.test/", "http://a.test:82/", "http://b.test:83/");

        outcomes.Select(outcome => outcome.Ok).ShouldBe([false, true, false, true]);
        outcomes[0].Message.ShouldNotBeNull().ShouldContain("(127.0.0.2) port 81");
        outcomes[2].Message.ShouldNotBeNull().ShouldContain("(127.0.0.3) port 82", customMessage: "an empty part on the right is the same as before");
        server.Requests.Select(request => request.Split("\r\n")[1]).ShouldBe(["Host: a.test", "Host: b.test:83"]);
    }
}
