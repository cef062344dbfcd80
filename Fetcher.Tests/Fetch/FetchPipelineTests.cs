using Fetcher.Core;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Fetch;

/// <summary>One URL from its line to its result.</summary>
public sealed class FetchPipelineTests
{
    private static readonly FetchOptions Once = new() { Retry = 0, CircuitFailures = 0 };

    [Fact]
    public void A_result_says_what_became_of_the_URL()
    {
        using var scene = new FetchScene(Once with { Sha256 = true }, ScriptedExchange.Of("200 OK", "", "hello"));
        scene.Advance(3);

        scene.Fetch("http://me:secret@a.test/x");

        scene.Run.IsCompletedSuccessfully.ShouldBeTrue();
        var result = scene.Result;
        (result.Ok, result.Status, result.Attempts, result.Mode, result.Loop, result.Start).ShouldBe((true, 200, 1, "scripted", 3, 3_000_000_000));
        (result.Url.ToString(), result.FinalUrl.ToString()).ShouldBe(("http://a.test/x", "http://a.test/x"));
        result.Sha256.ShouldBe("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    }

    [Theory]
    [InlineData("200 OK", null)]
    [InlineData("404 Not Found", 22)]
    [InlineData("418 Teapot", null)]
    public void A_status_counts_as_fetched_when_it_is_accepted(string status, int? exitCode)
    {
        using var scene = new FetchScene(Once with { AcceptStatus = StatusSet.Parse("200,418") }, ScriptedExchange.Of(status, "", "hello")).Fetch();

        (scene.Result.Ok, scene.Result.ExitCode, scene.Result.SizeBody).ShouldBe((exitCode is null, exitCode ?? 0, 5));
    }

    [Fact]
    public void Each_attempt_counts_and_each_redirect_does_not()
    {
        using var scene = new FetchScene(
            Once with { Retry = 1, RetryDelay = TimeSpan.FromSeconds(1) },
            ScriptedExchange.Of("302 Found", "Location: /b\r\n"),
            ScriptedExchange.Of("503 Busy"),
            ScriptedExchange.Of("302 Found", "Location: /b\r\n"),
            ScriptedExchange.Of("200 OK")).Fetch();

        scene.Advance(1);

        (scene.Result.Ok, scene.Result.Attempts, scene.Result.NumRedirects, scene.Transfer.Requests).ShouldBe((true, 2, 1, 4));
    }

    [Fact]
    public void A_request_that_was_not_made_is_no_attempt()
    {
        using var scene = new FetchScene(Once with { Robots = true }, ScriptedExchange.Of("200 OK", "", "User-agent: *\nDisallow: /\n"));

        scene.Fetch();
        (scene.Result.Error!.Kind, scene.Result.Attempts).ShouldBe((FetchErrorKind.Robots, 0));

        // After a redirect it is one, since something was asked for.
        scene.Transport.Then(
            ScriptedExchange.Of("404 Not Found"), ScriptedExchange.Of("302 Found", "Location: http://a.test/\r\n"));
        scene.Fetch("http://b.test/");
        (scene.Result.Error!.Kind, scene.Result.Attempts, scene.Result.NumRedirects).ShouldBe((FetchErrorKind.Robots, 1, 1));
    }

    [Fact]
    public void Nothing_is_asked_for_a_URL_that_was_given_up_or_is_not_to_begin()
    {
        using var scene = new FetchScene(Once);

        scene.Fetch(giveUp: new CancellationToken(canceled: true));
        (scene.Result.Error!.Kind, scene.Result.Attempts).ShouldBe((FetchErrorKind.Cancelled, 0));

        scene.Fetch(isToBegin: false);
        (scene.Result.Error!.Kind, scene.Result.Attempts).ShouldBe((FetchErrorKind.Cancelled, 0));
        scene.Transport.Opened.ShouldBeEmpty();
    }

    [Fact]
    public void A_URL_that_was_taken_before_the_run_drained_is_fetched()
    {
        using var scene = new FetchScene(Once, ScriptedExchange.Of("200 OK"));

        scene.Drain();
        scene.Fetch();

        (scene.Result.Ok, scene.Result.Attempts).ShouldBe((true, 1));
    }

    [Fact]
    public void A_line_that_is_no_URL_asks_nobody()
    {
        using var scene = new FetchScene(Once);

        scene.Fetch("http://me:secret@/");

        scene.Result.Error!.Message.ShouldStartWith("urls.txt:7: ");
        (scene.Result.ExitCode, scene.Result.Attempts, scene.Result.Url.ToString()).ShouldBe((3, 0, "http:///"));
    }

    [Fact]
    public void Nothing_of_one_URL_stands_in_the_result_of_the_next()
    {
        using var scene = new FetchScene(
            Once with { Sha256 = true },
            ScriptedExchange.Of("302 Found", "Location: /b\r\n"),
            ScriptedExchange.Of("200 OK", "Content-Type: text/plain\r\n", "hello"),
            ScriptedExchange.NotOpened(Failures.NotConnected.Of("b.test", "refused").Thrown()));
        scene.Fetch();

        scene.Fetch("http://b.test/");

        var result = scene.Result;
        (result.Status, result.HttpVersion, result.ContentType, result.Sha256, result.RemoteIp).ShouldBe((0, null, null, null, null));
        (result.NumRedirects, result.NumConnects, result.SizeBody, result.SizeDownload, result.TimePreTransfer).ShouldBe((0, 0, 0, 0, 0));
        (result.Error!.Kind, result.FinalUrl.ToString()).ShouldBe((FetchErrorKind.Connect, "http://b.test/"));
    }

    [Fact]
    public void Of_a_HEAD_request_nothing_is_hashed()
    {
        using var scene = new FetchScene(Once with { Sha256 = true }, new ScriptedExchange("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));

        scene.Fetch(own: new UrlOptions { Method = FetchMethod.Head });

        (scene.Result.Ok, scene.Result.Sha256, scene.Result.Method).ShouldBe((true, null, FetchMethod.Head));
        scene.Transport.Requests.ShouldHaveSingleItem().ShouldStartWith("HEAD / ");
    }

    [Fact]
    public void A_host_that_fails_is_not_asked_any_more_and_that_is_no_attempt()
    {
        var dead = Enumerable.Repeat(0, 2).Select(_ => ScriptedExchange.NotOpened(Failures.NotConnected.Of("a.test", "refused").Thrown()));
        using var scene = new FetchScene(Once with { CircuitFailures = 2 }, [.. dead]).Fetch();
        scene.Fetch();

        scene.Fetch();

        (scene.Result.Attempts, scene.Transport.Opened.Count).ShouldBe((0, 2));
        scene.Result.Error!.Message.ShouldStartWith("not tried: ");
    }
}
