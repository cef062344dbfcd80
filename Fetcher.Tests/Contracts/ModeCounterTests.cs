using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Interop;
using Fetcher.Core.Modes;
using Fetcher.Core.Work;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Contracts;

/// <summary>What a run counts is the run's alone, and goes with it.</summary>
public sealed class ModeCounterTests
{
    /// <summary>The modes whose system calls are fetcher's own.</summary>
    public static TheoryData<string> Loops => [.. ModeCatalog.All.Select(mode => mode.Name).Where(name => name != "httpclient")];

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task Runs_side_by_side_count_each_its_own_bytes(string mode)
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok(new string('x', 1000))));
        await using var other = new ScriptedServer(Scripts.Answer(Scripts.Ok(new string('x', 50_000))));
        FetchJob[] jobs = [NewJob(server.Url(), count: 3), NewJob(other.Url(), count: 20)];

        await Task.WhenAll(jobs.Select(job => ModeRun.RunAsync(mode, job)));

        jobs[0].Counters.Syscalls.BytesReceived.ShouldBeInRange(3 * 1000, 3 * 2000);
        jobs[1].Counters.Syscalls.BytesReceived.ShouldBeInRange(20 * 50_000, 20 * 51_000);
    }

    [Fact]
    public async Task Runs_side_by_side_count_each_its_own_blocking_reads()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        FetchJob[] jobs = [NewJob(server.Url(), count: 3), NewJob(server.Url(), count: 3)];

        await Task.WhenAll(ModeRun.RunAsync("async", jobs[0]), ModeRun.RunAsync("sequential", jobs[1]));

        jobs[0].Counters.Blocked.ShouldBe((0, 0));
        jobs[1].Counters.Blocked.Loops.ShouldBe(1);
        jobs[1].Counters.Blocked.Nanoseconds.ShouldBeGreaterThan(0);
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task Nothing_keeps_the_counters_of_a_run_that_has_ended(string mode)
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        var counters = await CountersOfThreadsAsync(mode, server.Url());

        counters.ShouldNotBeEmpty();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        counters.Count(counter => counter.IsAlive).ShouldBe(0);
    }

    /// <summary>The counters of the threads on which a run's results are made.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<IReadOnlyCollection<WeakReference>> CountersOfThreadsAsync(string mode, string url)
    {
        var sink = new ThreadNotingSink();
        await ModeRun.RunAsync(mode, ModeRun.Options with { Concurrency = 4 }, new MemorySource([.. Enumerable.Repeat(url, 8)]), sink);
        return sink.Counters;
    }

    private static FetchJob NewJob(string url, int count) => new(
        ModeRun.Options with { Concurrency = 4 }, new ListWork(new MemorySource([.. Enumerable.Repeat(url, count)]), new MemorySink()));

    private sealed class ThreadNotingSink : IResultSink
    {
        public ConcurrentQueue<WeakReference> Counters { get; } = new();

        public bool HasRoom => true;

        public void Add(FetchResult result) => Counters.Enqueue(new WeakReference(SyscallCounters.Current));

        public void NotifyWhenRoom(Action ready) => ready();
    }
}
