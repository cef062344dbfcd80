using System.Net;
using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Modes;
using Fetcher.Core.Work;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>
/// What select(2) cannot do is refused before anything starts. Not beside other tests: these take away nearly all low descriptors.
/// </summary>
[Collection("alone")]
public sealed class SelectModeTests
{
    private const int FdSetSize = 1024;

    private static readonly Mode Select = ModeCatalog.Find("select")!;

    [Fact]
    public void Few_transfers_at_once_are_possible() => Select.WhyNot(new FetchOptions()).ShouldBeNull();

    [Fact]
    public void More_transfers_at_once_than_descriptors_fit_are_refused()
    {
        var reason = Select.WhyNot(new FetchOptions { Concurrency = 2000 }).ShouldNotBeNull();

        reason.ShouldContain("2000");
        reason.ShouldContain("below 1024 (FD_SETSIZE)");
        reason.ShouldContain("--mode poll, async and threads");
        reason.ShouldNotContain(". ");
    }

    [Fact]
    public void Even_one_transfer_is_refused_when_the_low_descriptors_are_taken()
    {
        using var taken = Descriptors.TakeUpTo(1100);

        Select.WhyNot(new FetchOptions { Concurrency = 1 }).ShouldNotBeNull().ShouldContain("are free below 1024");
        ModeCatalog.Find("poll")!.WhyNot(new FetchOptions { Concurrency = 1 }).ShouldBeNull();
    }

    [Fact]
    public async Task A_run_that_is_started_all_the_same_fails_and_says_why()
    {
        using var taken = Descriptors.TakeUpTo(1100);
        var job = new FetchJob(ModeRun.Options, new ListWork(new MemorySource(["http://127.0.0.1:9/"]), new MemorySink()));

        var failure = await Should.ThrowAsync<IOException>(Select.RunAsync(job));

        failure.Message.ShouldContain("FD_SETSIZE");
    }

    [Fact]
    public async Task Other_modes_work_with_high_descriptors()
    {
        using var taken = Descriptors.TakeUpTo(1100);
        await using var server = new ScriptedServer(Answer(Ok()));

        foreach (var mode in ModeCatalog.All.Where(mode => mode != Select && mode.WhyNot(ModeRun.Options) is null))
        {
            (await ModeRun.FetchOneAsync(mode.Name, server.Url())).Message.ShouldBeNull();
        }
    }

    [Fact]
    public async Task Connections_that_are_only_kept_make_room_for_new_ones()
    {
        // Room for a third of the connections that the pool would like to keep; the server's ends take some of it too.
        await using var server = new ScriptedServer(Answer(Ok()));
        using var taken = Descriptors.TakeUpTo(FdSetSize, leave: 20);
        var options = ModeRun.Options with { Resolve = [new ResolveEntry("*", server.Port, [IPAddress.Loopback])] };
        var sink = new MemorySink();
        var urls = Enumerable.Range(0, 60).Select(i => server.Url("/", $"host{i}.test")).ToList();

        await Select.RunAsync(new FetchJob(options, new ListWork(new MemorySource(urls), sink)));

        sink.Outcomes.Select(outcome => outcome.Message).ShouldBe(Enumerable.Repeat<string?>(null, 60));
        server.Connections.ShouldBe(60);
    }

    [Fact]
    public async Task A_transfer_that_finds_no_descriptor_waits_for_one()
    {
        await using var server = new ScriptedServer(AnswerAndClose(Ok()));
        using var taken = Descriptors.TakeUpTo(FdSetSize, leave: 20);
        var sink = new MemorySink();

        await Select.RunAsync(new FetchJob(ModeRun.Options with { Concurrency = 40 }, new ListWork(new MemorySource([server.Url()], count: 80), sink)));

        sink.Outcomes.Count.ShouldBe(80);
        sink.Outcomes.ShouldAllBe(outcome => outcome.Message == null && outcome.NumConnects == 1);
    }

    [Fact]
    public async Task A_transfer_that_finds_no_descriptor_and_has_nobody_to_wait_for_fails()
    {
        using var taken = Descriptors.TakeUpTo(FdSetSize, leave: 1);
        var sink = new MemorySink();
        var options = ModeRun.Options with { ConnectTimeout = TimeSpan.FromMilliseconds(50) };

        await Select.RunAsync(new FetchJob(options, new ListWork(new MemorySource(["http://127.0.0.1:9/"]), sink)));

        var outcome = sink.Outcomes.ShouldHaveSingleItem();
        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Connect, 7));
        outcome.Message.ShouldNotBeNull().ShouldContain("EMFILE");
    }
}

/// <summary>Tests that change, or count, what the whole process has: no others run beside them.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class AloneTests;
