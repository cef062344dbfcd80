using System.Threading.Channels;
using Fetcher.Core;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Client;

/// <summary>The library as a program uses it: URLs in, outcomes out.</summary>
public sealed class FetchClientTests
{
    private static readonly FetchOptions Options = new() { Retry = 0 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_odd_about_a_file_of_cookies_is_told_once()
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["cookies.txt"], "this is no cookie\n", TestContext.Current.CancellationToken);
        await using var client = new FetchClient(new FetchOptions { CookieFiles = [folder["cookies.txt"]] });

        for (var run = 0; run < 2; run++)
        {
            await foreach (var outcome in client.FetchAllAsync([server.Url()], TestContext.Current.CancellationToken))
            {
                outcome.Error.ShouldBeNull();
            }
        }

        client.Warnings.ShouldHaveSingleItem().ShouldEndWith("cookies.txt:1: this line is no cookie and was left out");
    }

    [Fact]
    public async Task Header_fields_redirects_and_stalls_are_in_the_outcome()
    {
        await using var server = new ScriptedServer(AnswerByPath(path => path == "/a" ? Response("302 Found", fields: "Location: /b\r\n") : Ok(fields: "ETag: \"1\"\r\n")));
        await using var fetcher = new FetchClient(Options with { Mode = FetchMode.BlockingRead, Stalls = true, IncludeHeaders = ["etag"] });

        var outcome = await fetcher.FetchAsync(server.Url("/a"), Cancellation);

        outcome.Headers.ShouldBe([new ResponseHeader("ETag", "\"1\"")]);
        outcome.Redirects.ShouldBe([new RedirectStep(server.Url("/a"), 302, "/b")]);
        outcome.ClientStall.ShouldBeLessThanOrEqualTo(outcome.TimeTotal);
    }

    [Fact]
    public async Task A_journal_leaves_out_what_has_been_fetched_and_revalidation_asks_whether_it_still_holds()
    {
        using var folder = new TempFolder();
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                await connection.SendAsync(request.Contains("If-None-Match: \"1\"", StringComparison.Ordinal)
                    ? "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n"
                    : Ok(fields: "ETag: \"1\"\r\n"));
            }
        });

        var first = await AllAsync(Options with { JournalPath = folder["j"] }, server.Url());
        var again = await AllAsync(Options with { JournalPath = folder["j"] }, server.Url());
        var later = await AllAsync(Options with { JournalPath = folder["k"], RevalidatePath = folder["j"] }, server.Url());

        (first.Status, first.Skipped).ShouldBe((200, false));
        again.Skipped.ShouldBeTrue();
        (later.Status, later.Ok).ShouldBe((304, true));
        server.Requests.Count.ShouldBe(2);

        static async Task<FetchOutcome> AllAsync(FetchOptions options, string url)
        {
            await using var fetcher = new FetchClient(options);
            var outcomes = new List<FetchOutcome>();
            await foreach (var outcome in fetcher.FetchAllAsync([url], Cancellation))
            {
                outcomes.Add(outcome);
            }

            return outcomes.ShouldHaveSingleItem();
        }
    }

    [Fact]
    public void A_mode_has_a_name_and_there_is_no_other()
    {
        FetchMode[] modes = [.. typeof(FetchMode).GetProperties().Where(property => property.PropertyType == typeof(FetchMode)).Select(property => (FetchMode)property.GetValue(null)!)];

        modes.Select(mode => mode.Name).ShouldBe(Core.Modes.ModeCatalog.All.Select(mode => mode.Name), ignoreOrder: true);
        ((FetchMode)"poll").ShouldBe(FetchMode.Poll);
        $"{FetchMode.Poll}".ShouldBe("poll");
        Should.Throw<ArgumentException>(() => new FetchClient(new FetchOptions { Mode = "nope" })).Message.ShouldContain("'nope' is none of");
        Should.Throw<ArgumentException>(() => new FetchClient(new FetchOptions { Mode = default }));
    }

    [Fact]
    public async Task Every_URL_of_a_list_has_one_outcome()
    {
        await using var server = new ScriptedServer(Scripts.AnswerByPath(path => path == "/missing" ? Scripts.Response("404 Not Found") : Scripts.Ok(path)));
        await using var fetcher = new FetchClient(Options);
        string[] urls = [server.Url("/a"), server.Url("/missing"), "no url", server.Url("/b")];

        var outcomes = await fetcher.FetchAllAsync(urls, Cancellation).OrderBy(outcome => outcome.Index).ToListAsync(Cancellation);

        outcomes.Select(outcome => outcome.Url).ShouldBe(urls);
        outcomes.Select(outcome => outcome.Error?.Kind).ShouldBe([null, FetchErrorKind.HttpStatus, FetchErrorKind.BadUrl, null]);
        outcomes.Select(outcome => outcome.SizeBody).ShouldBe([2, 0, 0, 2]);
        outcomes[0].Status.ShouldBe(200);
        outcomes[0].TimeTotal.ShouldBeGreaterThan(outcomes[0].TimeStartTransfer);
        outcomes[2].FinalUrl.ShouldBeNull();
    }

    [Theory, MemberData(nameof(ModeRun.All), MemberType = typeof(ModeRun))]
    public async Task Outcomes_stay_as_they_are_while_more_is_fetched(string mode)
    {
        await using var server = new ScriptedServer(Scripts.AnswerByPath(path => Scripts.Ok(path)));
        await using var fetcher = NewClient(Options with { Mode = mode, Concurrency = 1, KeepBodies = true });
        var urls = Enumerable.Range(0, 5).Select(i => server.Url($"/{i}")).ToArray();

        var outcomes = await fetcher.FetchAllAsync(urls, Cancellation).ToListAsync(Cancellation);

        outcomes.Select(outcome => outcome.Url).ShouldBe(urls);
        outcomes.Select(outcome => outcome.FinalUrl).ShouldBe(urls);
        outcomes.Select(TextOf).ShouldBe(["/0", "/1", "/2", "/3", "/4"]);
    }

    [Fact]
    public async Task Uris_and_requests_are_taken_too_and_a_name_comes_back()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        await using var fetcher = new FetchClient(Options);
        Uri[] uris = [new(server.Url("/a b"))];
        FetchRequest[] requests = [new(server.Url("/c")) { Id = new UrlId("third"), Headers = [new("X-Own", "yes")], Method = FetchMethod.Head }];

        (await fetcher.FetchAllAsync(uris, Cancellation).ToListAsync(Cancellation)).ShouldHaveSingleItem().Url.ShouldEndWith("/a%20b");
        (await fetcher.FetchAllAsync(requests.ToAsyncEnumerable(), Cancellation).ToListAsync(Cancellation)).ShouldHaveSingleItem().Id!.Text.ShouldBe("third");

        server.Requests[1].ShouldStartWith("HEAD /c ");
        server.Requests[1].ShouldContain("X-Own: yes\r\n");
    }

    [Fact]
    public async Task One_URL_comes_with_its_body()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok("the body")));
        await using var fetcher = new FetchClient(Options);

        TextOf(await fetcher.FetchAsync(server.Url(), Cancellation)).ShouldBe("the body");
        TextOf(await fetcher.FetchAsync(new Uri(server.Url()), Cancellation)).ShouldBe("the body");
    }

    [Fact]
    public async Task A_sequence_that_stays_open_is_served_as_its_URLs_come_over_kept_connections()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        await using var fetcher = new FetchClient(Options);
        var urls = Channel.CreateUnbounded<string>();
        await using var outcomes = fetcher.FetchAllAsync(urls.Reader.ReadAllAsync(Cancellation), Cancellation).GetAsyncEnumerator(Cancellation);

        for (var i = 0; i < 3; i++)
        {
            await urls.Writer.WriteAsync(server.Url($"/{i}"), Cancellation);
            (await outcomes.MoveNextAsync()).ShouldBeTrue();
            outcomes.Current.Url.ShouldBe(server.Url($"/{i}"));
        }

        urls.Writer.Complete();
        (await outcomes.MoveNextAsync()).ShouldBeFalse();
        server.Connections.ShouldBe(1);
    }

    [Fact]
    public async Task URLs_are_asked_for_no_faster_than_outcomes_are_read()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        await using var fetcher = new FetchClient(Options with { Concurrency = 2 });
        var asked = 0;
        var urls = Enumerable.Range(0, 10_000).Select(_ =>
        {
            asked++;
            return server.Url();
        });

        await foreach (var outcome in fetcher.FetchAllAsync(urls, Cancellation))
        {
            // As many are on the way as may be in flight, wait to be read, and wait to begin.
            await Task.Delay(1, Cancellation);
            asked.ShouldBeLessThan((int)outcome.Index + 12);
            if (outcome.Index >= 20)
            {
                break;
            }
        }
    }

    [Fact]
    public async Task A_cancelled_call_breaks_off_what_is_under_way()
    {
        await using var server = new ScriptedServer(Scripts.FallSilent());
        await using var fetcher = new FetchClient(Options);
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var fetched = fetcher.FetchAllAsync([server.Url()], cancelled.Token).ToListAsync(Cancellation).AsTask();
        await ModeRun.UntilAsync(() => server.Requests.Count == 1);

        await cancelled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(fetched);
    }

    [Fact]
    public async Task Leaving_the_enumeration_ends_the_run()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()), Scripts.FallSilent());
        await using var fetcher = new FetchClient(Options with { Concurrency = 2 });

        await foreach (var outcome in fetcher.FetchAllAsync([server.Url(), server.Url()], Cancellation))
        {
            outcome.Ok.ShouldBeTrue();
            break;
        }
    }

    [Fact]
    public async Task A_disposed_client_has_broken_off_its_calls_and_takes_no_more()
    {
        await using var server = new ScriptedServer(Scripts.FallSilent());
        var fetcher = new FetchClient(Options);
        var fetched = fetcher.FetchAsync(server.Url(), Cancellation);
        await ModeRun.UntilAsync(() => server.Requests.Count == 1);

        await fetcher.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(fetched);
        await Should.ThrowAsync<ObjectDisposedException>(fetcher.FetchAsync(server.Url(), Cancellation));
    }

    [Fact]
    public async Task What_the_sequence_of_URLs_throws_comes_out_after_the_outcomes_of_those_before()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        await using var fetcher = new FetchClient(Options);
        var seen = 0;

        var thrown = await Should.ThrowAsync<InvalidOperationException>(async () =>
        {
            await foreach (var outcome in fetcher.FetchAllAsync(Broken(), Cancellation))
            {
                seen++;
            }
        });

        thrown.Message.ShouldBe("no more");
        seen.ShouldBe(1);

        IEnumerable<string> Broken()
        {
            yield return server.Url();
            throw new InvalidOperationException("no more");
        }
    }

    [Fact]
    public async Task A_file_that_cannot_be_used_is_an_exception_that_names_it()
    {
        await using var fetcher = new FetchClient(Options with { CaCertPath = "/nonexistent/ca.pem" });

        (await Should.ThrowAsync<FetchSetupException>(fetcher.FetchAsync("http://127.0.0.1:1/", Cancellation))).Message.ShouldContain("/nonexistent/ca.pem");
    }

    public static TheoryData<string, FetchOptions> WrongOptions => new()
    {
        { "Concurrency", new FetchOptions { Concurrency = 0 } },
        { "Loops", new FetchOptions { Loops = 0 } },
        { "CircuitFailures", new FetchOptions { CircuitFailures = 1 } },
        { "Http2Window", new FetchOptions { Http2Window = 0 } },
        { "Mode", new FetchOptions { Mode = "telepathy" } },
        { "ReadTimeout", new FetchOptions { ReadTimeout = TimeSpan.Zero } },
        { "MaxTime", new FetchOptions { MaxTime = TimeSpan.FromSeconds(-1) } },
        { "Headers", new FetchOptions { Headers = [new("X", "a\r\nY: b")] } },
        { "Headers", new FetchOptions { Headers = [new("X Y", "a")] } },
        { "Continue", new FetchOptions { KeepBodies = true, Continue = true, OutputDir = "out" } },
    };

    [Theory, MemberData(nameof(WrongOptions))]
    public void An_option_that_means_nothing_is_refused_by_name(string name, FetchOptions options) =>
        Should.Throw<ArgumentException>(() => new FetchClient(options)).Message.ShouldStartWith($"{name}: ");

    [Fact]
    public async Task A_field_with_a_line_end_fails_its_URL_and_nothing_is_sent()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        await using var fetcher = new FetchClient(Options);

        var outcome = await fetcher.FetchAsync(new FetchRequest(server.Url()) { Headers = [new("X", "secret\r\nY: b")] }, Cancellation);

        outcome.Error!.Kind.ShouldBe(FetchErrorKind.BadUrl);
        outcome.Error.Message.ShouldNotContain("secret");
        server.Requests.ShouldBeEmpty();
    }

    /// <summary>A client, or a skipped test where the machine lacks what the mode needs.</summary>
    internal static FetchClient NewClient(FetchOptions options, Func<FetchBody, CancellationToken, ValueTask>? onBody = null)
    {
        var mode = Core.Modes.ModeCatalog.Find(options.Mode)!;
        Assert.SkipWhen(mode.WhyNot(options) is not null, $"{options.Mode}: {mode.WhyNot(options)}");
        return new FetchClient(options, onBody);
    }

    private static string TextOf(FetchOutcome outcome) => System.Text.Encoding.UTF8.GetString(outcome.Body.Span);
}
