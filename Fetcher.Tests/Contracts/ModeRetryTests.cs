using System.Collections.Concurrent;
using System.Diagnostics;
using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: what is tried again, and what the result then says.</summary>
public sealed class ModeRetryTests
{
    public static TheoryData<string> Modes => ModeRun.All;

    private static FetchOptions OneRetry => ModeRun.Options with { Retry = 1, RetryDelay = TimeSpan.FromMilliseconds(1) };

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Nothing_of_an_attempt_stands_beside_the_failure_of_the_next(string mode)
    {
        await using var server = new ScriptedServer(
            Answer(Response("503 Busy", "busy", "Content-Type: text/plain\r\nConnection: close\r\n")),
            async connection => await connection.ReadRequestAsync());

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), OneRetry);

        (outcome.Attempts, outcome.Error, outcome.ExitCode).ShouldBe((2, FetchErrorKind.Receive, 52));
        (outcome.Status, outcome.StartTransfer, outcome.ContentType, outcome.SizeBody).ShouldBe((0, 0L, null, 0L));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_failure_that_passes_leaves_no_trace_but_the_attempts(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("503 Busy"), Ok()));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), OneRetry);

        (outcome.Ok, outcome.Attempts, outcome.Status, outcome.SizeBody).ShouldBe((true, 2, 200, 5L));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_further_attempt_takes_its_turn_at_the_rate(string mode)
    {
        const int urls = 3, attempts = 3;
        var asked = new ConcurrentQueue<long>();
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                asked.Enqueue(Stopwatch.GetTimestamp());
                await connection.SendAsync(Response("503 Busy"));
            }
        });
        var options = OneRetry with { Concurrency = urls, Retry = attempts - 1, StartInterval = TimeSpan.FromMilliseconds(20) };
        var begun = Stopwatch.GetTimestamp();

        await ModeRun.FetchAsync(mode, options, [.. Enumerable.Repeat(server.Url(), urls)]);

        // From before the first start: what arrives late on a busy machine only adds to it.
        asked.Count.ShouldBe(urls * attempts);
        Stopwatch.GetElapsedTime(begun, asked.Max()).ShouldBeGreaterThanOrEqualTo(options.StartInterval * ((urls * attempts) - 1));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_refusal_that_stays_is_tried_no_more_often_than_asked(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("503 Busy")));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), OneRetry with { Retry = 3 });

        (outcome.Attempts, outcome.Status, outcome.ExitCode).ShouldBe((4, 503, 22));
        server.Requests.Count.ShouldBe(4);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_will_not_pass_is_not_tried_again(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("404 Not Found")));

        (await ModeRun.FetchOneAsync(mode, server.Url(), OneRetry)).Attempts.ShouldBe(1);
    }
}
