using Fetcher.Core;
using Fetcher.Core.Modes;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>Header fields of responses, where they are asked for: every mode has the same.</summary>
public sealed class ModeHeaderTests
{
    private static readonly FetchOptions All = ModeRun.Options with { IncludeHeaders = [], HeadRecording = HeadRecording.Reason };

    public static TheoryData<string> Modes => ModeRun.All;

    /// <summary>.NET's own client hands fields out by name, and those of the body after the others.</summary>
    public static TheoryData<string> ModesThatKeepOrder => [.. ModeCatalog.All.Select(mode => mode.Name).Where(name => name != "httpclient")];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task All_fields_come_with_duplicates(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("200 Fine by me", "hello", "X-A: 1\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d; Path=/\r\nx-empty:\r\n")));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/"), All);

        outcome.Headers!.ShouldBe(
            [new("Content-Length", "5"), new("X-A", "1"), new("Set-Cookie", "a=b"), new("Set-Cookie", "c=d; Path=/"), new("x-empty", "")], ignoreOrder: true);
        outcome.Headers!.Where(header => header.Name == "Set-Cookie").Select(header => header.Value).ShouldBe(["a=b", "c=d; Path=/"]);
        outcome.Reason.ShouldBe("Fine by me");
        outcome.Redirects.ShouldBe([]);
    }

    [Theory]
    [MemberData(nameof(ModesThatKeepOrder))]
    public async Task Fields_come_in_the_order_of_the_server(string mode)
    {
        await using var server = new ScriptedServer(Answer("HTTP/1.1 200 OK\r\nB: 1\r\na: 2\r\nB: 3\r\nContent-Length: 0\r\nC: caf\u00e9\r\n\r\n"));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/"), All);

        outcome.Headers.ShouldBe([new("B", "1"), new("a", "2"), new("B", "3"), new("Content-Length", "0"), new("C", "caf\u00e9")]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_list_of_names_leaves_the_others_out(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok(fields: "ETag: \"1\"\r\nServer: s\r\n")));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/"), All with { IncludeHeaders = ["etag", "Age"] });

        outcome.Headers.ShouldBe([new("ETag", "\"1\"")]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Redirects_are_told_and_the_fields_are_those_of_the_last_response(string mode)
    {
        await using var server = new ScriptedServer(AnswerByPath(path => path switch
        {
            "/a" => Response("301 Moved", fields: "Location: /b\r\nX-First: 1\r\n"),
            "/b" => Response("307 Go on", fields: "Location: c?d\r\n"),
            _ => Response("404 Nothing", fields: "X-Last: 1\r\n"),
        }));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/a"), All);

        outcome.Redirects.ShouldBe([new(server.Url("/a"), 301, "/b"), new(server.Url("/b"), 307, "c?d")]);
        outcome.Headers!.Select(header => header.Name).ShouldBe(["Content-Length", "X-Last"], ignoreOrder: true);
        (outcome.Status, outcome.Reason).ShouldBe((404, "Nothing"));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_further_attempt_begins_anew(string mode)
    {
        await using var server = new ScriptedServer(
            AnswerAndClose(Response("302 Found", fields: "Location: /x\r\n"), Response("503 Busy", fields: "Retry-After: 0\r\nX-Old: 1\r\n"), Ok()));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/"), All with { Retry = 1, RetryDelay = TimeSpan.FromMilliseconds(1) });

        outcome.Attempts.ShouldBe(2);
        outcome.Headers.ShouldBe([new("Content-Length", "5")]);
        outcome.Redirects.ShouldBe([]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Without_a_response_the_lists_are_empty_and_unasked_there_are_none(string mode)
    {
        var outcome = await ModeRun.FetchOneAsync(mode, "http://127.0.0.1:1/", All);
        (outcome.Headers!.Count, outcome.Redirects!.Count).ShouldBe((0, 0));

        outcome = await ModeRun.FetchOneAsync(mode, "http://127.0.0.1:1/");
        (outcome.Headers, outcome.Redirects).ShouldBe((null, null));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task By_HTTP_2_names_are_in_lower_case(string mode)
    {
        await using var origin = await KestrelOrigin.StartAsync(context =>
        {
            context.Response.Headers["X-Name"] = "value";
            return Task.CompletedTask;
        });

        var outcome = await ModeRun.FetchOneAsync(mode, origin.Url("/"), All with { Protocol = HttpProtocol.Http2PriorKnowledge });

        outcome.HttpVersion.ShouldBe("2");
        outcome.Headers!.ShouldContain(new ResponseHeader("x-name", "value"));
        outcome.Reason.ShouldBe("");
    }
}
