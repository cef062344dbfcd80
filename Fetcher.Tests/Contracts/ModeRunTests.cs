using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>
/// The contract of every mode: the list is worked off, every URL ends in exactly one result, and a stop is obeyed at once.
/// </summary>
public sealed class ModeRunTests
{
    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Each_URL_of_each_round_has_exactly_one_result(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        var sink = new MemorySink();
        string[] list = [server.Url("/1"), "http://", server.Url("/2"), "gopher://a/"];

        await ModeRun.RunAsync(mode, ModeRun.Options with { Concurrency = 4 }, new MemorySource(list, count: 25), sink);

        var outcomes = sink.Outcomes.OrderBy(outcome => outcome.Index).ToList();
        outcomes.Select(outcome => outcome.Index).ShouldBe(Enumerable.Range(0, 100).Select(i => (long)i));
        outcomes.ShouldAllBe(outcome => outcome.Url == list[outcome.Index % 4] && outcome.Mode == mode);
        outcomes.Where(outcome => outcome.Index % 2 == 0).ShouldAllBe(outcome => outcome.Ok);
        outcomes.Where(outcome => outcome.Index % 2 == 1)
            .ShouldAllBe(outcome => outcome.Error == FetchErrorKind.BadUrl && outcome.ExitCode == 3);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_line_that_is_no_URL_is_told_with_its_place(string mode)
    {
        var outcome = await ModeRun.FetchOneAsync(mode, "http://:80/");

        outcome.Message.ShouldNotBeNull().ShouldStartWith("list:1: ");
        (outcome.Attempts, outcome.Status).ShouldBe((0, 0));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Starts_are_spaced_by_the_rate(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        var interval = TimeSpan.FromMilliseconds(10);

        var outcomes = await ModeRun.FetchAsync(
            mode, ModeRun.Options with { StartInterval = interval, Concurrency = 2 }, server.Url(), server.Url(), server.Url());

        var starts = outcomes.Select(outcome => outcome.Start).Order().ToList();
        starts.Zip(starts.Skip(1), (one, next) => next - one).ShouldAllBe(gap => gap >= interval.Ticks * 100);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_start_that_finds_all_slots_busy_was_due_by_the_rate_all_the_same(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                await Task.Delay(30);
                await connection.SendAsync(Ok());
            }
        });
        var interval = TimeSpan.FromMilliseconds(10);

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options with { StartInterval = interval }, [.. Enumerable.Repeat(server.Url(), 5)]);

        var starts = outcomes.Select(outcome => outcome.Start).ToList();
        starts.Zip(starts.Skip(1), (one, next) => next - one).ShouldAllBe(gap => gap == interval.Ticks * 102, "a fiftieth more than was asked");
        outcomes.Zip(outcomes.Skip(1), (one, next) => next.Start + next.Queue >= one.Start + one.Total).ShouldAllBe(isAfter => isAfter);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task No_more_transfers_than_allowed_are_under_way_to_one_host(string mode)
    {
        int now = 0, most = 0;
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                InterlockedMax(ref most, Interlocked.Increment(ref now));
                await Task.Delay(2);
                Interlocked.Decrement(ref now);
                await connection.SendAsync(Scripts.Ok());
            }
        });
        var urls = Enumerable.Range(0, 24).Select(i => server.Url($"/{i}")).ToArray();

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options with { Concurrency = 8, PerHost = 2 }, urls);

        outcomes.Count(outcome => outcome.Ok).ShouldBe(24);
        most.ShouldBeLessThanOrEqualTo(2);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_list_that_stays_open_is_waited_for(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        var source = new MemorySource([server.Url()], staysOpen: true);
        var sink = new MemorySink();

        var run = ModeRun.RunAsync(mode, ModeRun.Options, source, sink);
        await ModeRun.UntilAsync(() => sink.Outcomes.Count == 1 && source.IsWaitedFor);
        run.IsCompleted.ShouldBeFalse();
        source.End();
        await run;

        sink.Outcomes.ShouldHaveSingleItem().Ok.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_full_output_holds_new_transfers_back(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        var source = new MemorySource([server.Url()], count: 10);
        var sink = new MemorySink { FullAfter = 4 };

        var run = ModeRun.RunAsync(mode, ModeRun.Options, source, sink);
        await ModeRun.UntilAsync(() => sink.IsWaitedFor);

        // A loop hands results over when its turn ends: the transfer that was begun in it goes on.
        var handsOverAtOnce = mode is "sequential" or "threads" or "blocking-read" or "httpclient";
        source.Taken.ShouldBeInRange(4, handsOverAtOnce ? 4 : 5);
        await ModeRun.UntilAsync(() => sink.Outcomes.Count == source.Taken);
        sink.MakeRoom();
        await run;

        sink.Outcomes.Count.ShouldBe(10);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stop_ends_what_waits_for_a_response(string mode)
    {
        await using var server = new ScriptedServer(FallSilent());
        await StopsAsync(mode, ModeRun.Options with { Concurrency = 3 }, server.Url(), () => server.Requests.Count == Slots(mode, 3));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stop_ends_what_waits_for_a_body(string mode)
    {
        await using var server = new ScriptedServer(FallSilent("HTTP/1.1 200 OK\r\n\r\nhello"));
        await StopsAsync(mode, ModeRun.Options, server.Url(), () => server.Requests.Count == 1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stop_ends_what_waits_for_a_connection(string mode)
    {
        using var full = new FullListener();
        await StopsAsync(mode, ModeRun.Options, full.Url, () => true);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stop_ends_a_TLS_handshake(string mode)
    {
        var begun = false;
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadByteAsync();
            begun = true;
            await connection.HoldAsync();
        });
        await StopsAsync(mode, ModeRun.Options, server.TlsUrl, () => Volatile.Read(ref begun));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stop_ends_what_waits_for_a_body_under_TLS(string mode)
    {
        await using var server = new ScriptedServer(Certificates.SelfSigned("a.test"), FallSilent("HTTP/1.1 200 OK\r\n\r\nhello"));
        await StopsAsync(mode, ModeRun.Options with { Insecure = true }, server.Url(), () => server.Requests.Count == 1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stop_ends_the_pause_before_a_retry(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("503 Busy", "", "Retry-After: 1000\r\n")));
        await StopsAsync(mode, ModeRun.Options with { Retry = 1 }, server.Url(), () => server.Requests.Count == 1, urls: 1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stop_ends_the_wait_for_the_next_line(string mode)
    {
        using var stop = new CancellationTokenSource();
        var source = new MemorySource(["http://"], staysOpen: true);
        var sink = new MemorySink();

        var run = ModeRun.RunAsync(mode, ModeRun.Options, source, sink, stop.Token);
        await ModeRun.UntilAsync(() => source.IsWaitedFor);
        await stop.CancelAsync();
        await run;

        sink.Outcomes.Count.ShouldBe(1);
        source.End();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_run_that_is_stopped_before_it_begins_ends(string mode)
    {
        await using var server = new ScriptedServer(FallSilent());
        var source = new MemorySource([server.Url()], count: 100);
        var sink = new MemorySink();

        await ModeRun.RunAsync(mode, ModeRun.Options, source, sink, new CancellationToken(canceled: true));

        await ModeRun.UntilAsync(() => sink.Outcomes.Count == source.Taken);
        sink.Outcomes.ShouldAllBe(outcome => outcome.Error == FetchErrorKind.Cancelled);
    }

    /// <summary>How many of <paramref name="wanted"/> transfers a mode has in flight at once.</summary>
    private static int Slots(string mode, int wanted) => mode == "sequential" ? 1 : wanted;

    /// <summary>
    /// Stops a long run as soon as <paramref name="isUnderWay"/>: what was taken from the list has a result, and nothing more is taken.
    /// </summary>
    private static async Task StopsAsync(string mode, FetchOptions options, string url, Func<bool> isUnderWay, int urls = 100)
    {
        using var stop = new CancellationTokenSource();
        var source = new MemorySource([url], count: urls);
        var sink = new MemorySink();

        var run = ModeRun.RunAsync(mode, options, source, sink, stop.Token);
        await ModeRun.UntilAsync(() => source.Taken == Slots(mode, options.Concurrency) && isUnderWay());
        await stop.CancelAsync();
        await run;

        source.Taken.ShouldBe(Slots(mode, options.Concurrency));
        sink.Outcomes.Select(outcome => outcome.Index).Order().ShouldBe(Enumerable.Range(0, (int)source.Taken).Select(i => (long)i));
        foreach (var outcome in sink.Outcomes)
        {
            (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Cancelled, 42), outcome.Message);
        }
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = most; value > seen; seen = most)
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
