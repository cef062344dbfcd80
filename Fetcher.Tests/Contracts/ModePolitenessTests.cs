using System.Collections.Concurrent;
using System.Diagnostics;
using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: what waits for its host leaves the slots to others, and a host that is dead or busy is left alone.</summary>
public sealed class ModePolitenessTests
{
    private const string Busy = "503 Busy";

    private static readonly FetchOptions Adaptive = ModeRun.Options with { Adaptive = true, Concurrency = 24, CircuitFailures = 0 };

    public static TheoryData<string> Modes => ModeRun.All;

    /// <summary>One of those on loops and one of those on the thread pool, for what takes its time.</summary>
    public static TheoryData<string> Runners => ["async", "httpclient"];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_host_at_its_limit_leaves_the_slots_to_others(string mode)
    {
        var release = new TaskCompletionSource();
        await using var slow = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                await release.Task;
                await connection.SendAsync(Ok());
            }
        });
        await using var quick = new ScriptedServer(Answer(Ok()));
        var sink = new MemorySink();
        string[] urls = [.. Enumerable.Range(0, 20).Select(i => slow.Url($"/{i}")), .. Enumerable.Range(0, 20).Select(i => quick.Url($"/{i}"))];

        var run = ModeRun.RunAsync(mode, ModeRun.Options with { Concurrency = 3, PerHost = 1 }, new MemorySource(urls), sink);
        if (mode == "sequential")
        {
            release.SetResult();
        }

        await ModeRun.UntilAsync(() => sink.Outcomes.Count(outcome => outcome.Index >= 20) == 20);
        release.TrySetResult();
        await run;

        sink.Outcomes.Select(outcome => outcome.Index).Order().ShouldBe(Enumerable.Range(0, 40).Select(i => (long)i));
        sink.Outcomes.ShouldAllBe(outcome => outcome.Ok);
    }

    [Theory]
    [MemberData(nameof(Runners))]
    public async Task A_pause_before_a_retry_leaves_the_slot_to_others(string mode)
    {
        // The second attempt is answered only once the other has its result, which it never would if the pause kept the slot.
        var sink = new MemorySink();
        var asked = 0;
        await using var failing = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                await (++asked == 1 ? Task.CompletedTask : ModeRun.UntilAsync(() => sink.Outcomes.Count == 1));
                await connection.SendAsync(Response(Busy));
            }
        });
        await using var quick = new ScriptedServer(Answer(Ok()));
        var options = ModeRun.Options with { Retry = 1, RetryDelay = TimeSpan.FromMilliseconds(300) };

        await ModeRun.RunAsync(mode, options, new MemorySource([failing.Url(), quick.Url()]), sink);

        sink.Outcomes.Select(outcome => (outcome.Index, outcome.Attempts)).ShouldBe([(1, 1), (0, 2)]);
    }

    [Theory]
    [MemberData(nameof(Runners))]
    public async Task A_host_that_asks_for_a_pause_gets_it_from_all_and_keeps_no_slot(string mode)
    {
        var times = new ConcurrentQueue<long>();
        await using var busy = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                times.Enqueue(Stopwatch.GetTimestamp());
                await connection.SendAsync(times.Count == 1 ? Response(Busy, "", "Retry-After: 1\r\n") : Ok());
            }
        });
        await using var quick = new ScriptedServer(Answer(Ok()));
        var sink = new MemorySink();
        string[] urls = [busy.Url("/1"), quick.Url(), busy.Url("/2"), busy.Url("/3"), quick.Url()];

        await ModeRun.RunAsync(mode, ModeRun.Options with { Retry = 1 }, new MemorySource(urls), sink);

        // The first goes first again, since it has waited longest. How many others end before, a busy machine decides.
        sink.Outcomes[0].Index.ShouldBe(1);
        sink.Outcomes.Select(outcome => outcome.Index).Where(index => index is not (1 or 4)).ShouldBe([0, 2, 3]);
        sink.Outcomes.ShouldAllBe(outcome => outcome.Ok && outcome.Attempts == (outcome.Index == 0 ? 2 : 1));
        Stopwatch.GetElapsedTime(times.First(), times.Skip(1).First()).ShouldBeGreaterThan(TimeSpan.FromSeconds(0.99));
    }

    [Theory]
    [MemberData(nameof(Runners))]
    public async Task A_pause_that_others_profit_from_uses_up_no_retry(string mode)
    {
        var asked = 0;
        var once = new TaskCompletionSource();
        await using var busy = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                var isFirst = request.StartsWith("GET /first", StringComparison.Ordinal);
                await (isFirst ? Task.CompletedTask : once.Task);
                await connection.SendAsync(isFirst && ++asked <= 2 ? Response("429 Slow down", "", "Retry-After: 1\r\n") : Ok());
                once.TrySetResult();
            }
        });
        var options = ModeRun.Options with { Retry = 1, Concurrency = 2, PerHost = 2 };

        var outcomes = await ModeRun.FetchAsync(mode, options, busy.Url("/first"), busy.Url("/other"));

        outcomes.Select(outcome => (outcome.Ok, outcome.Attempts)).ShouldBe([(true, 3), (true, 1)]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_pause_longer_than_the_time_left_is_not_waited_for(string mode)
    {
        await using var busy = new ScriptedServer(Answer(Response(Busy, "", "Retry-After: 1000\r\n")));

        var outcome = await ModeRun.FetchOneAsync(mode, busy.Url(), ModeRun.Options with { Retry = 1, MaxTime = TimeSpan.FromSeconds(900) });

        (outcome.Attempts, outcome.Status, outcome.Error).ShouldBe((1, 503, FetchErrorKind.HttpStatus));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_dead_host_is_not_asked_again_and_again(string mode)
    {
        await using var dead = new ScriptedServer(Answer(Response("502 Bad Gateway")));
        await using var alive = new ScriptedServer(Answer(Ok()));
        var options = ModeRun.Options with { CircuitFailures = 5, Concurrency = 2 };

        var outcomes = await ModeRun.FetchAsync(mode, options, [.. Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? dead.Url() : alive.Url())]);

        dead.Requests.Count.ShouldBeInRange(5, 7);
        outcomes.Where(outcome => outcome.Index % 2 == 1).ShouldAllBe(outcome => outcome.Ok);
        var refused = outcomes.Where(outcome => outcome.Index % 2 == 0 && outcome.Attempts == 0).ToList();
        refused.Count.ShouldBe(30 - dead.Requests.Count);
        refused.ShouldAllBe(outcome => outcome.Error == FetchErrorKind.HttpStatus && outcome.ExitCode == 22);
        refused[0].Message.ShouldNotBeNull().ShouldStartWith($"not tried: the circuit of {dead.Url("")} is open after 5 failures in a row");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Starts_at_one_host_are_spaced_by_its_rate(string mode)
    {
        await using var one = new ScriptedServer(Answer(Ok()));
        await using var other = new ScriptedServer(Answer(Ok()));
        var interval = TimeSpan.FromMilliseconds(100);
        string[] urls = [one.Url(), one.Url(), one.Url(), one.Url(), other.Url(), other.Url()];

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options with { StartIntervalPerHost = interval, Concurrency = 4 }, urls);

        var starts = outcomes.Take(4).Select(outcome => outcome.Start).Order().ToList();
        starts.Zip(starts.Skip(1), (a, b) => b - a).ShouldAllBe(gap => gap >= interval.Ticks * 100);
        outcomes[4].Start.ShouldBeLessThan(starts[3]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_waits_for_its_host_when_the_run_is_stopped_ends_as_cancelled(string mode)
    {
        await using var silent = new ScriptedServer(FallSilent());
        var source = new MemorySource([silent.Url()], count: 100);
        var sink = new MemorySink();
        using var stop = new CancellationTokenSource();

        var run = ModeRun.RunAsync(mode, ModeRun.Options with { PerHost = 1, Concurrency = 3 }, source, sink, stop.Token);
        await ModeRun.UntilAsync(() => silent.Requests.Count == 1 && source.Taken == 100);
        await stop.CancelAsync();
        await run;

        sink.Outcomes.Select(outcome => outcome.Index).Order().ShouldBe(Enumerable.Range(0, 100).Select(i => (long)i));
        sink.Outcomes.ShouldAllBe(outcome => outcome.Error == FetchErrorKind.Cancelled);
        silent.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Runners))]
    public async Task With_adaptive_a_host_that_can_take_more_gets_more_at_once(string mode)
    {
        int asked = 0, now = 0;
        var four = new TaskCompletionSource();
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                if (Interlocked.Increment(ref asked) > 2)
                {
                    // Nothing more is answered until four are asked for at once.
                    if (Interlocked.Increment(ref now) == 4)
                    {
                        four.SetResult();
                    }

                    await four.Task;
                }

                await connection.SendAsync(Ok());
            }
        });

        var outcomes = await ModeRun.FetchAsync(mode, Adaptive, [.. Enumerable.Range(0, 12).Select(i => server.Url($"/{i}"))]);

        outcomes.ShouldAllBe(outcome => outcome.Ok);
    }

    [Theory]
    [MemberData(nameof(Runners))]
    public async Task With_adaptive_a_host_that_is_busy_gets_no_more_than_at_first(string mode)
    {
        int now = 0, most = 0;
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                most = Math.Max(most, Interlocked.Increment(ref now));
                await Task.Yield();
                Interlocked.Decrement(ref now);
                await connection.SendAsync(Response(Busy));
            }
        });

        await ModeRun.FetchAsync(mode, Adaptive, [.. Enumerable.Range(0, 40).Select(i => server.Url($"/{i}"))]);

        most.ShouldBeInRange(1, 2);
    }
}
