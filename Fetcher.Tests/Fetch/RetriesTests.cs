using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Fetch;

/// <summary>When a URL is tried again, and when no more; on a clock that the test sets.</summary>
public sealed class RetriesTests
{
    private static readonly FetchOptions Fixed = new() { Retry = 2, RetryDelay = TimeSpan.FromSeconds(10), CircuitFailures = 0 };

    [Fact]
    public void A_failure_that_passes_is_tried_again_after_the_delay()
    {
        using var scene = new FetchScene(Fixed, Busy(), Busy(), ScriptedExchange.Of("200 OK", "", "hello")).Fetch();

        scene.Advance(9.9);
        scene.Transport.Requests.Count.ShouldBe(1);
        scene.Advance(0.2);
        scene.Transport.Requests.Count.ShouldBe(2);
        scene.Advance(10);

        scene.Run.IsCompletedSuccessfully.ShouldBeTrue();
        (scene.Result.Error, scene.Result.Attempts, scene.Result.SizeBody).ShouldBe((null, 3, 5));
        scene.Places.Calls.ShouldBe(["pause", "resume", "pause", "resume"]);
    }

    [Fact]
    public void They_end_at_their_number()
    {
        using var scene = new FetchScene(Fixed, Busy(), Busy(), Busy(), Busy()).Fetch();

        scene.Advance(10);
        scene.Advance(10);

        scene.Run.IsCompletedSuccessfully.ShouldBeTrue();
        (scene.Result.Error!.Kind, scene.Result.Attempts, scene.Transport.Left).ShouldBe((FetchErrorKind.HttpStatus, 3, 1));
    }

    [Fact]
    public void The_pauses_grow_when_no_delay_is_given()
    {
        using var scene = new FetchScene(Fixed with { Retry = 8, RetryDelay = null }, [.. Enumerable.Repeat(0, 9).Select(_ => Busy())]).Fetch();
        var pauses = new List<int>();
        for (var made = 1; made < 9; made++)
        {
            var seconds = 0;
            for (; scene.Transport.Requests.Count == made; seconds++)
            {
                seconds.ShouldBeLessThan(10_000);
                scene.Advance(1);
            }

            pauses.Add(seconds);
        }

        // They have jitter: only the whole grows for certain.
        (pauses[4] + pauses[5] + pauses[6] + pauses[7]).ShouldBeGreaterThan(2 * (pauses[0] + pauses[1] + pauses[2] + pauses[3]));
    }

    [Fact]
    public async Task A_server_that_says_when_is_asked_then()
    {
        using var scene = new FetchScene(Fixed, Busy("Retry-After: 100\r\n"), ScriptedExchange.Of("200 OK")).Fetch();

        scene.Advance(99.9);
        scene.Transport.Requests.Count.ShouldBe(1);
        scene.Advance(0.2);
        await scene.Run;

        (scene.Result.Attempts, scene.Result.Ok).ShouldBe((2, true));
    }

    [Fact]
    public void A_pause_that_is_over_too_late_is_not_begun()
    {
        using var scene = new FetchScene(Fixed with { MaxTime = TimeSpan.FromSeconds(50) }, Busy("Retry-After: 100\r\n")).Fetch();
        using var other = new FetchScene(Fixed with { RetryMaxTime = TimeSpan.FromSeconds(50) }, Busy("Retry-After: 100\r\n")).Fetch();

        foreach (var result in (FetchResult[])[scene.Result, other.Result])
        {
            (result.Error!.Kind, result.Attempts).ShouldBe((FetchErrorKind.HttpStatus, 1));
        }

        (scene.Run.IsCompleted, other.Run.IsCompleted).ShouldBe((true, true));
    }

    [Fact]
    public async Task The_time_of_the_URL_ends_a_pause()
    {
        using var scene = new FetchScene(Fixed with { MaxTime = TimeSpan.FromSeconds(5) }, Busy()).Fetch();

        scene.Advance(4.9);
        scene.Run.IsCompleted.ShouldBeFalse();
        scene.Advance(0.2);
        await scene.Run;

        scene.Result.Error!.Message.ShouldBe("the time for the whole URL is over; before: the server answered 503");
        (scene.Result.ExitCode, scene.Result.Attempts).ShouldBe((28, 1));
        scene.Places.Calls.ShouldBe(["pause", "return", "end"]);
    }

    [Fact]
    public void No_retry_begins_after_the_time_for_retries()
    {
        using var scene = new FetchScene(Fixed with { Retry = 10, RetryMaxTime = TimeSpan.FromSeconds(15) }, Busy(), Busy(), Busy(), Busy()).Fetch();

        scene.Advance(10);
        scene.Advance(10);
        scene.Advance(10);

        (scene.Run.IsCompletedSuccessfully, scene.Result.Attempts).ShouldBe((true, 3));
    }

    [Fact]
    public async Task A_run_that_is_to_end_ends_the_pause_and_begins_no_attempt()
    {
        using var scene = new FetchScene(Fixed, Busy()).Fetch();

        scene.Drain();
        await scene.Run;

        (scene.Result.Error!.Kind, scene.Result.Attempts).ShouldBe((FetchErrorKind.Cancelled, 1));
        scene.Places.Calls.ShouldBe(["pause", "return", "end"]);
        scene.Retries.Handles(Ended(Failures.OfStatus(503)), scene.Transfer).ShouldBeFalse();
    }

    [Fact]
    public void A_transfer_that_has_to_keep_its_slot_waits_in_it()
    {
        using var scene = new FetchScene(Fixed, Busy(), ScriptedExchange.Of("200 OK"));
        scene.Places.CanPause = false;
        scene.Fetch();

        scene.Advance(10);

        (scene.Run.IsCompletedSuccessfully, scene.Result.Attempts).ShouldBe((true, 2));
        scene.Places.Calls.ShouldBe(["no pause"]);
    }

    [Fact]
    public async Task A_wait_that_a_host_asks_for_which_serves_others_uses_up_no_retry()
    {
        using var scene = new FetchScene(Fixed with { Retry = 1 }).Begin();
        var putOff = Ended(Failures.OfStatus(503)) with { IsPutOff = true };
        scene.Transport.Then(Busy(), ScriptedExchange.Of("200 OK"));

        var run = FetchScene.Start(() => scene.Retries.RunAsync(scene.Transfer, putOff, scene.Pipeline));
        scene.Advance(10);
        scene.Advance(10);

        ((await run).Error, scene.Transport.Left).ShouldBe((null, 0));
    }

    [Theory]
    [InlineData(nameof(Failures.BadUrl), false)]
    [InlineData(nameof(Failures.Disallowed), false)]
    [InlineData(nameof(Failures.Stopped), false)]
    [InlineData(nameof(Failures.RedirectNotFollowed), true)]
    [InlineData(nameof(Failures.NotConnected), true)]
    [InlineData(nameof(Failures.NotAccepted), true)]
    public void What_is_final_is_not_tried_again_even_when_all_errors_are(string failure, bool isTried)
    {
        using var scene = new FetchScene(Fixed with { RetryAllErrors = true }).Begin();
        var error = ((Failure)typeof(Failures).GetField(failure)!.GetValue(null)!).Of("x", "y");

        scene.Retries.Handles(Ended(error), scene.Transfer).ShouldBe(isTried);
    }

    [Fact]
    public void Only_what_passes_is_tried_again_and_nothing_when_there_are_no_retries()
    {
        using var scene = new FetchScene(Fixed).Begin();
        using var none = new FetchScene(Fixed with { Retry = 0, RetryAllErrors = true }).Begin();

        scene.Retries.Handles(Ended(null), scene.Transfer).ShouldBeFalse();
        scene.Retries.Handles(Ended(Failures.OfStatus(404)), scene.Transfer).ShouldBeFalse();
        scene.Retries.Handles(Ended(Failures.OfStatus(503)), scene.Transfer).ShouldBeTrue();
        none.Retries.Handles(Ended(Failures.OfStatus(503)), none.Transfer).ShouldBeFalse();
    }

    private static Attempt Ended(FetchError? error) => new(new Reply(ReplyKind.Response) { Error = error });

    private static ScriptedExchange Busy(string fields = "") => ScriptedExchange.Of("503 Busy", fields, "busy");
}
