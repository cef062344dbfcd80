using Fetcher.Core;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Client;

/// <summary>One URL at a time: the calls of a client share one run, and each is its own.</summary>
public sealed class FetchAsyncTests
{
    private static readonly FetchOptions Options = new() { Retry = 0 };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_one_after_the_other_use_one_connection()
    {
        await using var server = new ScriptedServer(Scripts.AnswerByPath(path => Scripts.Ok(path)));
        await using var fetcher = new FetchClient(Options);

        for (var i = 0; i < 500; i++)
        {
            var outcome = await fetcher.FetchAsync(server.Url($"/{i}"), Cancellation);
            (TextOf(outcome), outcome.Index, outcome.NumConnects).ShouldBe(($"/{i}", i, i == 0 ? 1 : 0));
            outcome.Start.ShouldBeLessThan(Patience, "it counts from the call, not from the first one");
        }

        server.Connections.ShouldBe(1);
    }

    [Theory, MemberData(nameof(ModeRun.All), MemberType = typeof(ModeRun))]
    public async Task Calls_from_many_threads_at_once_keep_to_the_concurrency_and_each_gets_its_own(string mode)
    {
        const int Concurrency = 4;
        var (gate, here, most) = (new Lock(), 0, 0);
        var full = new TaskCompletionSource();
        var isAlone = mode == "sequential";
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                lock (gate)
                {
                    most = Math.Max(most, ++here);
                    if (here == Concurrency || isAlone)
                    {
                        full.TrySetResult();
                    }
                }

                // Nobody is answered before as many as are allowed have come.
                await full.Task;
                lock (gate)
                {
                    here--;
                }

                await connection.SendAsync(Scripts.Ok(request.Split(' ')[1]));
            }
        });
        await using var fetcher = FetchClientTests.NewClient(Options with { Mode = mode, Concurrency = Concurrency });

        var fetched = await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(
            async () => await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
            {
                var path = $"/{thread}/{i}";
                return TextOf(await fetcher.FetchAsync(server.Url(path), Cancellation)) == path;
            })),
            Cancellation))).WaitAsync(Patience, Cancellation);

        fetched.SelectMany(own => own).ShouldAllBe(own => own);
        most.ShouldBe(isAlone ? 1 : Concurrency);
        server.Connections.ShouldBeLessThanOrEqualTo(Concurrency);
    }

    [Theory, MemberData(nameof(ModeRun.All), MemberType = typeof(ModeRun))]
    public async Task A_cancelled_call_leaves_its_place_to_the_next_at_once_and_disturbs_nobody(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                await connection.SendAsync(request.Contains("/half", StringComparison.Ordinal) ? "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf" : Scripts.Ok());
                if (request.Contains("/silent", StringComparison.Ordinal) || request.Contains("/half", StringComparison.Ordinal))
                {
                    await connection.HoldAsync();
                }
            }
        });
        await using var silent = new ScriptedServer(Scripts.FallSilent());
        await using var fetcher = FetchClientTests.NewClient(Options with { Mode = mode, Concurrency = 1, Retry = 5, RetryDelay = TimeSpan.Zero });
        foreach (var url in (string[])[silent.Url(), server.Url("/half")])
        {
            using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var asked = server.Requests.Count + silent.Requests.Count;
            var first = fetcher.FetchAsync(url, cancelled.Token);
            await ModeRun.UntilAsync(() => server.Requests.Count + silent.Requests.Count > asked);
            var next = fetcher.FetchAsync(server.Url("/next"), Cancellation);

            await cancelled.CancelAsync();

            (await Should.ThrowAsync<OperationCanceledException>(first)).CancellationToken.ShouldBe(cancelled.Token);
            (await next.WaitAsync(Patience, Cancellation)).Ok.ShouldBeTrue();
        }

        silent.Requests.Count.ShouldBe(1, "what was cancelled is not asked for again");
        server.Requests.Count(request => request.Contains("/half", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_while_it_waits_is_never_asked_for()
    {
        var answer = new TaskCompletionSource();
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                await answer.Task;
                await connection.SendAsync(Scripts.Ok());
            }
        });
        await using var fetcher = new FetchClient(Options with { Concurrency = 1 });
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var first = fetcher.FetchAsync(server.Url("/1"), Cancellation);
        await ModeRun.UntilAsync(() => server.Requests.Count == 1);
        var second = fetcher.FetchAsync(server.Url("/2"), cancelled.Token);
        var third = fetcher.FetchAsync(server.Url("/3"), Cancellation);

        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(second);
        answer.SetResult();

        (await Task.WhenAll(first, third)).ShouldAllBe(outcome => outcome.Ok);
        server.Requests.Select(request => request.Split(' ')[1]).ShouldBe(["/1", "/3"]);
        await Should.ThrowAsync<OperationCanceledException>(fetcher.FetchAsync(server.Url("/4"), cancelled.Token));
    }

    [Fact]
    public async Task Disposing_ends_the_calls_under_way_and_those_that_wait()
    {
        await using var server = new ScriptedServer(Scripts.FallSilent());
        var fetcher = new FetchClient(Options with { Concurrency = 2 });
        var calls = Enumerable.Range(0, 5).Select(i => fetcher.FetchAsync(server.Url($"/{i}"), Cancellation)).ToArray();
        await ModeRun.UntilAsync(() => server.Requests.Count == 2);

        await fetcher.DisposeAsync();
        await fetcher.DisposeAsync();

        foreach (var call in calls)
        {
            await Should.ThrowAsync<ObjectDisposedException>(call);
        }

        await Should.ThrowAsync<ObjectDisposedException>(fetcher.FetchAsync(server.Url(), Cancellation));
        server.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task What_cannot_begin_fails_every_call_and_the_next_one_tries_again()
    {
        using var folder = new TempFolder();
        using var certificates = new Certificates();
        await using var server = new ScriptedServer(certificates.Issue("127.0.0.1"), Scripts.Answer(Scripts.Ok()));
        await using var fetcher = new FetchClient(Options with { CaCertPath = folder["ca.pem"] });
        Task<FetchOutcome>[] early = [fetcher.FetchAsync(server.Url(), Cancellation), fetcher.FetchAsync(server.Url(), Cancellation)];

        foreach (var call in early)
        {
            (await Should.ThrowAsync<FetchSetupException>(call)).Message.ShouldContain("ca.pem");
        }

        File.Copy(certificates.AuthorityPath, folder["ca.pem"]);
        (await fetcher.FetchAsync(server.Url(), Cancellation)).Ok.ShouldBeTrue();
    }

    [Fact]
    public async Task Cookies_are_the_same_for_all_calls_and_are_written_when_the_client_is_disposed()
    {
        using var folder = new TempFolder();
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok("", "Set-Cookie: a=1\r\n"), Scripts.Ok()));
        await using (var fetcher = new FetchClient(Options with { CookieJarPath = folder["jar"] }))
        {
            await fetcher.FetchAsync(server.Url(), Cancellation);
            await fetcher.FetchAsync(server.Url(), Cancellation);
        }

        server.Requests[1].ShouldContain("Cookie: a=1\r\n");
        (await File.ReadAllTextAsync(folder["jar"], Cancellation)).ShouldContain("127.0.0.1");

        var gone = Directory.CreateDirectory(folder["gone"]);
        var unwritable = new FetchClient(Options with { CookieJarPath = folder["gone/jar"] });
        await unwritable.FetchAsync(server.Url(), Cancellation);
        gone.Delete(recursive: true);
        await Should.ThrowAsync<IOException>(async () => await unwritable.DisposeAsync());
    }

    [Fact]
    public async Task Every_body_goes_to_the_reader_if_there_is_one()
    {
        await using var server = new ScriptedServer(Scripts.AnswerByPath(path => Scripts.Ok(path)));
        var read = new List<string>();
        await using var fetcher = new FetchClient(Options, async (body, cancellation) =>
        {
            using var reader = new StreamReader(body.Content);
            read.Add(await reader.ReadToEndAsync(cancellation));
        });

        (await fetcher.FetchAsync(server.Url("/a"), Cancellation)).Body.IsEmpty.ShouldBeTrue();
        (await fetcher.FetchAsync(server.Url("/b"), Cancellation)).SizeBody.ShouldBe(2);

        read.ShouldBe(["/a", "/b"]);
    }

    [Fact]
    public async Task A_cancelled_call_breaks_off_the_reading_of_its_body()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok("body")));
        var (isReading, isOver) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var fetcher = new FetchClient(Options with { Concurrency = 1 }, async (body, cancellation) =>
        {
            using var over = cancellation.Register(isOver.SetResult);
            isReading.TrySetResult();
            await isOver.Task;
        });
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var call = fetcher.FetchAsync(server.Url(), cancelled.Token);
        await isReading.Task.WaitAsync(Patience, Cancellation);

        await cancelled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
        await isOver.Task.WaitAsync(Patience, Cancellation);
    }

    private static string TextOf(FetchOutcome outcome) => System.Text.Encoding.UTF8.GetString(outcome.Body.Span);
}
