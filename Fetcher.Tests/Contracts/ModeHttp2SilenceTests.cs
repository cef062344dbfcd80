using Fetcher.Core;
using Fetcher.Core.Http.Http2;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Contracts;

/// <summary>A server that is silent on one stream, one that is not there any more, and one whose first answer holds a mode up.</summary>
public sealed class ModeHttp2SilenceTests
{
    private const string Hello = "headers N 200 content-length=5 | data N hello end";

    public static TheoryData<string> Modes => ModeHttp2StreamTests.Modes;

    public static TheoryData<string> SharingModes => [.. Modes.Select(row => row.Data).Except(["sequential", "threads"])];

    /// <summary>A loop that parks, one whose kernel receives, one that stands in bodies, and one that stands in everything.</summary>
    public static TheoryData<string> Waiting => ["async", "io-uring", "blocking-read", "sequential"];

    private static FetchOptions Options { get; } = ModeRun.Options with { Protocol = HttpProtocol.Http2PriorKnowledge };

    [Theory]
    [MemberData(nameof(Waiting))]
    public async Task A_server_that_answers_a_ping_keeps_its_connection_when_a_stream_is_silent(string mode)
    {
        var peers = new List<Http2Peer>();
        await using var server = new ScriptedServer(async connection =>
        {
            var peer = await Http2Peer.BeginAsync(connection, answersPings: true);
            peers.Add(peer);
            while (true)
            {
                var (stream, path) = await peer.NextRequestAsync();
                await peer.AnswerAsync(stream, path switch { "/silent" => "ping", "/stalled" => "headers N 200 | data N hel", _ => Hello });
            }
        });
        string[] urls = [server.Url("/"), server.Url("/silent"), server.Url("/stalled"), server.Url("/")];

        var outcomes = await ModeRun.FetchAsync(mode, Options with { ReadTimeout = TimeSpan.FromSeconds(1) }, urls);

        outcomes.Select(outcome => outcome.ExitCode).ShouldBe([0, 28, 28, 0]);
        outcomes.Sum(outcome => outcome.NumConnects).ShouldBe(1);
        peers.Single().Others.Count(frame => frame.Type == Http2FrameType.Ping).ShouldBeGreaterThanOrEqualTo(2);
    }

    [Theory]
    [MemberData(nameof(Waiting))]
    public async Task A_server_that_does_not_answer_is_asked_no_more_on_this_connection(string mode)
    {
        await using var server = new ScriptedServer(Http2Peer.Answering(path => path == "/silent" ? "" : Hello));

        var outcomes = await ModeRun.FetchAsync(
            mode, Options with { ReadTimeout = TimeSpan.FromSeconds(0.4) }, server.Url("/"), server.Url("/silent"), server.Url("/"));

        outcomes.Select(outcome => outcome.ExitCode).ShouldBe([0, 28, 0]);
        outcomes[1].Message.ShouldBe("nothing could be received for 0.4 s");
        outcomes.Select(outcome => outcome.NumConnects).ShouldBe([1, 0, 1]);
    }

    [Fact]
    public async Task A_server_that_is_gone_is_found_out_though_the_window_is_closed_by_us()
    {
        // The first body is not read until the other has its result, and nobody tells whether the server is still there.
        var ended = new TaskCompletionSource();
        await using var server = new ScriptedServer(async connection =>
        {
            var peer = await Http2Peer.BeginAsync(connection);
            var (unread, other) = (await peer.NextRequestAsync(), await peer.NextRequestAsync());
            await peer.SendAsync($"headers {unread.Stream} 200 | headers {other.Stream} 200");

            // As much as it takes in before it stops, and as much as may lie unread then.
            await Http2WindowPeer.FillAsync(connection, unread.Stream, Http2Limits.DefaultWindow);
            while (peer.Others.Count(frame => frame.Type == Http2FrameType.WindowUpdate && frame.Stream == 0) < 2)
            {
                await peer.NextFrameAsync();
            }

            await Http2WindowPeer.FillAsync(connection, unread.Stream, Http2Limits.DefaultWindow);
            await ended.Task;
        });
        var options = Options with { ReadTimeout = TimeSpan.FromSeconds(0.4), Concurrency = 2, Http2ConnectionWindow = Http2Limits.DefaultWindow };
        var run = await WindowRun.OfAsync(
            "async",
            options,
            (body, _) => body.Index == 0 ? new ValueTask(ended.Task) : ValueTask.CompletedTask,
            _ => ended.TrySetResult(),
            server.Url("/unread"), server.Url("/other"));

        run.Outcomes.ShouldAllBe(outcome => !outcome.Ok);
        run.Outcomes[1].Message.ShouldBe("nothing could be received for 0.4 s");
        run.Streams.Worst!.Value.Url.ShouldBe(server.Url("/unread"));
    }

    /// <summary>The server answers the first request as soon as it may, and its body has an end only once the others are asked for.</summary>
    [Theory]
    [MemberData(nameof(SharingModes))]
    public async Task All_are_asked_for_before_the_first_answer_can_hold_anybody_up(string mode)
    {
        const int Others = 3;
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadBytesAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".Length);
            Http2FrameHeader header;
            do
            {
                header = Http2FrameHeader.Read(await connection.ReadBytesAsync(Http2FrameHeader.Size));
                await connection.ReadBytesAsync(header.Length);
            }
            while (header.Type != Http2FrameType.Headers);

            await connection.SendAsync(Http2Script.Bytes($"settings 3=100 | headers {header.Stream} 200 content-length=5 | data {header.Stream} he"));
            var asked = new List<int>();
            while (asked.Count < Others)
            {
                var next = Http2FrameHeader.Read(await connection.ReadBytesAsync(Http2FrameHeader.Size));
                await connection.ReadBytesAsync(next.Length);
                if (next.Type == Http2FrameType.Headers)
                {
                    asked.Add(next.Stream);
                }
            }

            var answers = asked.Select(stream => Hello.Replace("N", $"{stream}", StringComparison.Ordinal));
            await connection.SendAsync(Http2Script.Bytes($"{string.Join('|', answers)} | data {header.Stream} llo end"));
        });

        var outcomes = await ModeRun.FetchAsync(
            mode, Options with { Concurrency = Others + 1, ReadTimeout = TimeSpan.FromSeconds(5) }, [.. Enumerable.Repeat(server.Url(), Others + 1)]);

        outcomes.ShouldAllBe(outcome => outcome.Message == null && outcome.SizeBody == 5);
        outcomes.Sum(outcome => outcome.NumConnects).ShouldBe(1);
    }

    /// <summary>Ten are answered; then the server has had enough, and at last looks how much it is asked at once.</summary>
    [Theory]
    [InlineData("async")]
    [InlineData("httpclient")]
    public async Task With_adaptive_a_server_that_asks_for_calm_is_asked_less(string mode)
    {
        var most = 0;
        await using var server = new ScriptedServer(async connection =>
        {
            var peer = await Http2Peer.BeginAsync(connection, "settings 3=100");
            for (var asked = 1; ; asked++)
            {
                var (stream, _) = await peer.NextRequestAsync();
                if (asked <= 10 || asked > 41)
                {
                    await peer.AnswerAsync(stream, Hello);
                }
                else if (asked <= 40)
                {
                    await peer.AnswerAsync(stream, "rst N 11");
                }
                else
                {
                    var next = peer.NextRequestAsync();
                    most = await Task.WhenAny(next, Task.Delay(300)) == next ? 2 : 1;
                    await peer.AnswerAsync(stream, Hello);
                    await peer.AnswerAsync((await next).Stream, Hello);
                }
            }
        });

        await ModeRun.FetchAsync(
            mode, Options with { Adaptive = true, Concurrency = 24, CircuitFailures = 0 }, [.. Enumerable.Repeat(server.Url(), 50)]);

        most.ShouldBe(1);
    }
}
