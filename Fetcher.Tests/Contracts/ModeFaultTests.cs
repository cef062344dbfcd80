using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Work;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: broken networks and servers that die. Every URL has one result, which says what happened.</summary>
public sealed class ModeFaultTests
{
    private static readonly byte[] Body = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 2000).Select(i => $"line {i}\n")));

    public static TheoryData<string> Modes => ModeRun.All;

    private static FetchOptions Hashed => ModeRun.Options with { Sha256 = true };

    private static FetchOptions Impatient => Hashed with { ReadTimeout = TimeSpan.FromMilliseconds(100) };

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_reset_in_any_phase_is_told(string mode)
    {
        string[] phases = ["", "read", "read|HTTP/1.1 200 OK\r\nContent-", "read|HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", "read|HTTP/1.1 200 OK\r\n\r\nhello"];
        foreach (var phase in phases)
        {
            await using var server = new ScriptedServer(async connection =>
            {
                if (phase.StartsWith("read", StringComparison.Ordinal))
                {
                    await connection.ReadRequestAsync();
                    await connection.SendAsync(phase.Split('|').Skip(1).FirstOrDefault(""));
                }

                connection.Reset();
            });

            var outcome = await ModeRun.FetchOneAsync(mode, server.Url());

            outcome.Error.ShouldBeOneOf([FetchErrorKind.Receive, FetchErrorKind.Send, FetchErrorKind.Connect], $"{phase}: {outcome.Message}");
            outcome.ExitCode.ShouldBeOneOf(56, 55, 52, 7, 18);
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_reset_within_the_TLS_handshake_is_told(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadByteAsync();
            connection.Reset();
        });

        var outcome = await ModeRun.FetchOneAsync(mode, server.TlsUrl);

        outcome.Error.ShouldBeOneOf([FetchErrorKind.Tls, FetchErrorKind.Receive, FetchErrorKind.Send], outcome.Message);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_peer_that_closes_its_half_is_not_waited_for(string mode)
    {
        // The script ends with FIN, and the server goes on to receive.
        await using var server = new ScriptedServer(AnswerAndClose("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"), AnswerAndClose(Ok()));

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, server.Url(), server.Url());

        outcomes.Select(outcome => (outcome.Ok, outcome.ExitCode)).ShouldBe([(false, 18), (true, 0)]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_server_that_dies_and_comes_back_costs_retries_and_no_results(string mode)
    {
        var first = new ScriptedServer(Answer(Ok()));
        var port = first.Port;
        var source = new MemorySource([first.Url()], count: 60);
        var sink = new MemorySink { FullAfter = 20 };
        var options = ModeRun.Options with
        {
            Concurrency = 4,
            Retry = 1000,
            RetryDelay = TimeSpan.FromMilliseconds(5),
            RetryAllErrors = true,
            CircuitFailures = 0,
        };

        var run = ModeRun.RunAsync(mode, options, source, sink);
        await ModeRun.UntilAsync(() => sink.IsWaitedFor);
        await first.DisposeAsync();
        sink.MakeRoom();
        await ModeRun.UntilAsync(() => source.Taken > 20);
        await Task.Delay(20);
        await using var second = new ScriptedServer(port, Answer(Ok()));
        await run;

        sink.Outcomes.Select(outcome => outcome.Index).Order().ShouldBe(Enumerable.Range(0, 60).Select(i => (long)i));
        sink.Outcomes.ShouldAllBe(outcome => outcome.Ok);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Latency_and_pieces_of_one_byte_change_nothing_but_the_time(string mode)
    {
        var body = Body[..2000];
        var response = Ok(body);
        await using var server = new ScriptedServer(Answer(response));
        await using var proxy = new FaultProxy(server.Port, new Fault { Latency = TimeSpan.FromMilliseconds(3), Slice = 1 });

        var outcomes = await ModeRun.FetchAsync(mode, Hashed, proxy.Url(), proxy.Url());

        outcomes.ShouldAllBe(outcome => outcome.Message == null && outcome.Sha256 == Hash(body));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_cut_or_a_stall_anywhere_is_a_failure_and_never_a_shorter_body(string mode)
    {
        var response = Ok(Body);
        await using var server = new ScriptedServer(Answer(response));
        foreach (var place in (int[])[1, 10, 30, response.Length - Body.Length, response.Length - 1])
        {
            await using var cut = new FaultProxy(server.Port, new Fault { CutAfter = place });
            var broken = await ModeRun.FetchOneAsync(mode, cut.Url(), Hashed);
            broken.Error.ShouldBe(FetchErrorKind.Receive, $"cut after {place}: {broken.Message}");
            broken.ExitCode.ShouldBeOneOf(18, 56);
        }

        await using var stall = new FaultProxy(server.Port, new Fault { StallAfter = response.Length - 1 });
        (await ModeRun.FetchOneAsync(mode, stall.Url(), Impatient)).Error.ShouldBe(FetchErrorKind.Timeout);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Corruption_anywhere_in_the_header_section_ends_in_one_result_that_holds(string mode)
    {
        var response = Ok(Body[..100], "Content-Type: text/plain\r\n");
        await using var server = new ScriptedServer(Answer(response));
        foreach (var every in (int[])[1, 2, 3, 5, 7, 11, 13, 17, 23, 31, 41, 53, 67])
        {
            await using var proxy = new FaultProxy(server.Port, new Fault { CorruptEvery = every });

            var outcome = await ModeRun.FetchOneAsync(mode, proxy.Url(), Impatient);

            if (outcome.Ok)
            {
                // What is not said to be broken must be a body of the length that its header section has.
                outcome.SizeBody.ShouldBe(outcome.SizeDownload);
            }
            else
            {
                outcome.Message.ShouldNotBeNullOrEmpty();
                outcome.Message.ShouldNotContain("bug");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_clock_that_is_set_back_changes_no_time_and_no_limit(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("503 Busy", "", "Retry-After: 0\r\n"), Ok()));
        var sink = new MemorySink();
        var job = new FetchJob(ModeRun.Options with { Retry = 2, MaxTime = TimeSpan.FromSeconds(60) }, new ListWork(new MemorySource([server.Url()], count: 10), sink), new JumpingClock());

        await ModeRun.RunAsync(mode, job);

        sink.Outcomes.Count.ShouldBe(10);
        foreach (var outcome in sink.Outcomes)
        {
            outcome.Message.ShouldBeNull();
            long[] times = [0, outcome.PreTransfer, outcome.StartTransfer, outcome.Total, 30_000_000_000];
            times.ShouldBeInOrder();
        }
    }

    private static string Hash(byte[] data) => Convert.ToHexStringLower(SHA256.HashData(data));

    /// <summary>The date goes back a day each time somebody looks; what counts time goes on.</summary>
    private sealed class JumpingClock : TimeProvider
    {
        private long _looks;

        public override DateTimeOffset GetUtcNow() =>
            DateTimeOffset.Parse("2030-01-01", CultureInfo.InvariantCulture).AddDays(-Interlocked.Increment(ref _looks));
    }
}
