using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>
/// The contract of every mode: redirects are followed as far as allowed (RFC 9110, section 15.4), and statuses are judged.
/// </summary>
public sealed class ModeRedirectTests
{
    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_relative_redirect_is_followed_on_the_same_connection(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("302 Found", "moved", "Location: ../b?c\r\n"), Ok("there")));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/x/y/a"));

        (outcome.Message, outcome.Status, outcome.NumRedirects).ShouldBe((null, 200, 1));
        (outcome.Url, outcome.FinalUrl).ShouldBe((server.Url("/x/y/a"), server.Url("/x/b?c")));
        (outcome.SizeBody, outcome.NumConnects, outcome.Attempts).ShouldBe((5, 1, 1));
        server.Connections.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_redirect_to_another_origin_takes_no_credentials_along(string mode)
    {
        await using var other = new ScriptedServer(Answer(Ok()));
        await using var server = new ScriptedServer(Answer(Response("301 Moved", "", $"Location: {other.Url("/there")}\r\n")));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), ModeRun.Options with { Credentials = "me:secret" });

        (outcome.Message, outcome.FinalUrl, outcome.NumConnects).ShouldBe((null, other.Url("/there"), 2));
        server.Requests[0].ShouldContain("Authorization:");
        other.Requests[0].ShouldNotContain("Authorization:");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_redirect_is_a_result_when_it_is_not_to_be_followed(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("302 Found", "moved", "Location: /b\r\n")));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), ModeRun.Options with { FollowRedirects = false });

        (outcome.Status, outcome.SizeBody, outcome.NumRedirects, outcome.FinalUrl).ShouldBe((302, 5, 0, server.Url()));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_circle_of_redirects_ends_at_the_limit(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("302 Found", "", "Location: /\r\n")));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), ModeRun.Options with { MaxRedirects = 3 });

        (outcome.Error, outcome.ExitCode, outcome.NumRedirects).ShouldBe((FetchErrorKind.TooManyRedirects, 47, 3));
        server.Requests.Count.ShouldBe(4);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task One_slash_or_three_before_the_host_of_a_redirect_count_as_two(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                var slashes = int.Parse(request.Split(' ')[1][1..], null);
                await connection.SendAsync(slashes == 2
                    ? Ok()
                    : Response("302 Found", "", $"Location: http:{new string('/', slashes)}{request.Split("Host: ")[1].Split('\r')[0]}/2\r\n"));
            }
        });

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, server.Url("/1"), server.Url("/3"), server.Url("/4"), server.Url("/0"));

        outcomes.Select(outcome => (outcome.Status, outcome.Error)).ShouldBe(
            [(200, null), (200, null), (302, FetchErrorKind.Protocol), (302, FetchErrorKind.Protocol)]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_bytes_of_a_redirect_are_asked_for_whatever_they_are(string mode)
    {
        await using var server = new ScriptedServer(AnswerByPath(path => path switch
        {
            "/utf8" => Response("302 Found", "", "Location: /echo/\u00e4\u00b8\u00ad\u00e6\u0096\u0087/x\r\n"),
            "/latin1" => Response("302 Found", "", "Location: /echo/\u00fc?\u00ff\r\n"),
            _ => Ok(),
        }));

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, server.Url("/utf8"), server.Url("/latin1"));

        outcomes.Select(outcome => outcome.Message).ShouldBe([null, null]);
        server.Requests.Select(request => request.Split(' ')[1]).ShouldBe(["/utf8", "/echo/%E4%B8%AD%E6%96%87/x", "/latin1", "/echo/%FC?%FF"]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Every_redirect_is_followed_but_those_that_lead_nowhere(string mode)
    {
        await using var server = new ScriptedServer(AnswerByPath(path => path == "/there" ? Ok() : Response($"{path[1..]} Odd", "", "Location: /there\r\n")));
        int[] statuses = [300, 301, 302, 303, 304, 305, 306, 307, 308, 309, 399];

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, [.. statuses.Select(status => server.Url($"/{status}"))]);

        foreach (var (status, outcome) in statuses.Zip(outcomes))
        {
            (outcome.Error, outcome.Status, outcome.ExitCode, outcome.Attempts).ShouldBe(
                status is 304 or 305 or 306 ? (FetchErrorKind.HttpStatus, status, 22, 1) : (null, 200, 0, 1), $"{status}: {outcome.Message}");
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_304_is_an_answer_only_to_who_asks_for_what_has_changed(string mode)
    {
        await using var server = new ScriptedServer(Answer("HTTP/1.1 304 Not Modified\r\n\r\n"));
        var asking = ModeRun.Options with { Headers = [new RequestHeader("if-none-match", "\"a\"")] };

        (await ModeRun.FetchOneAsync(mode, server.Url())).ExitCode.ShouldBe(22);
        (await ModeRun.FetchOneAsync(mode, server.Url(), asking)).Message.ShouldBeNull();
        (await ModeRun.FetchOneAsync(mode, server.Url(), ModeRun.Options with { AcceptStatus = StatusSet.Parse("304") })).Message.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_300_without_a_Location_is_what_it_says(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("300 Multiple Choices", "choose")));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url());

        (outcome.Message, outcome.Status, outcome.SizeBody).ShouldBe((null, 300, 6));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_redirect_to_a_scheme_that_is_not_known_fails(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("302 Found", "", "Location: ftp://127.0.0.1/\r\n")));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url());

        (outcome.Error, outcome.ExitCode, outcome.FinalUrl).ShouldBe((FetchErrorKind.Protocol, 1, server.Url()));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_long_body_of_a_redirect_is_not_waited_for(string mode)
    {
        await using var server = new ScriptedServer(
            FallSilent("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 1000000\r\n\r\nand so on"), Answer(Ok()));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url());

        (outcome.Message, outcome.Status, outcome.NumConnects).ShouldBe((null, 200, 2));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_status_that_is_not_accepted_fails_with_its_body_counted(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("404 Not Found", "no such page")));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url());

        (outcome.Error, outcome.ExitCode, outcome.Status, outcome.SizeBody).ShouldBe((FetchErrorKind.HttpStatus, 22, 404, 12));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_status_can_be_accepted(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("404 Not Found", "no such page")));

        (await ModeRun.FetchOneAsync(mode, server.Url(), ModeRun.Options with { AcceptStatus = StatusSet.Parse("404") })).Ok.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_server_that_is_busy_is_asked_again_when_it_says(string mode)
    {
        await using var server = new ScriptedServer(
            Answer(Response("503 Busy", "", "Retry-After: 0\r\n"), Response("503 Busy", "", "Retry-After: 0\r\n"), Ok("at last")));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), ModeRun.Options with { Retry = 5 });

        (outcome.Message, outcome.Status, outcome.Attempts, outcome.SizeBody).ShouldBe((null, 200, 3, 7));
        server.Connections.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Retries_end_at_their_number(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("503 Busy", "", "Retry-After: 0\r\n")));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), ModeRun.Options with { Retry = 2 });

        (outcome.Error, outcome.Status, outcome.Attempts).ShouldBe((FetchErrorKind.HttpStatus, 503, 3));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_connection_that_breaks_is_tried_again(string mode)
    {
        await using var server = new ScriptedServer(
            AnswerAndClose("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"), Answer(Ok("hello you!")));

        var outcome = await ModeRun.FetchOneAsync(
            mode, server.Url(), ModeRun.Options with { Retry = 1, RetryDelay = TimeSpan.Zero, Sha256 = true });

        (outcome.Message, outcome.Attempts, outcome.NumConnects, outcome.SizeBody).ShouldBe((null, 2, 2, 10));
    }
}
