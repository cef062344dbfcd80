using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>
/// The contract of every mode: what comes on a connection that has served before, and is no answer, means that the connection is stale. The request is
/// made again on a fresh one, once, and that is no attempt.
/// </summary>
public sealed class ModeOutOfStepTests
{
    public static TheoryData<string> Modes => ModeRun.All;

    /// <summary>What comes in place of an answer to the second request, and whether the connection then ends.</summary>
    public static TheoryData<string, string> AfterTheFirst => new()
    {
        { "late body", "hello" },
        { "late body with lines", "<html>\r\n<body>\r\n\r\n" },
        { "a byte", "x" },
        { "empty line", "\r\n" },
        { "a timeout", "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n" },
        { "a timeout that closes", "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno" },
        { "nothing", "" },
    };

    public static MatrixTheoryData<string, string, bool> Strays => new(
        [.. ModeRun.All.Select(row => row.Data)], [.. AfterTheFirst.Select(row => row.Data.Item1)], [false, true]);

    [Theory]
    [MemberData(nameof(Strays))]
    public async Task What_is_no_answer_on_a_kept_connection_costs_no_attempt(string mode, string stray, bool closes)
    {
        var text = AfterTheFirst.Single(row => row.Data.Item1 == stray).Data.Item2;
        Assert.SkipWhen(text.Length == 0 && !closes, "silence is no stray");
        await using var server = new ScriptedServer(
            async connection =>
            {
                await connection.ReadRequestAsync();
                await connection.SendAsync(Ok("first"));
                await connection.ReadRequestAsync();
                await connection.SendAsync(text);
                if (!closes)
                {
                    await connection.HoldAsync();
                }
            },
            Answer(Ok("second!!")));

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, server.Url("/1"), server.Url("/2"), server.Url("/3"));

        outcomes.Select(outcome => (outcome.Message, outcome.Status, outcome.SizeBody, outcome.Attempts)).ShouldBe(
            [(null, 200, 5, 1), (null, 200, 8, 1), (null, 200, 8, 1)]);
        server.Requests.Select(request => request.Split(' ')[1]).ShouldBe(["/1", "/2", "/2", "/3"]);

        // .NET's client opens a fresh connection for one request alone, unless it asks again by itself, which it does when nothing came.
        server.Connections.ShouldBeInRange(2, mode == "httpclient" ? 3 : 2);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task It_is_the_same_within_TLS(string mode)
    {
        using var certificates = new Certificates();
        foreach (var stray in (string[])["hello", "x", "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"])
        {
            await using var server = new ScriptedServer(
                certificates.Issue("127.0.0.1"),
                async connection =>
                {
                    await connection.ReadRequestAsync();
                    await connection.SendAsync(Ok("first"));
                    await connection.ReadRequestAsync();
                    await connection.SendAsync(stray);
                    await connection.HoldAsync();
                },
                Answer(Ok("second!!")));

            var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options with { Insecure = true }, server.Url("/1"), server.Url("/2"));

            outcomes.Select(outcome => (outcome.Message, outcome.SizeBody, outcome.Attempts)).ShouldBe([(null, 5, 1), (null, 8, 1)]);
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_late_body_of_HEAD_harms_no_later_request(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
                await Task.Delay(5);
                await connection.SendAsync("hello");
            }
        });
        var source = new MemorySource([server.Url()], count: 20) { Own = new UrlOptions { Method = FetchMethod.Head } };
        var sink = new MemorySink();

        await ModeRun.RunAsync(mode, ModeRun.Options, source, sink);

        sink.Outcomes.Count.ShouldBe(20);
        sink.Outcomes.ShouldAllBe(outcome => outcome.Message == null && outcome.Status == 200 && outcome.Attempts == 1 && outcome.SizeBody == 0);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_after_204_or_more_than_was_announced_harms_no_later_request(string mode)
    {
        string[] outOfStep = ["HTTP/1.1 204 No Content\r\n\r\nhello", Ok("first") + "and more", Ok("first") + "\r\n", Chunked("first") + "0\r\n\r\n"];
        var asked = 0;
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                var response = outOfStep[Interlocked.Increment(ref asked) % outOfStep.Length];
                var rest = response.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;

                // In one piece, and with the stray bytes late.
                await connection.SendAsync(asked % 2 == 0 ? response : response[..rest]);
                await connection.SendAsync(asked % 2 == 0 ? "" : response[rest..]);
            }
        });

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, [.. Enumerable.Range(0, 20).Select(i => server.Url($"/{i}"))]);

        outcomes.ShouldAllBe(outcome => outcome.Message == null && outcome.Attempts == 1);
        outcomes.ShouldAllBe(outcome => outcome.SizeBody == (outcome.Status == 204 ? 0 : 5));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_late_answer_is_nobody_elses(string mode)
    {
        // The connection that said 408 answers after all, when another URL may have it.
        var other = new TaskCompletionSource();
        await using var server = new ScriptedServer(
            async connection =>
            {
                await connection.ReadRequestAsync();
                await connection.SendAsync(Ok("first"));
                await connection.ReadRequestAsync();
                await connection.SendAsync(Response("408 Request Timeout"));
                await Task.WhenAny(other.Task, connection.HoldAsync());
                await connection.SendAsync(Ok("of the second, too late"));
            },
            async connection =>
            {
                await connection.ReadRequestAsync();
                await connection.SendAsync(Ok("second", "Connection: close\r\n"));
            },
            async connection =>
            {
                await connection.ReadRequestAsync();
                other.SetResult();
                await connection.SendAsync(Ok("third"));
            });

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, server.Url("/1"), server.Url("/2"), server.Url("/3"));

        outcomes.Select(outcome => (outcome.Message, outcome.SizeBody)).ShouldBe([(null, 5), (null, 6), (null, 5)]);
        server.Connections.ShouldBe(3);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task On_a_fresh_connection_it_is_what_it_says(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("408 Request Timeout", "", "Connection: close\r\n")));
        await using var junk = new ScriptedServer(FallSilent("hello"));

        var timedOut = await ModeRun.FetchOneAsync(mode, server.Url());
        var outOfStep = await ModeRun.FetchOneAsync(mode, junk.Url());

        (timedOut.Error, timedOut.Status, timedOut.Attempts).ShouldBe((FetchErrorKind.HttpStatus, 408, 1), timedOut.Message);
        (outOfStep.Error, outOfStep.ExitCode).ShouldBe((FetchErrorKind.Protocol, 8), outOfStep.Message);
        (server.Connections, junk.Connections).ShouldBe((1, 1));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task It_is_made_again_only_once(string mode)
    {
        await using var server = new ScriptedServer(
            async connection =>
            {
                await connection.ReadRequestAsync();
                await connection.SendAsync(Ok());
                await connection.ReadRequestAsync();
                await connection.SendAsync("hello");
            },
            FallSilent("hello"));

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, server.Url("/1"), server.Url("/2"));

        (outcomes[1].Error, outcomes[1].Attempts, outcomes[1].NumConnects).ShouldBe((FetchErrorKind.Protocol, 1, 1), outcomes[1].Message);
        server.Requests.Count.ShouldBe(3);
    }
}
