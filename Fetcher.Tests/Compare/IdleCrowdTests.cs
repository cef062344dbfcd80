using System.Net;
using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Modes;
using Fetcher.Core.Net;
using Fetcher.Core.Work;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Compare;

public sealed class IdleCrowdTests
{
    private const int Count = 10;

    [Theory]
    [InlineData("async", 1)]
    [InlineData("async", 3)]
    [InlineData("poll", 1)]
    [InlineData("select", 2)]
    [InlineData("io-uring", 2)]
    [InlineData("busy-wait", 1)]
    [InlineData("blocking-read", 1)]
    [InlineData("sequential", 1)]
    [InlineData("threads", 1)]
    public async Task All_are_open_before_the_first_request_and_stay_silent(string mode, int loops)
    {
        await using var crowded = new ScriptedServer(connection => connection.HoldAsync());
        await using var server = new ScriptedServer(async connection =>
        {
            // No answer comes unless they are open meanwhile.
            await connection.ReadRequestAsync();
            await ModeRun.UntilAsync(() => crowded.Connections == Count);
            await connection.SendAsync(Scripts.Ok());
        });
        var crowd = new IdleCrowd(Origin(crowded), Count);
        var (sink, job) = Job(loops, crowd, server.Url());
        var inFlight = new List<int>();
        crowd.OnAllOpen = () => inFlight.Add(job.InFlight);

        await RunAsync(mode, job);

        inFlight.ShouldBe([0]);
        sink.Outcomes.Count.ShouldBe(3);
        sink.Outcomes.ShouldAllBe(outcome => outcome.Error == null);
        crowd.Opened.ShouldBe(Count);
        crowd.ClosedByPeer.ShouldBe(0);
        crowded.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("async", 1)]
    [InlineData("async", 3)]
    [InlineData("poll", 2)]
    public async Task All_stay_open_until_the_work_of_every_loop_has_been_measured(string mode, int loops)
    {
        var held = 0;
        await using var crowded = new ScriptedServer(async connection =>
        {
            Interlocked.Increment(ref held);
            await connection.HoldAsync();
            Interlocked.Decrement(ref held);
        });
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        var crowd = new IdleCrowd(Origin(crowded), Count);
        var (sink, job) = Job(loops, crowd, server.Url());
        var atTheEnd = new List<(int Results, int Held)>();
        crowd.OnWorkEnded = () =>
        {
            SpinWait.SpinUntil(() => Volatile.Read(ref held) == Count, TimeSpan.FromSeconds(10));
            atTheEnd.Add((sink.Outcomes.Count, Volatile.Read(ref held)));
        };

        await RunAsync(mode, job);

        atTheEnd.ShouldBe([(3, Count)]);
        await ModeRun.UntilAsync(() => Volatile.Read(ref held) == 0);
    }

    [Fact]
    public async Task More_loops_than_idle_connections_are_no_trouble()
    {
        await using var crowded = new ScriptedServer(connection => connection.HoldAsync());
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        var crowd = new IdleCrowd(Origin(crowded), count: 1);
        var (sink, job) = Job(3, crowd, server.Url());

        await RunAsync("async", job);

        sink.Outcomes.ShouldAllBe(outcome => outcome.Error == null);
        crowd.Opened.ShouldBe(1);
    }

    [Theory]
    [InlineData("async")]
    [InlineData("poll")]
    public async Task A_connection_that_the_peer_closes_is_noticed(string mode)
    {
        await using var crowded = new ScriptedServer(_ => Task.CompletedTask);
        IdleCrowd? crowd = null;
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await ModeRun.UntilAsync(() => crowd!.ClosedByPeer == Count);
            await connection.SendAsync(Scripts.Ok());
        });

        crowd = new IdleCrowd(Origin(crowded), Count);
        await RunAsync(mode, Job(1, crowd, server.Url()).Job);

        crowd.ClosedByPeer.ShouldBe(Count);
    }

    [Fact]
    public async Task An_origin_that_cannot_be_reached_ends_the_run()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        var crowd = new IdleCrowd(new Endpoint(false, IPAddress.Loopback.ToString(), 1), Count);

        var failure = await Should.ThrowAsync<IOException>(() => RunAsync("async", Job(2, crowd, server.Url()).Job));

        failure.Message.ShouldStartWith("not all of the 10 idle connections could be opened: could not connect to 127.0.0.1");
    }

    private static Endpoint Origin(ScriptedServer server) => new(false, IPAddress.Loopback.ToString(), server.Port);

    private static (MemorySink Sink, FetchJob Job) Job(int loops, IdleCrowd crowd, string url)
    {
        var sink = new MemorySink();
        var options = new FetchOptions { Concurrency = 4, Retry = 0, Loops = loops };
        return (sink, new FetchJob(options, new ListWork(new MemorySource([url, url, url]), sink)) { Crowd = crowd });
    }

    private static Task RunAsync(string mode, FetchJob job) =>
        ModeCatalog.Find(mode)!.RunAsync(job).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
}
