using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>
/// The contract of every mode: what a host with a rate is sent is never closer together than that, whatever delays one and not the next. The moments are the
/// client's own, and by the old rule it is the order of things that brought them together, not a clock.
/// </summary>
public sealed class ModeRateTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(150);

    private static readonly FetchOptions Rate = ModeRun.Options with { StartIntervalPerHost = Interval, Concurrency = 4 };

    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_redirect_takes_its_turn_at_the_host_that_it_leads_to(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                await connection.SendAsync(request.StartsWith("GET /from", StringComparison.Ordinal) ? Response("302 Found", "", "Location: /to\r\n") : Ok());
            }
        });

        var outcomes = await ModeRun.FetchAsync(mode, Rate, server.Url("/from"), server.Url("/other"), server.Url("/another"));

        outcomes.ShouldAllBe(outcome => outcome.Ok);
        outcomes[0].NumRedirects.ShouldBe(1);
        SentWellApart(outcomes);

        // The first request, whose moment no result tells, was sent an interval before all others.
        outcomes.Min(Sent).ShouldBeGreaterThanOrEqualTo(Nanoseconds.From(Interval));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Robots_txt_takes_its_turn_too(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var outcomes = await ModeRun.FetchAsync(mode, Rate with { Robots = true }, server.Url("/1"), server.Url("/2"));

        server.Requests.Count.ShouldBe(3);
        SentWellApart(outcomes);
        outcomes.Min(Sent).ShouldBeGreaterThanOrEqualTo(Nanoseconds.From(Interval));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_request_whose_connection_took_its_time_is_not_followed_closely_by_one_whose_did_not(string mode)
    {
        Assert.SkipWhen(mode is "sequential" or "blocking-read", "one connection is opened after the other");
        await using var server = new ScriptedServer(Answer(Ok()));
        var (opened, both) = (0, new TaskCompletionSource());
        await using var proxy = new ScriptedServer(async connection =>
        {
            // The first is granted once the second is asked for.
            if (Interlocked.Increment(ref opened) == 2)
            {
                both.SetResult();
            }

            await both.Task;
            await ProxyScripts.Socks(server.Port)(connection);
        });
        var address = new ProxyAddress(ProxyScheme.Socks5h, "127.0.0.1", proxy.Port);

        var outcomes = await ModeRun.FetchAsync(
            mode, Rate with { Proxies = new ProxyOptions(address, null, NoProxyList.Empty) }, "http://a.test/1", "http://a.test/2");

        outcomes.ShouldAllBe(outcome => outcome.Ok);
        SentWellApart(outcomes);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_waits_for_its_turn_ends_when_its_time_is_over_or_the_run_is(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("302 Found", "", "Location: /to\r\n")));
        var options = Rate with { StartIntervalPerHost = TimeSpan.FromHours(1) };

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), options with { MaxTime = TimeSpan.FromSeconds(20) });
        (outcome.Error, outcome.NumRedirects).ShouldBe((FetchErrorKind.Timeout, 1));
        outcome.Message.ShouldNotBeNull().ShouldContain("its turn had come");

        using var stop = new CancellationTokenSource();
        var sink = new MemorySink();
        var run = ModeRun.RunAsync(mode, options, new MemorySource([server.Url()]), sink, stop.Token);
        await ModeRun.UntilAsync(() => server.Requests.Count == 2);
        await stop.CancelAsync();
        await run;
        sink.Outcomes.ShouldHaveSingleItem().Error.ShouldBe(FetchErrorKind.Cancelled);
        server.Requests.Count.ShouldBe(2);
    }

    private static long Sent(Outcome outcome) => outcome.Start + outcome.PreTransfer;

    private static void SentWellApart(IReadOnlyList<Outcome> outcomes)
    {
        var sent = outcomes.Select(Sent).Order().ToList();
        sent.Zip(sent.Skip(1), (one, next) => next - one).ShouldAllBe(gap => gap >= Nanoseconds.From(Interval));
    }
}
