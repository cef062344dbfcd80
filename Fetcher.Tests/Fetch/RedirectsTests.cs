using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Fetch;

/// <summary>Where redirects lead, and where they end.</summary>
public sealed class RedirectsTests
{
    [Fact]
    public void They_are_followed_to_what_is_none()
    {
        using var scene = new FetchScene(null, To("/b"), To("http://b.test/c"), ScriptedExchange.Of("200 OK")).Begin("http://a.test/a");

        Follow(scene).Kind.ShouldBe(ReplyKind.Response);

        scene.Transport.Opened.Select(opened => opened.Url).ShouldBe(["http://a.test/a", "http://a.test/b", "http://b.test/c"]);
        (scene.Result.NumRedirects, scene.Result.FinalUrl.ToString()).ShouldBe((2, "http://b.test/c"));
    }

    [Fact]
    public void There_are_so_many_at_most()
    {
        using var scene = new FetchScene(null, [.. Enumerable.Repeat(To("/"), 4)]).Begin();

        var reply = Follow(scene, most: 3);

        (reply.Kind, reply.Error!.Kind, reply.Error.ExitCode).ShouldBe((ReplyKind.Broken, FetchErrorKind.TooManyRedirects, 47));
        (scene.Result.NumRedirects, scene.Transport.Requests.Count).ShouldBe((3, 4));
    }

    [Fact]
    public void Without_a_limit_they_go_on()
    {
        using var scene = new FetchScene(null, [.. Enumerable.Repeat(To("/"), 50), ScriptedExchange.Of("200 OK")]).Begin();

        Follow(scene, most: -1).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("ftp://a.test/")]
    [InlineData("http://a.test:99999/")]
    [InlineData("http://")]
    public void One_that_leads_nowhere_is_a_failure_of_the_response(string location)
    {
        using var scene = new FetchScene(null, To(location)).Begin();

        var reply = Follow(scene);

        (reply.Kind, reply.Status, reply.Error!.Kind, reply.Error.ExitCode).ShouldBe((ReplyKind.Broken, 302, FetchErrorKind.Protocol, 1));
        scene.Result.FinalUrl.ToString().ShouldBe("http://a.test/");
    }

    [Fact]
    public void Credentials_do_not_go_on_once_away_from_the_first_origin()
    {
        var options = new FetchOptions { Credentials = "me:secret" };
        using var scene = new FetchScene(options, To("/b"), To("http://b.test/"), To("http://a.test/back"), ScriptedExchange.Of("200 OK")).Begin();

        Follow(scene);

        scene.Transport.Requests.Select(request => request.Contains("Authorization", StringComparison.Ordinal)).ShouldBe([true, true, false, false]);
    }

    [Fact]
    public void The_next_attempt_begins_where_the_first_did()
    {
        using var scene = new FetchScene(null, To("http://b.test/"), ScriptedExchange.Of("503 Busy"), ScriptedExchange.Of("200 OK")).Begin();

        Follow(scene).Status.ShouldBe(503);
        Follow(scene).Status.ShouldBe(200);

        scene.Transport.Opened.Select(opened => opened.Url).ShouldBe(["http://a.test/", "http://b.test/", "http://a.test/"]);
        scene.Transfer.IsFirstOrigin.ShouldBeTrue();
    }

    [Theory]
    [InlineData("302 Found", "", false)]
    [InlineData("304 Not Modified", "Location: /\r\n", false)]
    [InlineData("305 Use Proxy", "Location: /\r\n", false)]
    [InlineData("308 Permanent Redirect", "Location: /\r\n", true)]
    public void Some_lead_nowhere(string status, string fields, bool isFollowed)
    {
        using var scene = new FetchScene(null, ScriptedExchange.Of(status, fields)).Begin();

        scene.Ask().Kind.ShouldBe(isFollowed ? ReplyKind.Redirect : ReplyKind.Response);
    }

    [Fact]
    public void Nothing_is_followed_by_who_wants_the_redirect_itself()
    {
        using var scene = new FetchScene(new FetchOptions { FollowRedirects = false }, To("/b")).Begin();

        (Follow(scene).Status, scene.Result.NumRedirects).ShouldBe((302, 0));
    }

    private static ScriptedExchange To(string location) => ScriptedExchange.Of("302 Found", $"Location: {location}\r\n", "moved");

    private static Reply Follow(FetchScene scene, int most = 10) => FetchScene.Take(Redirects.FollowAsync(scene.Transfer, scene.RoundTrip.AskAsync, most));
}
