using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Work;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: a run that is to end begins nothing new, and what is under way goes on to its own end.</summary>
public sealed class ModeDrainTests
{
    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_is_under_way_goes_on_to_its_end_and_nothing_new_begins(string mode)
    {
        using var drain = new CancellationTokenSource();
        var goOn = new TaskCompletionSource();
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
            await goOn.Task;
            await connection.SendAsync("world");
        });
        var source = new MemorySource([server.Url()], count: 100);
        var sink = new MemorySink();

        var run = ModeRun.RunAsync(mode, new FetchJob(ModeRun.Options, new ListWork(source, sink)) { Drain = drain.Token });
        await ModeRun.UntilAsync(() => server.Requests.Count == 1);
        await drain.CancelAsync();
        goOn.SetResult();
        await run;

        source.Taken.ShouldBe(1);
        var outcome = sink.Outcomes.ShouldHaveSingleItem();
        (outcome.Message, outcome.SizeBody).ShouldBe((null, 10));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_has_been_taken_is_under_way_though_it_has_not_begun(string mode)
    {
        using var drain = new CancellationTokenSource();
        await using var server = new ScriptedServer(Answer(Ok()));
        var sink = new MemorySink();
        var source = new MemorySource([server.Url()], count: 100) { OnTake = drain.Cancel };

        await ModeRun.RunAsync(mode, new FetchJob(ModeRun.Options, new ListWork(source, sink)) { Drain = drain.Token });

        source.Taken.ShouldBe(1);
        var outcome = sink.Outcomes.ShouldHaveSingleItem();
        (outcome.Message, outcome.Attempts).ShouldBe((null, 1));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task No_further_attempt_begins(string mode)
    {
        using var drain = new CancellationTokenSource();
        var goOn = new TaskCompletionSource();
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await goOn.Task;
            await connection.SendAsync(Response("503 Busy"));
        });
        var sink = new MemorySink();

        var run = ModeRun.RunAsync(mode, new FetchJob(ModeRun.Options with { Retry = 5 }, new ListWork(new MemorySource([server.Url()]), sink)) { Drain = drain.Token });
        await ModeRun.UntilAsync(() => server.Requests.Count == 1);
        await drain.CancelAsync();
        goOn.SetResult();
        await run;

        var outcome = sink.Outcomes.ShouldHaveSingleItem();
        outcome.Attempts.ShouldBe(1);
        outcome.Error.ShouldBeOneOf(FetchErrorKind.HttpStatus, FetchErrorKind.Cancelled);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_pause_before_a_further_attempt_ends(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("503 Busy", "", "Retry-After: 1000\r\n")));
        await EndsCancelledAsync(mode, ModeRun.Options with { Retry = 1 }, server.Url(), () => server.Requests.Count == 1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_URL_that_waits_for_its_start_ends(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        var options = ModeRun.Options with { StartInterval = TimeSpan.FromSeconds(1000) };
        await EndsCancelledAsync(mode, options, server.Url(), () => server.Requests.Count == 1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_list_that_stays_open_is_not_waited_for(string mode)
    {
        using var drain = new CancellationTokenSource();
        var source = new MemorySource(["http://"], staysOpen: true);
        var sink = new MemorySink();

        var run = ModeRun.RunAsync(mode, new FetchJob(ModeRun.Options, new ListWork(source, sink)) { Drain = drain.Token });
        await ModeRun.UntilAsync(() => source.IsWaitedFor);
        await drain.CancelAsync();
        await run;

        sink.Outcomes.Count.ShouldBe(1);
        source.End();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stop_ends_what_went_on(string mode)
    {
        using var drain = new CancellationTokenSource();
        using var stop = new CancellationTokenSource();
        await using var server = new ScriptedServer(FallSilent());
        var source = new MemorySource([server.Url()], count: 100);
        var sink = new MemorySink();

        var run = ModeRun.RunAsync(mode, new FetchJob(ModeRun.Options, new ListWork(source, sink), stop: stop.Token) { Drain = drain.Token });
        await ModeRun.UntilAsync(() => server.Requests.Count == 1);
        await drain.CancelAsync();
        await stop.CancelAsync();
        await run;

        source.Taken.ShouldBe(1);
        sink.Outcomes.ShouldHaveSingleItem().Error.ShouldBe(FetchErrorKind.Cancelled);
    }

    /// <summary>Drains a run of two URLs once <paramref name="isUnderWay"/>: what has not been done is cancelled, without any wait.</summary>
    private static async Task EndsCancelledAsync(string mode, FetchOptions options, string url, Func<bool> isUnderWay)
    {
        using var drain = new CancellationTokenSource();
        var source = new MemorySource([url], count: 2);
        var sink = new MemorySink();

        var run = ModeRun.RunAsync(mode, new FetchJob(options, new ListWork(source, sink)) { Drain = drain.Token });
        await ModeRun.UntilAsync(isUnderWay);
        await drain.CancelAsync();
        await run;

        sink.Outcomes.Count.ShouldBe((int)source.Taken);
        sink.Outcomes.Where(outcome => !outcome.Ok)
            .ShouldAllBe(outcome => outcome.Error == FetchErrorKind.Cancelled || outcome.Error == FetchErrorKind.HttpStatus);
        sink.Outcomes.ShouldAllBe(outcome => outcome.Start >= 0 && outcome.Queue >= 0 && outcome.Total >= outcome.Queue);
    }
}
