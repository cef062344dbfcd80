using Fetcher.Core;
using Fetcher.Core.Http.Http2;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Reports;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Loop.Watching;

/// <summary>What transfers of HTTP/2 wait for when a window is closed by us: another's unread body, or their own.</summary>
public sealed class WindowStallTests
{
    private const int Others = 7;
    private const int UnreadLength = 1 << 20, OtherLength = 600;

    private static readonly int[] Lengths = [UnreadLength, .. Enumerable.Repeat(OtherLength, Others)];

    public static TheoryData<string> Loops => ["async", "select", "poll", "busy-wait", "io-uring"];

    private static FetchOptions Options { get; } = WatchedRun.Options with { Protocol = HttpProtocol.Http2PriorKnowledge, Concurrency = Others + 1 };

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task An_unread_body_that_fills_the_window_of_its_connection_is_named_by_those_who_wait(string mode)
    {
        // Nobody reads it until a while after it has filled the window for the second time: what comes at first, its reader's pipe takes.
        const int Window = Http2Limits.DefaultWindow;
        var full = new TaskCompletionSource();
        await using var server = new ScriptedServer(
            connection => Http2WindowPeer.ServeAsync(connection, Lengths, onFull: sent => _ = sent >= 2 * Window && full.TrySetResult()));
        var run = await WindowRun.OfAsync(
            mode,
            Options with { Http2ConnectionWindow = Window },
            async (body, cancellation) =>
            {
                if (body.Index == 0)
                {
                    await full.Task.WaitAsync(cancellation);
                    await Task.Delay(200, cancellation);
                }

                await body.Content.CopyToAsync(Stream.Null, cancellation);
            },
            _ => { },
            Urls(server));

        run.Outcomes.ShouldAllBe(outcome => outcome.Message == null);

        // A busy machine gives them more to wait for.
        var stalls = run.Record!.Loops.SelectMany(loop => loop.Stalls).Where(stall => stall.Cause == StallCause.Window).ToArray();
        stalls.ShouldAllBe(stall => stall.Behind.Kind == SpanKind.UnreadBody && stall.Behind.Transfer == 0);
        stalls.Select(stall => stall.Transfer).Distinct().Order().ShouldBe(Enumerable.Range(1, Others).Select(i => (long)i));
        run.Outcomes.Skip(1).ShouldAllBe(outcome => outcome.ClientStall > 0);
        var worst = run.Record.Blockers.Single(blocker => blocker.Kind == SpanKind.UnreadBody);
        worst.ShouldSatisfyAllConditions(
            () => worst.Transfer.ShouldBe(0), () => worst.Stalled.ShouldBe(Others), () => worst.Url.ShouldBe(server.Url("/unread")),
            () => worst.Cost.ShouldBeGreaterThan(worst.Held));
        StallText.Words(worst).ShouldStartWith($"transfer 0's unread body ({server.Url("/unread")}) filled the window of its HTTP/2 connection for ");
        run.Streams.Worst!.Value.Url.ShouldBe(server.Url("/unread"));
        run.Streams.ConnectionsClosed.ShouldBeGreaterThan(0);
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task With_the_usual_window_an_unread_body_keeps_nobody_waiting(string mode)
    {
        await using var server = new ScriptedServer(connection => Http2WindowPeer.ServeAsync(connection, Lengths));
        var others = new TaskCompletionSource();

        var run = await WindowRun.OfAsync(
            mode,
            Options,
            async (body, cancellation) =>
            {
                await (body.Index == 0 ? others.Task.WaitAsync(cancellation) : Task.CompletedTask);
                await body.Content.CopyToAsync(Stream.Null, cancellation);
            },
            ended => _ = ended == Others && others.TrySetResult(),
            Urls(server));

        run.Outcomes.ShouldAllBe(outcome => outcome.Message == null);
        run.Ended[^1].ShouldBe(0);
        run.Record!.Blockers.ShouldNotContain(blocker => blocker.Kind == SpanKind.UnreadBody);
        run.Streams.ConnectionsClosed.ShouldBe(0);
    }

    [Fact]
    public async Task A_stream_whose_window_a_blocking_read_left_closed_waited_for_that()
    {
        const int Window = Http2Limits.DefaultWindow;
        await using var server = new ScriptedServer(async connection =>
        {
            var peer = await Http2Peer.BeginAsync(connection);
            var (read, other) = (await peer.NextRequestAsync(), await peer.NextRequestAsync());
            await peer.SendAsync($"headers {read.Stream} 200 | headers {other.Stream} 200");
            await Http2WindowPeer.FillAsync(connection, other.Stream, Window);
            await Task.Delay(100);
            await peer.SendAsync($"data {read.Stream} hello end");

            // More may come when the other is read.
            while (!peer.Others.Any(frame => frame.Type == Http2FrameType.WindowUpdate && frame.Stream == other.Stream))
            {
                await peer.NextFrameAsync();
            }

            await peer.SendAsync($"data {other.Stream} hello end");
        });

        var run = await WindowRun.OfAsync(
            "blocking-read", Options with { Http2Window = Window }, reader: null, _ => { }, server.Url("/read"), server.Url("/other"));

        run.Outcomes.ShouldAllBe(outcome => outcome.Message == null);
        run.Record!.Loops.SelectMany(loop => loop.Stalls).ShouldContain(
            stall => stall.Transfer == 1 && stall.Cause == StallCause.Window && stall.Behind.Kind == SpanKind.BlockingRead && stall.Behind.Transfer == 0);
        run.Streams.StreamsClosed.ShouldBeGreaterThan(0);
        run.Streams.Worst!.Value.Url.ShouldBe(server.Url("/other"));
        run.Streams.Most.ShouldBe(2);
    }

    [Theory]
    [InlineData(64 * 1024, true)]
    [InlineData(1 << 20, false)]
    public async Task A_blocking_read_closes_the_windows_that_the_bodies_do_not_fit(int window, bool isClosed)
    {
        // The server sends as much of each as it may.
        await using var server = new ScriptedServer(connection => Http2WindowPeer.ServeAsync(connection, [.. Enumerable.Repeat(512 * 1024, 4)], frame: 10_000));

        var run = await WindowRun.OfAsync(
            "blocking-read", Options with { Http2Window = window }, reader: null, _ => { }, [.. Enumerable.Range(0, 4).Select(i => server.Url($"/{i}"))]);

        run.Outcomes.ShouldAllBe(outcome => outcome.Message == null);
        (run.Streams.StreamsClosed > 0).ShouldBe(isClosed);
        run.Streams.Most.ShouldBe(4);
    }

    private static string[] Urls(ScriptedServer server) => [server.Url("/unread"), .. Enumerable.Range(0, Others).Select(i => server.Url($"/{i}"))];
}
