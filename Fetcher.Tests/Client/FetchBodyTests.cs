using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Fetcher.Core;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Client;

/// <summary>Bodies as streams: what the user's code gets of them, when, and what its failures do.</summary>
public sealed class FetchBodyTests
{
    private static readonly FetchOptions Options = new() { Retry = 0 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(ModeRun.All), MemberType = typeof(ModeRun))]
    public async Task Each_body_comes_as_a_stream_and_its_outcome_after_it_was_read(string mode)
    {
        await using var server = new ScriptedServer(Scripts.AnswerByPath(path => Scripts.Ok(path)));
        var bodies = new ConcurrentDictionary<long, string>();
        await using var fetcher = FetchClientTests.NewClient(Options with { Mode = mode }, async (body, cancellation) =>
        {
            using var reader = new StreamReader(body.Content);
            var text = await reader.ReadToEndAsync(cancellation);
            await Task.Delay(1, cancellation);
            bodies[body.Index] = $"{body.Status} {body.ContentLength} {new Uri(body.Url).AbsolutePath} {text}";
        });

        await foreach (var outcome in fetcher.FetchAllAsync(Enumerable.Range(0, 5).Select(i => server.Url($"/{i}")), Cancellation))
        {
            outcome.Ok.ShouldBeTrue(outcome.Error?.Message);
            bodies[outcome.Index].ShouldBe($"200 2 /{outcome.Index} /{outcome.Index}");
        }

        bodies.Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_body_that_is_not_read_holds_the_server_up()
    {
        const int Length = 32 << 20;
        var sent = 0L;
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Length}\r\n\r\n");
            for (var piece = new byte[64 * 1024]; sent < Length; sent += piece.Length)
            {
                await connection.SendAsync(piece);
            }
        });
        var heldUp = 0L;
        await using var fetcher = new FetchClient(Options, async (body, cancellation) =>
        {
            while (Volatile.Read(ref heldUp) != Volatile.Read(ref sent) || heldUp == 0)
            {
                heldUp = Volatile.Read(ref sent);
                await Task.Delay(100, cancellation);
            }

            await body.Content.CopyToAsync(Stream.Null, cancellation);
        });

        (await fetcher.FetchAsync(server.Url(), Cancellation)).SizeBody.ShouldBe(Length);

        heldUp.ShouldBeLessThan(Length);
    }

    [Fact]
    public async Task Content_coding_is_undone()
    {
        var text = new string('x', 100_000);
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok(Gzip(text), "Content-Encoding: gzip\r\n")));
        long? announced = 0;
        var read = "";
        await using var fetcher = new FetchClient(Options with { Compressed = true }, async (body, cancellation) =>
        {
            announced = body.ContentLength;
            read = await new StreamReader(body.Content).ReadToEndAsync(cancellation);
        });

        (await fetcher.FetchAsync(server.Url(), Cancellation)).SizeBody.ShouldBe(text.Length);

        read.ShouldBe(text);
        announced.ShouldBeNull();
    }

    [Fact]
    public async Task A_body_that_breaks_off_ends_in_an_exception_and_comes_again_with_the_next_attempt()
    {
        await using var server = new ScriptedServer(
            Scripts.AnswerAndClose("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), Scripts.Answer(Scripts.Ok("0123456789")));
        var seen = new ConcurrentQueue<string>();
        await using var fetcher = new FetchClient(new FetchOptions { RetryDelay = TimeSpan.Zero }, async (body, cancellation) =>
        {
            try
            {
                seen.Enqueue($"{body.Attempt}: {await new StreamReader(body.Content).ReadToEndAsync(cancellation)}");
            }
            catch (IOException e)
            {
                seen.Enqueue($"{body.Attempt}: {e.Message}");
                throw;
            }
        });

        (await fetcher.FetchAsync(server.Url(), Cancellation)).Ok.ShouldBeTrue();

        seen.ShouldBe(["1: the body broke off", "2: 0123456789"]);
    }

    [Fact]
    public async Task A_reader_that_throws_fails_its_URL_alone()
    {
        await using var server = new ScriptedServer(Scripts.AnswerByPath(path => Scripts.Ok(path)));
        await using var fetcher = new FetchClient(
            Options, (body, _) => body.Index == 0 ? throw new InvalidOperationException("not this one") : ValueTask.CompletedTask);

        var outcomes = await fetcher.FetchAllAsync([server.Url("/0"), server.Url("/1")], Cancellation)
            .OrderBy(outcome => outcome.Index).ToListAsync(Cancellation);

        outcomes.Select(outcome => outcome.Ok).ShouldBe([false, true]);
        outcomes[0].Error.ShouldBe(new FetchError(FetchErrorKind.Write, "the body's reader failed: InvalidOperationException: not this one", 23));
    }

    [Fact]
    public async Task A_reader_that_has_seen_enough_spoils_nothing()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok(new string('x', 1 << 20))));
        await using var fetcher = new FetchClient(Options, async (body, cancellation) => await body.Content.ReadExactlyAsync(new byte[10], cancellation));

        (await fetcher.FetchAsync(server.Url(), Cancellation)).SizeBody.ShouldBe(1 << 20);
    }

    [Fact]
    public async Task A_reader_that_takes_longer_than_the_whole_URL_may_is_told_to_end()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        var told = new TaskCompletionSource();
        await using var fetcher = new FetchClient(Options with { MaxTime = TimeSpan.FromSeconds(2) }, async (body, cancellation) =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                told.SetResult();
            }
        });

        (await fetcher.FetchAsync(server.Url(), Cancellation)).Error!.Kind.ShouldBe(FetchErrorKind.Timeout);

        await told.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
    }

    [Fact]
    public async Task A_cancelled_call_has_told_its_readers_and_waited_for_them()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var hasEnded = false;
        await using var fetcher = new FetchClient(Options, async (body, cancellation) =>
        {
            await cancelled.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(20, CancellationToken.None);
            hasEnded = true;
        });

        await Should.ThrowAsync<OperationCanceledException>(fetcher.FetchAsync(server.Url(), cancelled.Token));

        hasEnded.ShouldBeTrue();
    }

    [Fact]
    public async Task Neither_redirects_nor_refusals_nor_HEAD_have_a_body_to_read()
    {
        await using var server = new ScriptedServer(Scripts.AnswerByPath(path => path switch
        {
            "/moved" => Scripts.Response("302 Found", "gone", "Location: /here\r\n"),
            "/here" => Scripts.Ok("here"),
            _ => Scripts.Response("404 Not Found", "sorry"),
        }));
        var seen = new ConcurrentQueue<string>();
        await using var fetcher = new FetchClient(Options, async (body, cancellation) =>
            seen.Enqueue(new Uri(body.FinalUrl).AbsolutePath + await new StreamReader(body.Content).ReadToEndAsync(cancellation)));

        await fetcher.FetchAllAsync([server.Url("/moved"), server.Url("/missing")], Cancellation).CountAsync(Cancellation);

        seen.ShouldBe(["/herehere"]);
    }

    [Fact]
    public async Task A_body_that_is_saved_too_comes_again_from_its_beginning()
    {
        using var folder = new Saving.TempFolder();
        await using var server = new ScriptedServer(
            Scripts.AnswerAndClose("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"1\"\r\n\r\nhalf"), Scripts.Answer(Scripts.Ok("0123456789", "ETag: \"1\"\r\n")));
        await using var fetcher = new FetchClient(new FetchOptions { RetryDelay = TimeSpan.Zero, OutputDir = folder.Path, KeepBodies = true });

        var outcome = await fetcher.FetchAllAsync([server.Url("/file")], Cancellation).SingleAsync(Cancellation);

        Encoding.UTF8.GetString(outcome.Body.Span).ShouldBe("0123456789");
        (await File.ReadAllTextAsync(outcome.SavedAs!, Cancellation)).ShouldBe("0123456789");
    }

    private static byte[] Gzip(string text)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }
}
