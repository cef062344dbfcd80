using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Fetch;

/// <summary>Who fetches a robots.txt, who waits for it, and what it lets pass.</summary>
public sealed class RobotsGuardTests : IDisposable
{
    private const string Rules = "User-agent: *\nDisallow: /private\n";

    private readonly FetchScene _scene = new(new FetchOptions { Robots = true, Retry = 1 });
    private readonly RobotsGuard _guard;

    public RobotsGuardTests() => _guard = NewGuard();

    private string[] Asked => [.. _scene.Transport.Opened.Select(opened => opened.Url)];

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void The_file_is_fetched_once_before_what_it_allows()
    {
        _scene.Transport.Then(ScriptedExchange.Of("200 OK", "", Rules), ScriptedExchange.Of("200 OK"), ScriptedExchange.Of("200 OK"));

        Ask("http://a.test/b").Status.ShouldBe(200);
        Ask("http://a.test/c").Status.ShouldBe(200);

        Asked.ShouldBe(["http://a.test/robots.txt", "http://a.test/b", "http://a.test/c"]);
    }

    [Fact]
    public void What_it_does_not_allow_is_not_made()
    {
        _scene.Transport.Then(ScriptedExchange.Of("200 OK", "", Rules));

        var reply = Ask("http://a.test/private/x");

        (reply.Kind, reply.Error!.Message, reply.Error.Blame).ShouldBe(
            (ReplyKind.NotMade, "robots.txt of http://a.test does not allow it", FailureBlame.Final));
        Asked.ShouldBe(["http://a.test/robots.txt"]);
    }

    [Fact]
    public void A_file_that_cannot_be_had_may_be_had_the_next_time_and_after_the_last_disallows_all()
    {
        _scene.Transport.Then(ScriptedExchange.Of("503 Busy", "Retry-After: 7\r\n"), ScriptedExchange.NotOpened(Failures.NotConnected.Of("a.test", "refused").Thrown()));

        var first = Ask("http://a.test/b");
        var second = Ask("http://a.test/b");
        var third = Ask("http://a.test/b");

        (first.Kind, first.Error!.IsTransient, first.RetryAfter, first.IsReported).ShouldBe((ReplyKind.NoResponse, true, TimeSpan.FromSeconds(7), true));
        (second.Kind, second.Error!.Blame).ShouldBe((ReplyKind.NotMade, FailureBlame.Final));
        second.Error.Message.ShouldContain("could not be had");
        third.ShouldBe(second);
        Asked.ShouldBe(["http://a.test/robots.txt", "http://a.test/robots.txt"]);
    }

    [Fact]
    public async Task What_another_fetches_is_waited_for()
    {
        var file = _scene.Job.Robots!.Of("http://a.test"u8);
        file.Look();
        _scene.Transport.Then(ScriptedExchange.Of("200 OK"));
        _scene.Begin("http://a.test/b");

        var waiting = AskAsync();
        waiting.IsCompleted.ShouldBeFalse();
        Asked.ShouldBeEmpty();
        file.End(Fetcher.Core.Http.RobotsRules.AllowAll, null);

        (await waiting).Status.ShouldBe(200);
        Asked.ShouldBe(["http://a.test/b"]);
    }

    [Fact]
    public async Task Whoever_waited_for_another_that_was_stopped_fetches_it()
    {
        var file = _scene.Job.Robots!.Of("http://a.test"u8);
        file.Look();
        _scene.Transport.Then(ScriptedExchange.Of("404 Not Found"), ScriptedExchange.Of("200 OK"));
        _scene.Begin("http://a.test/b");

        var waiting = AskAsync();
        file.End(null, null);

        (await waiting).Status.ShouldBe(200);
        Asked.ShouldBe(["http://a.test/robots.txt", "http://a.test/b"]);
    }

    [Fact]
    public async Task It_is_waited_for_no_longer_than_the_URL_may_take()
    {
        _scene.Job.Robots!.Of("http://a.test"u8).Look();
        _scene.Begin("http://a.test/b", deadline: _scene.Now + 1_000_000_000);

        var waiting = AskAsync();
        _scene.Advance(2);

        var reply = await waiting;
        (reply.Kind, reply.Error!.Kind, reply.IsReported).ShouldBe((ReplyKind.NoResponse, FetchErrorKind.Timeout, true));
        Asked.ShouldBeEmpty();
    }

    [Fact]
    public void A_fetch_that_is_stopped_counts_for_nothing()
    {
        _scene.Transport.Then(ScriptedExchange.NotAnswered(new OperationCanceledException()), ScriptedExchange.Of("404 Not Found"), ScriptedExchange.Of("200 OK"));

        Ask("http://a.test/b").Error!.Kind.ShouldBe(FetchErrorKind.Cancelled);

        _scene.Job.Robots!.Of("http://a.test"u8).IsBeingFetched.ShouldBeFalse();
        Ask("http://a.test/b").Status.ShouldBe(200);
    }

    [Fact]
    public void Nobody_waits_for_ever_when_asking_throws()
    {
        var guard = NewGuard(_ => throw new InvalidOperationException("a listener's"));
        _scene.Begin("http://a.test/b");

        Should.Throw<InvalidOperationException>(() => FetchScene.Take(guard.AskAsync(_scene.Transfer)));

        _scene.Job.Robots!.Of("http://a.test"u8).IsBeingFetched.ShouldBeFalse();
    }

    private RobotsGuard NewGuard(Ask? next = null) =>
        new(_scene.Job, _scene.Job.Robots!, _scene.Places.WaitForAsync, next ?? _scene.RoundTrip.AskAsync);

    private Reply Ask(string url)
    {
        _scene.Begin(url);
        return FetchScene.Take(_guard.AskAsync(_scene.Transfer));
    }

    private async Task<Reply> AskAsync() => await _guard.AskAsync(_scene.Transfer).ConfigureAwait(false);
}
