using System.Net;
using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Modes;
using Fetcher.Core.Net;
using Fetcher.Core.Timing;
using Fetcher.Core.Work;
using Fetcher.Tests.Testing;
using Microsoft.Extensions.Time.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: each limit of time holds, in every phase (curl's exit code 28).</summary>
public sealed class ModeTimeoutTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(40);

    public static TheoryData<string> Modes => ModeRun.All;

    public static TheoryData<ProxyScheme> ProxySchemes => [.. Enum.GetValues<ProxyScheme>()];

    private static FetchOptions ReadTimeout => ModeRun.Options with { ReadTimeout = Short };

    private static FetchOptions MaxTime => ModeRun.Options with { MaxTime = Short };

    /// <summary>So that what takes too long is the handshake, also on a busy machine.</summary>
    private static FetchOptions EnoughToConnect => ModeRun.Options with { ConnectTimeout = TimeSpan.FromSeconds(3) };

    private static FetchOptions ConnectTimeout => ModeRun.Options with { ConnectTimeout = Short };

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Silence_before_the_response_ends_at_the_read_timeout(string mode) =>
        await TimesOutAsync(mode, ReadTimeout, FallSilent());

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Silence_within_the_header_section_ends_at_the_read_timeout(string mode) =>
        await TimesOutAsync(mode, ReadTimeout, FallSilent("HTTP/1.1 200 OK\r\n"));

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Silence_within_the_body_ends_at_the_read_timeout(string mode) =>
        await TimesOutAsync(mode, ReadTimeout, FallSilent("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"));

    [Fact]
    public async Task A_TLS_handshake_that_stalls_is_told_as_such()
    {
        await SystemTrust.Loaded;
        await using var server = new ScriptedServer(connection => connection.HoldAsync());

        foreach (var (mode, outcome) in await InAllModesAsync(server.TlsUrl, EnoughToConnect))
        {
            (outcome.ExitCode, outcome.Message).ShouldBe((28, "the TLS handshake with 127.0.0.1 took too long"), mode);
            (outcome.Connect > 0, outcome.AppConnect).ShouldBe((true, 0), mode);
        }
    }

    [Theory]
    [MemberData(nameof(ProxySchemes))]
    public async Task A_proxy_that_stalls_is_told_as_such(ProxyScheme scheme)
    {
        await SystemTrust.Loaded;
        await using var server = new ScriptedServer(connection => connection.HoldAsync());
        var proxy = new ProxyAddress(scheme, "127.0.0.1", server.Port);
        var options = EnoughToConnect with { Proxies = new ProxyOptions(proxy, proxy, NoProxyList.Empty) };

        foreach (var (mode, outcome) in await InAllModesAsync("https://192.0.2.1/", options))
        {
            (outcome.ExitCode, outcome.Message).ShouldBe((28, $"the handshake with the proxy {proxy} took too long"), mode);
        }
    }

    [Fact]
    public async Task A_response_that_goes_on_is_not_silent()
    {
        // Each pause is far shorter than the limit, on a busy machine too; all of them together are longer.
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n");
            for (var i = 0; i < 8; i++)
            {
                await Task.Delay(500);
                await connection.SendAsync("x");
            }
        });

        var outcomes = await InAllModesAsync(server.Url(), ModeRun.Options with { ReadTimeout = TimeSpan.FromSeconds(3.5) });

        outcomes.ShouldAllBe(each => each.Outcome.Message == null && each.Outcome.SizeBody == 8);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Waiting_for_the_response_ends_at_the_max_time(string mode) => await TimesOutAsync(mode, MaxTime, FallSilent());

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_that_drips_for_ever_ends_at_the_max_time(string mode) => await TimesOutAsync(mode, MaxTime, async connection =>
    {
        await connection.ReadRequestAsync();
        await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
        while (true)
        {
            await connection.SendAsync("x");
            await Task.Delay(1);
        }
    });

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_response_that_trickles_ends_at_the_speed_limit(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
            while (true)
            {
                await connection.SendAsync("x");
                await Task.Delay(1);
            }
        });

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), ModeRun.Options with { SpeedLimit = 1_000_000, SpeedTime = Short });

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Timeout, 28), outcome.Message);
        outcome.Message.ShouldBe("fewer than 1000000 bytes/s came for 0.04 s");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task So_does_one_that_does_not_begin_and_a_fast_one_does_not(string mode)
    {
        var options = ModeRun.Options with { SpeedLimit = 1, SpeedTime = Short };
        await using var silent = new ScriptedServer(FallSilent());
        await using var fast = new ScriptedServer(Answer(Ok()));

        (await ModeRun.FetchOneAsync(mode, silent.Url(), options)).Message.ShouldBe("fewer than 1 bytes/s came for 0.04 s");
        (await ModeRun.FetchOneAsync(mode, fast.Url(), options with { SpeedTime = TimeSpan.FromSeconds(30) })).Message.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Retries_end_at_the_max_time(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("503 Busy")));

        var outcome = await ModeRun.FetchOneAsync(
            mode,
            server.Url(),
            ModeRun.Options with { MaxTime = TimeSpan.FromMilliseconds(300), Retry = 3, RetryDelay = TimeSpan.FromSeconds(100) });

        (outcome.Error, outcome.ExitCode, outcome.Attempts).ShouldBe((FetchErrorKind.Timeout, 28, 1), outcome.Message);
        outcome.Phases.ShouldBe(new PhaseDurations(outcome.Queue, Earlier: outcome.Total - outcome.Queue, 0, 0, 0, 0, 0));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_pause_that_the_max_time_ends_leaves_its_slot_where_it_was(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("503 Busy")));
        var options = ModeRun.Options with { MaxTime = TimeSpan.FromMilliseconds(100), Retry = 3, RetryDelay = TimeSpan.FromSeconds(100) };

        // A loop that is used from another thread throws. A URL whose time is over before its pause would begin says what the server answered.
        var outcomes = await ModeRun.FetchAsync(mode, options, [.. Enumerable.Repeat(server.Url(), 5)]);

        outcomes.ShouldAllBe(outcome => outcome.ExitCode == 28 || outcome.ExitCode == 22);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_host_that_does_not_answer_ends_at_the_connect_timeout(string mode)
    {
        using var full = new FullListener();

        var outcome = await ModeRun.FetchOneAsync(mode, full.Url, ConnectTimeout);

        (outcome.Error, outcome.ExitCode, outcome.Connect).ShouldBe((FetchErrorKind.Timeout, 28, 0), outcome.Message);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_host_that_does_not_answer_ends_at_the_max_time(string mode)
    {
        using var full = new FullListener();

        var outcome = await ModeRun.FetchOneAsync(mode, full.Url, MaxTime);

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Timeout, 28), outcome.Message);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task An_address_that_does_not_answer_does_not_keep_the_next_from_being_tried(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        using var deaf = new FullListener(IPAddress.Parse("127.0.0.2"), server.Port);
        var entry = new ResolveEntry("a.test", server.Port, [IPAddress.Parse("127.0.0.2"), IPAddress.Loopback]);
        var options = ModeRun.Options with { Resolve = [entry], ConnectTimeout = TimeSpan.FromSeconds(4) };

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/", "a.test"), options);

        (outcome.Message, outcome.RemoteIp).ShouldBe((null, "127.0.0.1"));
    }

    [Theory]
    [InlineData("threads")]
    [InlineData("busy-wait")]
    [InlineData("select")]
    [InlineData("poll")]
    [InlineData("blocking-read")]
    [InlineData("async")]
    [InlineData("io-uring")]
    public async Task An_answer_that_came_in_time_is_taken_though_the_loop_comes_to_it_too_late(string mode)
    {
        var clock = new FakeTimeProvider();
        var (bothAsked, mayAnswer, answered) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                if (request.Contains("/late", StringComparison.Ordinal))
                {
                    bothAsked.SetResult();
                    await mayAnswer.Task;
                    await connection.SendAsync(Ok());
                    await connection.UntilDeliveredAsync();
                    answered.SetResult();
                }
                else
                {
                    await bothAsked.Task;
                    await connection.SendAsync(Ok());
                }
            }
        });
        var held = 0;
        var sink = new MemorySink
        {
            OnResult = () =>
            {
                if (Interlocked.Increment(ref held) == 1)
                {
                    mayAnswer.SetResult();
                    answered.Task.Wait(TestContext.Current.CancellationToken);
                    clock.Advance(TimeSpan.FromMinutes(2));
                }
            },
        };
        var source = new MemorySource([server.Url("/late"), server.Url("/a")]);

        await ModeRun.RunAsync(mode, new FetchJob(ModeRun.Options with { Concurrency = 2 }, new ListWork(source, sink), clock));

        sink.Outcomes.Select(outcome => outcome.Message).ShouldBe([null, null]);
    }

    /// <summary>All modes at once, where a test takes its time.</summary>
    private static async Task<(string Mode, Outcome Outcome)[]> InAllModesAsync(string url, FetchOptions options) =>
        await Task.WhenAll(ModeCatalog.All.Where(mode => mode.WhyNot(ModeRun.Options) is null)
            .Select(async mode => (mode.Name, await ModeRun.FetchOneAsync(mode.Name, url, options))));

    private static async Task TimesOutAsync(string mode, FetchOptions options, Func<ScriptedConnection, Task> script)
    {
        await using var server = new ScriptedServer(script);

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), options);

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Timeout, 28), outcome.Message);
        outcome.Total.ShouldBeGreaterThanOrEqualTo(Short.Ticks * 100);
    }
}
