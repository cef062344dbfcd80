using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Loop.Watching;

/// <summary>What transfers wait for, told by servers that know when they sent what.</summary>
public sealed class StallTests
{
    private const int Pacing = 16 << 20;
    private const int BodyLength = 1 << 20;

    /// <summary>The modes that have a loop, and do nothing else while they wait.</summary>
    public static TheoryData<string> Loops => ["async", "select", "poll", "io-uring"];

    [Fact]
    public async Task A_stall_lasts_from_the_first_byte_to_the_reading_of_it()
    {
        var sent = new ConcurrentDictionary<string, (long From, long To)>();
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                await Task.Delay(50);
                var from = WatchedRun.Now();
                await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {BodyLength}\r\n\r\n");
                sent[request.Split(' ')[1]] = (from, WatchedRun.Now());
                await connection.SendAsync(new byte[BodyLength]);
            }
        })
        { OnAccepted = Pace };
        await WatchedRun.OfAsync("blocking-read", WatchedRun.Options, server.Url("/warm"));
        var run = await WatchedRun.OfAsync(
            "blocking-read", WatchedRun.Options, [.. Enumerable.Range(0, 30).Select(i => server.Url($"/{i}"))]);

        run.Outcomes.ShouldAllBe(outcome => outcome.Ok);
        var errors = run.Outcomes.Select(outcome =>
        {
            // The rest is the server's: until it sent, and while the body came.
            var asked = run.Start + outcome.Start + outcome.PreTransfer;
            var rest = outcome.Total - outcome.ClientStall - (outcome.Total - outcome.StartTransfer);
            var (from, to) = sent[new Uri(outcome.Url).AbsolutePath];
            return Math.Max(0, Math.Max(from - asked - rest, rest - outcome.PreTransfer - (to - asked))) / (double)outcome.Total;
        }).Order().ToArray();

        // On a machine that is busy with nothing else, all are below 1 %; with other tests at the same time, the server's own clock is not that exact.
        errors[errors.Length / 2].ShouldBeLessThan(0.05);
        run.Outcomes.Sum(outcome => outcome.ClientStall).ShouldBeGreaterThan(run.Outcomes.Sum(outcome => outcome.Total) / 4);
    }

    [Fact]
    public async Task Whoever_waits_behind_a_blocking_read_names_it()
    {
        // The body of transfer 0 comes only after the responses to all others.
        await using var server = new ScriptedServer(async connection =>
        {
            var request = await connection.ReadRequestAsync();
            var number = int.Parse(request!.Split(' ')[1].AsSpan(1));
            await Task.Delay(100 * number);
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
            if (number == 0)
            {
                await Task.Delay(700);
            }

            await connection.SendAsync("hello");
        });
        await WatchedRun.OfAsync("blocking-read", WatchedRun.Options, server.Url("/1"));
        var run = await WatchedRun.OfAsync("blocking-read", WatchedRun.Options, [.. Enumerable.Range(0, 4).Select(i => server.Url($"/{i}"))]);

        run.Outcomes.Select(outcome => outcome.StallBlocker?.Transfer).Skip(1).ShouldAllBe(transfer => transfer == 0);
        run.Outcomes.Select(outcome => outcome.StallBlocker?.Kind).Skip(1).ShouldAllBe(kind => kind == "blocking read");
        run.Outcomes[0].ClientStall.ShouldBeLessThan(run.Outcomes[0].Total / 4);

        // They came 100 ms after each other, so each waited less than the one before.
        run.Outcomes.Skip(1).Select(outcome => outcome.ClientStall).ShouldBeInOrder(SortDirection.Descending);
        var worst = run.Record!.Blockers[0];
        worst.ShouldSatisfyAllConditions(
            () => worst.Transfer.ShouldBe(0), () => worst.Stalled.ShouldBe(3), () => worst.Cost.ShouldBeGreaterThan(worst.Held));
        run.Record.Parallelism.Lost.ShouldBeLessThan(0.5);
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task A_server_that_is_slow_by_itself_is_no_stall(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                await Task.Delay(100);
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
                await Task.Delay(200);
                await connection.SendAsync("hello");
            }
        });
        await WatchedRun.OfAsync(mode, WatchedRun.Options, server.Url());
        var run = await WatchedRun.OfAsync(mode, WatchedRun.Options, [.. Enumerable.Repeat(server.Url(), 20)]);

        // A machine that is busy with other tests wakes nobody up in time, and that is told apart.
        run.Outcomes.Where(outcome => outcome.StallBlocker is { Transfer: >= 0 } blocker && blocker.Cost > outcome.Total / 10).ShouldBeEmpty();
        run.Outcomes.Select(outcome => outcome.ClientStall / (double)outcome.Total).Order().First().ShouldBeLessThan(0.05);
    }

    [Fact]
    public async Task A_process_that_was_stopped_says_that_it_was_not_scheduled()
    {
        var asked = new SemaphoreSlim(0);
        var go = new TaskCompletionSource();
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadRequestAsync();
            asked.Release();
            await go.Task;
            await connection.SendAsync(Scripts.Ok());
        });
        using var process = FetcherProcess.Start(["--stalls", "--format", "ndjson", server.Url("/0"), server.Url("/1"), server.Url("/2")]);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < 3; i++)
        {
            (await asked.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).ShouldBeTrue();
        }

        await Task.Delay(50, TestContext.Current.CancellationToken);
        process.Signal("STOP");
        var stopped = Stopwatch.StartNew();
        go.SetResult();
        await Task.Delay(500, TestContext.Current.CancellationToken);
        process.Signal("CONT");
        var seconds = stopped.Elapsed.TotalSeconds;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var untilEnd = stopped.Elapsed.TotalSeconds;

        var lines = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(3);
        foreach (var line in lines)
        {
            using var result = JsonDocument.Parse(line);
            var stall = result.RootElement.GetProperty("client_stall").GetDouble();
            (stall / seconds).ShouldBeGreaterThan(0.7);
            (stall - result.RootElement.GetProperty("time_pretransfer").GetDouble()).ShouldBeLessThan(untilEnd);
            var blocker = result.RootElement.GetProperty("stall_blocker");
            blocker.GetProperty("kind").GetString().ShouldBe("not scheduled");
            blocker.GetProperty("transfer").GetInt64().ShouldBe(-1);
        }
    }

    [Fact]
    public async Task Whoever_waits_behind_a_CPU_burst_names_it()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        var options = WatchedRun.Options with { CpuBurst = TimeSpan.FromMilliseconds(30) };
        var run = await WatchedRun.OfAsync("async", options, [.. Enumerable.Repeat(server.Url(), 6)]);
        run.Record!.Blockers.ShouldContain(blocker => blocker.Kind == Core.Loop.Watching.SpanKind.CpuBurst);
        run.Outcomes.Sum(outcome => outcome.ClientStall).ShouldBeGreaterThan(5 * 30_000_000);
    }

    [Fact]
    public async Task A_run_that_is_not_watched_knows_nothing_of_stalls()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        var run = await WatchedRun.OfAsync("async", ModeRun.Options, server.Url());
        run.Record.ShouldBeNull();
        run.Outcomes.ShouldAllBe(outcome => outcome.ClientStall == 0 && outcome.StallBlocker == null);
    }

    /// <summary>As the path of a long connection would (SO_MAX_PACING_RATE, socket(7)).</summary>
    private static void Pace(Socket socket) => socket.SetRawSocketOption(1, 47, BitConverter.GetBytes(Pacing));
}
