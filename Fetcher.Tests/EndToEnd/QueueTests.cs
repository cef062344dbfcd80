using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Fetcher.Queue;
using Fetcher.Tests.Queue;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.EndToEnd;

/// <summary>Several processes that share a job on a real engine, and what becomes of it when one of them, or the engine, is lost.</summary>
public sealed class QueueTests : IAsyncDisposable
{
    private static int _jobs;

    private readonly TempFolder _folder = new();
    private readonly List<Process> _workers = [];

    public ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            if (!worker.HasExited)
            {
                worker.Kill();
            }

            worker.Dispose();
        }

        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_list_is_fetched_by_workers_and_reported_as_one_run()
    {
        using var origin = new CountingOrigin();
        var queue = await QueueAsync();
        WriteList(300, hosts: 20);
        var workers = new[] { StartWorker(queue, origin), StartWorker(queue, origin) };

        var ran = await FetcherProcess.RunAsync(_folder["list"], "--queue", queue, "--sha256", "--format", "ndjson", "--report", _folder["report.json"]);

        (ran.ExitCode, ran.Error).ShouldBe((0, ""));
        await ShouldEndAsync(0, workers);
        var plain = await FetcherProcess.RunAsync(_folder["list"], "--sha256", "--format", "ndjson", "--connect-to", $"::127.0.0.1:{origin.Port}");
        Outcomes(ran).ShouldBe(Outcomes(plain));
        Results(ran).ShouldAllBe(result => result.GetProperty("worker").GetString()!.Length > 0 && result.GetProperty("start").GetDouble() >= 0);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(_folder["report.json"], TestContext.Current.CancellationToken));
        report.RootElement.GetProperty("summary").GetProperty("urls").GetInt32().ShouldBe(300);
        var status = await FetcherProcess.RunAsync("status", "--queue", queue, "--format", "json");
        var state = JsonDocument.Parse(status.Output).RootElement;
        (state.GetProperty("state").GetString(), state.GetProperty("done").GetInt32(), state.GetProperty("unread").GetInt32()).ShouldBe(("finished", 300, 0));
        (await FetcherProcess.RunAsync("purge", "--queue", queue)).ExitCode.ShouldBe(0);
        (await FetcherProcess.RunAsync("status", "--queue", queue)).ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task After_kill_9_of_a_worker_every_URL_has_its_one_result()
    {
        const int Urls = 1500;
        using var origin = new CountingOrigin();
        var queue = await EnqueueAsync(Urls, hosts: 60, "--sha256");
        var killed = StartWorker(queue, origin, "--lease", "2", "--concurrency", "4");
        var other = StartWorker(queue, origin, "--lease", "2", "--concurrency", "4");

        await ModeRun.UntilAsync(() => origin.Requests > Urls / 3);
        killed.Kill();
        var ran = await FetcherProcess.RunAsync("collect", "--queue", queue, "--format", "ndjson");

        (ran.ExitCode, ran.Error).ShouldBe((0, ""));
        await ShouldEndAsync(0, other);
        var plain = await FetcherProcess.RunAsync(_folder["list"], "--sha256", "--format", "ndjson", "--connect-to", $"::127.0.0.1:{origin.Port}");
        Outcomes(ran).ShouldBe(Outcomes(plain));
    }

    [Fact]
    public async Task A_worker_that_was_stopped_longer_than_its_lease_commits_nothing_of_it()
    {
        using var origin = new CountingOrigin(TimeSpan.FromMilliseconds(20));
        var queue = await EnqueueAsync(400, hosts: 2);
        var stopped = StartWorker(queue, origin, "--lease", "1", "--concurrency", "2");
        await ModeRun.UntilAsync(() => origin.Requests > 20);
        stopped.Signal("STOP");

        var other = StartWorker(queue, origin, "--lease", "1");
        await ShouldEndAsync(0, other);
        stopped.Signal("CONT");

        await ShouldEndAsync(0, stopped);
        var status = JsonDocument.Parse((await FetcherProcess.RunAsync("status", "--queue", queue, "--format", "json")).Output).RootElement;
        status.GetProperty("worker_list").EnumerateArray().Sum(w => w.GetProperty("facts").GetProperty("refused").GetInt32()).ShouldBeGreaterThan(0);
        var ran = await FetcherProcess.RunAsync("collect", "--queue", queue, "--format", "ndjson");
        (ran.ExitCode, ran.Error).ShouldBe((0, ""));
        Results(ran).Select(result => result.GetProperty("index").GetInt32()).Order().ShouldBe(Enumerable.Range(0, 400));
    }

    [Fact]
    public async Task An_engine_that_is_killed_and_comes_back_loses_nothing()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        await using var engine = await RedisServer.StartAsync("--appendfsync", "always");
        using var origin = new CountingOrigin(TimeSpan.FromMilliseconds(5));
        var queue = await EnqueueAsync(engine.Url("job"), 400, hosts: 40);
        var worker = StartWorker(queue, origin, "--concurrency", "4");
        await ModeRun.UntilAsync(() => origin.Requests > 100);

        await engine.KillAsync();
        await engine.RestartAsync();
        var ran = await FetcherProcess.RunAsync("collect", "--queue", queue, "--format", "ndjson");

        ran.ExitCode.ShouldBe(0, ran.Error);
        await ShouldEndAsync(0, worker);
        Results(ran).Select(result => result.GetProperty("index").GetInt32()).Order().ShouldBe(Enumerable.Range(0, 400));
    }

    [Fact]
    public async Task An_engine_that_does_not_come_back_ends_a_worker_after_the_time_it_was_given()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        await using var engine = await RedisServer.StartAsync();
        using var origin = new CountingOrigin(TimeSpan.FromMilliseconds(20));
        var queue = await EnqueueAsync(engine.Url("job"), 400, hosts: 40);
        var worker = StartWorker(queue, origin, "--concurrency", "2", "--queue-timeout", "0.3");
        var error = worker.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await ModeRun.UntilAsync(() => origin.Requests > 10);

        await engine.KillAsync();

        await ShouldEndAsync(1, worker);
        (await error).Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(
        [
            "fetcher: the queue is lost: it cannot be reached; waiting for it, 0.3 s at most",
            "fetcher: the queue did not come back within 0.3 s (--queue-timeout)",
        ]);
    }

    [Fact]
    public async Task A_job_that_is_dropped_midway_ends_its_worker_and_its_collector()
    {
        using var origin = new CountingOrigin(TimeSpan.FromMilliseconds(20));
        var queue = await EnqueueAsync(2000, hosts: 40);
        var worker = StartWorker(queue, origin, "--concurrency", "2", "--lease", "1");
        var collector = FetcherProcess.RunAsync("collect", "--queue", queue, "--format", "ndjson");
        await ModeRun.UntilAsync(() => origin.Requests > 10);

        (await FetcherProcess.RunAsync("purge", "--queue", queue)).ExitCode.ShouldBe(0);

        await ShouldEndAsync(1, worker);
        var ran = await collector;
        ran.ExitCode.ShouldBe(1);
        ran.Error.ShouldContain("the job is not in the queue any more");
    }

    [Fact]
    public async Task A_full_engine_lets_the_work_go_on_and_the_list_wait()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        await using var engine = await RedisServer.StartAsync("--maxmemory", "2mb");
        using var origin = new CountingOrigin();
        WriteList(20_000, hosts: 500, path: index => $"{Convert.ToHexString(Hash(index))}{Convert.ToHexString(Hash(index + 1))}");
        var queue = engine.Url("job");
        using var enqueue = FetcherProcess.Start("enqueue", _folder["list"], "--queue", queue);
        var first = await enqueue.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
        first.ShouldBe("fetcher: the queue is full: the engine has no memory left (maxmemory); waiting until there is room");

        var collector = FetcherProcess.RunAsync("collect", "--queue", queue, "--format", "ndjson");
        var worker = StartWorker(queue, origin);
        await ShouldEndAsync(0, enqueue, worker);
        var ran = await collector;

        ran.ExitCode.ShouldBe(0, ran.Error);
        ran.Lines.Length.ShouldBe(20_000);
    }

    [Fact]
    public async Task A_host_is_asked_once_at_a_time_and_no_faster_than_it_may_be_though_workers_come_and_die()
    {
        using var origin = new CountingOrigin(TimeSpan.FromMilliseconds(30));
        var queue = await EnqueueAsync(240, hosts: 30, "--per-host", "1", "--rate-per-host", "5/s");
        var workers = Enumerable.Range(0, 3).Select(_ => StartWorker(queue, origin, "--lease", "1")).ToArray();
        await ModeRun.UntilAsync(() => origin.Requests > 60);
        workers[0].Kill();

        var ran = await FetcherProcess.RunAsync("collect", "--queue", queue, "--format", "ndjson");

        ran.ExitCode.ShouldBe(0, ran.Error);
        await ShouldEndAsync(0, workers[1..]);
        ran.Lines.Length.ShouldBe(240);
        origin.MostAtOnce.ShouldBe(1);
        origin.ShortestTimeOf(6).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(810), "1.17 seconds were asked for, by reservations that a start may come late for");
    }

    [Fact]
    public async Task Collecting_goes_on_after_kill_9_with_the_journal()
    {
        using var origin = new CountingOrigin(TimeSpan.FromMilliseconds(2));
        var queue = await EnqueueAsync(3000, hosts: 40);
        var worker = StartWorker(queue, origin, "--concurrency", "8");
        string[] collect = ["collect", "--queue", queue, "--journal", _folder["journal"], "--format", "ndjson"];
        using (var killed = FetcherProcess.Start(collect))
        {
            var output = killed.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await ModeRun.UntilAsync(() => new FileInfo(_folder["journal"]) is { Exists: true, Length: > 100_000 });
            killed.Kill();
            await output;
        }

        await ShouldEndAsync(0, worker);
        var ran = await FetcherProcess.RunAsync(collect);

        (ran.ExitCode, ran.Error).ShouldBe((0, ""));
        Results(ran).Select(result => result.GetProperty("index").GetInt32()).Order().ShouldBe(Enumerable.Range(0, 3000));
        Results(ran).ShouldAllBe(result => result.GetProperty("time_total").GetDouble() > 0);
    }

    [Fact]
    public async Task A_cluster_of_Redis_holds_a_job_in_its_database_0()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        await using var engine = await RedisServer.StartAsync("--cluster-enabled", "yes");
        await engine.AskAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        while (!(await engine.AskAsync("CLUSTER", "INFO")).StartsWith("cluster_state:ok", StringComparison.Ordinal))
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        using var origin = new CountingOrigin();
        var queue = await EnqueueAsync(engine.Url("job"), 30, hosts: 5);
        await ShouldEndAsync(0, StartWorker(queue, origin));
        var ran = await FetcherProcess.RunAsync("collect", "--queue", queue, "--format", "ndjson");
        (ran.ExitCode, Results(ran).Length).ShouldBe((0, 30));
        (await FetcherProcess.RunAsync("purge", "--queue", queue)).ExitCode.ShouldBe(0);
        (await engine.AskAsync("DBSIZE")).ShouldBe("0");

        ran = await FetcherProcess.RunAsync("enqueue", _folder["list"], "--queue", queue + "?db=1");
        ran.ExitCode.ShouldBe(2, ran.Error);
        ran.Error.ShouldContain("a cluster has no database but 0; leave ?db= out");
    }

    [Theory]
    [InlineData("--maxmemory-policy", "allkeys-lru", 2, "its engine drops data when it is full (maxmemory-policy allkeys-lru); set maxmemory-policy to noeviction")]
    [InlineData("--appendonly", "no", 0, "writes no append-only file, so a restart loses the job; start it with --appendonly yes")]
    [InlineData("--requirepass", "hunter2", 2, "it does not accept the user and password")]
    public async Task An_engine_where_the_job_would_not_be_safe_is_refused_or_warned_of(string option, string value, int exitCode, string sentence)
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        await using var engine = await RedisServer.StartAsync(option, value);
        WriteList(1, hosts: 1);

        var ran = await FetcherProcess.RunAsync("enqueue", _folder["list"], "--queue", engine.Url("job"));

        ran.ExitCode.ShouldBe(exitCode, ran.Error);
        ran.Error.ShouldContain(sentence);
        ran.Error.ShouldNotContain("hunter2");
    }

    [Fact]
    public async Task An_engine_that_cannot_be_reached_is_told_in_a_sentence()
    {
        var ran = await FetcherProcess.RunAsync("worker", "--queue", "redis://me:hunter2@127.0.0.1:1/job");

        (ran.ExitCode, ran.Lines.Length).ShouldBe((2, 0));
        ran.Error.ShouldBe("fetcher: the queue redis://127.0.0.1:1/job cannot be used: nobody answers there\nSee 'fetcher worker --help'.\n");
    }

    [Fact]
    public async Task A_job_of_a_newer_format_is_refused()
    {
        var queue = await EnqueueAsync(1, hosts: 1);
        await (await StoreUnderTest.EngineAsync()).AskAsync("HSET", $"fetcher:{{{queue.Split('/')[^1]}}}", "format", $"{JobFacts.NewestFormat + 1}");

        foreach (var command in (string[])["worker", "collect", "status"])
        {
            var ran = await FetcherProcess.RunAsync(command, "--queue", queue);
            ran.ExitCode.ShouldBe(2, command);
            ran.Error.ShouldContain($"is of format {JobFacts.NewestFormat + 1}, and this fetcher knows {JobFacts.NewestFormat}");
        }
    }

    [Theory]
    [InlineData("--user is each worker's own", "-u", "a:hunter2")]
    [InlineData("the header Authorization is a secret", "-H", "Authorization: hunter2")]
    [InlineData("--cookie is each worker's own", "-b", "a=hunter2")]
    [InlineData("--revalidate and --queue exclude each other", "--revalidate", "/dev/null")]
    [InlineData("--partition url and --per-host exclude each other", "--partition", "url", "--per-host", "1")]
    public async Task What_must_not_go_into_a_queue_is_refused(string sentence, params string[] options)
    {
        var ran = await FetcherProcess.RunAsync(["http://a/", "--queue", "redis://127.0.0.1:1/job", .. options]);

        ran.ExitCode.ShouldBe(2);
        ran.Error.ShouldContain(sentence);
        ran.Error.ShouldNotContain("hunter2");
    }

    private static byte[] Hash(int index) => System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(index));

    private static JsonElement[] Results(Ran ran) => [.. ran.Lines.Select(line => JsonDocument.Parse(line).RootElement)];

    private static string[] Outcomes(Ran ran) =>
    [
        .. Results(ran).OrderBy(result => result.GetProperty("index").GetInt32()).Select(result =>
            $"{result.GetProperty("index")} {result.GetProperty("url")} {result.GetProperty("status")} {result.GetProperty("sha256")}"),
    ];

    private static async Task ShouldEndAsync(int exitCode, params Process[] processes)
    {
        foreach (var process in processes)
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(2));
            process.ExitCode.ShouldBe(exitCode);
        }
    }

    private static async Task<string> QueueAsync()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        return (await StoreUnderTest.EngineAsync()).Url($"run-{Interlocked.Increment(ref _jobs)}");
    }

    private async Task<string> EnqueueAsync(int urls, int hosts, params string[] options) => await EnqueueAsync(await QueueAsync(), urls, hosts, options);

    private async Task<string> EnqueueAsync(string queue, int urls, int hosts, params string[] options)
    {
        WriteList(urls, hosts);
        var ran = await FetcherProcess.RunAsync(["enqueue", _folder["list"], "--queue", queue, .. options]);
        ran.ExitCode.ShouldBe(0, ran.Error);

        // Again, it changes nothing.
        (await FetcherProcess.RunAsync(["enqueue", _folder["list"], "--queue", queue, .. options])).ExitCode.ShouldBe(0);
        return queue;
    }

    private void WriteList(int urls, int hosts, Func<int, string>? path = null) => File.WriteAllLines(
        _folder["list"], Enumerable.Range(0, urls).Select(i => string.Create(CultureInfo.InvariantCulture, $"http://h{i % hosts}.test/{path?.Invoke(i) ?? $"{i}"}")));

    private Process StartWorker(string queue, CountingOrigin origin, params string[] options)
    {
        var worker = FetcherProcess.Start(["worker", "--queue", queue, "--connect-to", $"::127.0.0.1:{origin.Port}", .. options]);
        _workers.Add(worker);
        return worker;
    }
}
