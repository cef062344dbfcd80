using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Fetcher.Core.Fetch;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Work;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Loop.Watching;

/// <summary>What transfers wait for, told by servers that know when they sent what.</summary>
public sealed class StallTests(ITestOutputHelper output) : IDisposable
{
    private const int BodyLength = 1 << 20;

    /// <summary>Bytes a second of a connection: fast, for a short test. The figures of docs/stalls.md are of 1 MiB/s.</summary>
    private static readonly int Pacing =
        int.Parse(Environment.GetEnvironmentVariable("FETCHER_STALL_PACE") ?? "16777216", CultureInfo.InvariantCulture);

    private readonly StampedPair _stamps = new();

    /// <summary>The modes that have a loop, and do nothing else while they wait.</summary>
    public static TheoryData<string> Loops => ["async", "select", "poll", "io-uring"];

    public void Dispose() => _stamps.Dispose();

    [Fact]
    public async Task Stalls_and_the_servers_time_explain_the_time_of_each_transfer()
    {
        await using var server = new PacedServer(BodyLength, Pacing);
        await WatchedRun.OfAsync("blocking-read", WatchedRun.Options, server.Url("/warm"));
        string[] urls = [.. Enumerable.Range(0, 30).Select(i => server.Url($"/{i}"))];
        var run = await WatchedRun.OfAsync("blocking-read", WatchedRun.Options, urls);

        run.Outcomes.ShouldAllBe(outcome => outcome.Ok);
        var sents = await Task.WhenAll(run.Outcomes.Select(outcome => server.SentAsync(new Uri(outcome.Url).AbsolutePath)));
        var errors = run.Outcomes.Zip(sents, (outcome, sent) =>
        {
            // The server's time is by its own clock: from the request until it answered, and from the first read until the client had the last byte,
            // which the server learns only when it looks the next time, but not where bytes were there and the client's thread did not run. When within
            // its send() the head left, it cannot know.
            var begun = run.Start + outcome.Start;
            var last = Math.Min(sent.Taken, begun + outcome.Total);
            var first = begun + outcome.StartTransfer;
            var servers = sent.Answering - (begun + outcome.PreTransfer) + Math.Max(0, last - first - StalledWithin(run, outcome.Index, first, last));
            var connecting = outcome.PreTransfer - StalledWithin(run, outcome.Index, begun, begun + outcome.PreTransfer);
            var left = outcome.Total - connecting - outcome.ClientStall - servers;
            return (Left: Math.Max(-left, left - (sent.Answered - sent.Answering)), outcome.Total);
        }).OrderBy(error => error.Left).ToArray();
        var explained = errors.Count(error => error.Left <= Math.Max(1_000_000, error.Total / 100));
        output.WriteLine(
            $"{explained} of {errors.Length} explained to 1 ms or 1 %; left over {errors[errors.Length / 2].Left / 1e6:F3} ms in the middle, {errors[^1].Left / 1e6:F3} ms at most");

        // On a machine that is busy with nothing else it is all of them; with other tests at the same time, neither side gets to its clock at once.
        explained.ShouldBeGreaterThan(errors.Length / 2);
        run.Outcomes.Sum(outcome => outcome.ClientStall).ShouldBeGreaterThan(run.Outcomes.Sum(outcome => outcome.Total) / 4);

        var other = await WatchedRun.OfAsync("async", WatchedRun.Options, urls);
        output.WriteLine($"async: stalls of {100.0 * other.Outcomes.Sum(outcome => outcome.ClientStall) / other.Outcomes.Sum(outcome => outcome.Total):F2} % of the transfers' time");
        other.Record!.Blockers.ShouldNotContain(blocker => blocker.Kind == SpanKind.BlockingRead);
        BlamedShare(other).ShouldBeLessThan(BlamedShare(run) / 2);
    }

    [Fact]
    public async Task Whoever_waits_behind_a_blocking_read_names_it()
    {
        // The body of transfer 0 comes only after the responses to all others.
        await WarmUpAsync("blocking-read");
        await using var server = new OrderedServer(
            4,
            new(0, 0, IsHead: true),
            new(100, 1, IsHead: true), new(0, 1, IsHead: false),
            new(100, 2, IsHead: true), new(0, 2, IsHead: false),
            new(100, 3, IsHead: true), new(0, 3, IsHead: false),
            new(400, 0, IsHead: false));
        var run = await WatchedRun.OfAsync("blocking-read", WatchedRun.Options, server.Urls);

        run.Outcomes.Select(outcome => outcome.StallBlocker?.Transfer).Skip(1).ShouldAllBe(transfer => transfer == 0);
        run.Outcomes.Select(outcome => outcome.StallBlocker?.Kind).Skip(1).ShouldAllBe(kind => kind == "blocking read");
        OwnStall(run, run.Outcomes[0]).ShouldBeLessThan(run.Outcomes[0].Total / 4);

        // They came 100 ms after each other, or later still, so each waited less than the one before.
        run.Outcomes.Skip(1).Select(outcome => outcome.ClientStall).ShouldBeInOrder(SortDirection.Descending);
        var worst = run.Record!.Blockers[0];
        worst.ShouldSatisfyAllConditions(
            () => worst.Transfer.ShouldBe(0), () => worst.Stalled.ShouldBe(3), () => worst.Cost.ShouldBeGreaterThan(worst.Held));
        run.Record.Parallelism.Lost.ShouldBeLessThan(0.5);
    }

    [Fact]
    public async Task Each_names_the_transfer_that_it_waited_behind_for_longest()
    {
        // From 0 to 300 ms the loop reads transfer 0, from then until 1,300 ms transfer 1; the heads of 2 and 3 come at 200 and 700 ms.
        await WarmUpAsync("blocking-read");
        await using var server = new OrderedServer(
            4,
            new(0, 0, IsHead: true),
            new(100, 1, IsHead: true),
            new(100, 2, IsHead: true), new(0, 2, IsHead: false),
            new(100, 0, IsHead: false),
            new(400, 3, IsHead: true), new(0, 3, IsHead: false),
            new(600, 1, IsHead: false));
        var run = await WatchedRun.OfAsync("blocking-read", WatchedRun.Options, server.Urls);

        run.Outcomes.Skip(1).Select(outcome => outcome.StallBlocker?.Transfer).ShouldBe([0, 1, 1]);
        run.Outcomes.Skip(1).ShouldAllBe(outcome => outcome.StallBlocker!.Value.Kind == "blocking read");
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

        // A machine that is busy wakes nobody up in time: that is no server's fault, and none of the loop's either, and it is told apart.
        run.Outcomes.Where(outcome => outcome.StallBlocker is { Transfer: >= 0 } blocker && blocker.Cost > outcome.Total / 10).ShouldBeEmpty();
        run.Outcomes.Min(outcome => OwnStall(run, outcome) / (double)outcome.Total).ShouldBeLessThan(0.05);
    }

    [Fact]
    public async Task A_process_that_was_stopped_says_that_it_was_not_scheduled()
    {
        SemaphoreSlim asked = new(0), answered = new(0);
        var go = new TaskCompletionSource();
        await using var server = new ScriptedServer(async connection =>
        {
            // What is done for the first time takes longest, on a busy machine perhaps longer than the stop.
            await connection.ReadRequestAsync();
            await connection.SendAsync(Scripts.Ok());
            await connection.ReadRequestAsync();
            asked.Release();
            await go.Task;
            await connection.SendAsync(Scripts.Ok());
            answered.Release();
        });
        string[] urls = [.. Enumerable.Range(0, 6).Select(number => server.Url($"/{number}"))];
        using var process = FetcherProcess.Start(["--stalls", "--concurrency", "3", "--format", "ndjson", "--order", "input", .. urls]);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await ThreeAsync(asked);
        await process.WaitUntilAsleepAsync(TestContext.Current.CancellationToken);
        await process.StopAsync(TestContext.Current.CancellationToken);
        var stopped = Stopwatch.StartNew();
        go.SetResult();

        // From here on all three could go on.
        await ThreeAsync(answered);
        var ready = Stopwatch.StartNew();
        await Task.Delay(500, TestContext.Current.CancellationToken);
        var seconds = ready.Elapsed.TotalSeconds;
        process.Signal("CONT");
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var untilEnd = stopped.Elapsed.TotalSeconds;

        var lines = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(6);
        foreach (var line in lines[3..])
        {
            using var result = JsonDocument.Parse(line);
            var stall = result.RootElement.GetProperty("client_stall").GetDouble();
            (stall / seconds).ShouldBeGreaterThan(0.7);
            (stall - result.RootElement.GetProperty("time_pretransfer").GetDouble()).ShouldBeLessThan(untilEnd);
            var blocker = result.RootElement.GetProperty("stall_blocker");
            blocker.GetProperty("kind").GetString().ShouldBe("not scheduled");
            blocker.GetProperty("transfer").GetInt64().ShouldBe(-1);
        }

        async Task ThreeAsync(SemaphoreSlim told)
        {
            for (var i = 0; i < 3; i++)
            {
                (await told.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).ShouldBeTrue();
            }
        }
    }

    [Fact]
    public async Task Whoever_waits_behind_a_CPU_burst_names_it()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        var options = WatchedRun.Options with { CpuBurst = TimeSpan.FromMilliseconds(30) };
        var run = await WatchedRun.OfAsync("async", options, [.. Enumerable.Repeat(server.Url(), 6)]);
        run.Record!.Blockers.ShouldContain(blocker => blocker.Kind == SpanKind.CpuBurst);
        run.Outcomes.Sum(outcome => outcome.ClientStall).ShouldBeGreaterThan(5 * 30_000_000);
    }

    [Fact]
    public async Task A_request_that_io_uring_sends_at_the_end_of_the_turn_counts_its_wait()
    {
        // Three are under way. While the first is handed over, the answers to the other two come, so that these are served in one turn: the request that follows
        // the one is handed in, and then the other takes its time.
        const int held = 60;
        using var allAsked = new CountdownEvent(3);
        using var answered = new CountdownEvent(2);
        var firstIsHandedOver = new TaskCompletionSource();
        await using var server = new ScriptedServer(async connection =>
        {
            for (var first = true; await connection.ReadRequestAsync() is { } request; first = false)
            {
                if (first)
                {
                    allAsked.Signal();
                    await ModeRun.UntilAsync(() => allAsked.IsSet);
                }

                if (first && !request.Contains("/0 ", StringComparison.Ordinal))
                {
                    await firstIsHandedOver.Task;
                    await connection.SendAsync(Scripts.Ok());
                    await connection.UntilDeliveredAsync();
                    answered.Signal();
                }
                else
                {
                    await connection.SendAsync(Scripts.Ok());
                }
            }
        });
        var count = 0;
        var sink = new MemorySink
        {
            OnResult = () =>
            {
                switch (++count)
                {
                    case 1:
                        firstIsHandedOver.SetResult();
                        answered.Wait(TestContext.Current.CancellationToken);
                        break;
                    case 2 or 3:
                        Thread.Sleep(held);
                        break;
                }
            },
        };
        var source = new MemorySource([.. Enumerable.Range(0, 6).Select(index => server.Url($"/{index}"))]);

        await ModeRun.RunAsync("io-uring", new FetchJob(WatchedRun.Options with { Concurrency = 3 }, new ListWork(source, sink)));

        sink.Outcomes.Where(outcome => outcome.Index > 2).Max(outcome => outcome.ClientStall).ShouldBeGreaterThan(held * 800_000L);
    }

    [Fact]
    public async Task A_run_that_is_not_watched_knows_nothing_of_stalls()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        var run = await WatchedRun.OfAsync("async", ModeRun.Options, server.Url());
        run.Record.ShouldBeNull();
        run.Outcomes.ShouldAllBe(outcome => outcome.ClientStall == 0 && outcome.StallBlocker == null);
    }

    /// <summary>A first run, so that code is compiled before anything is measured.</summary>
    private static async Task WarmUpAsync(string mode)
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        await WatchedRun.OfAsync(mode, WatchedRun.Options, server.Url());
    }

    /// <summary>How long a transfer waited for its loop, without what it waited because the loop's thread had no processor or stood still for the collector.</summary>
    private static long OwnStall(WatchedRun run, Outcome outcome) => outcome.ClientStall - run.Record!.Loops
        .SelectMany(loop => loop.Stalls)
        .Where(stall => stall.Transfer == outcome.Index && stall.Behind.Kind is (SpanKind.NotScheduled or SpanKind.GcPause))
        .Sum(stall => stall.Length);

    /// <summary>How long a transfer waited for its loop from one moment to another.</summary>
    private static long StalledWithin(WatchedRun run, long transfer, long from, long to) => run.Record!.Loops
        .SelectMany(loop => loop.Stalls)
        .Where(stall => stall.Transfer == transfer)
        .Sum(stall => Math.Max(0, Math.Min(to, run.Start + stall.To) - Math.Max(from, run.Start + stall.From)));

    /// <summary>The part of the transfers' time that they waited behind one another.</summary>
    private static double BlamedShare(WatchedRun run) =>
        run.Record!.Blockers.Where(blocker => blocker.Transfer != LoopSpan.Nobody).Sum(blocker => blocker.Cost)
        / (double)run.Outcomes.Sum(outcome => outcome.Total);
}
