using Fetcher.Core;
using Fetcher.Core.Hosts;
using Fetcher.Core.Http;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Hosts;

/// <summary>A robots.txt is fetched once, by whoever needs it first.</summary>
public sealed class HostRobotsTests
{
    private static readonly FetchError Broken = Failures.OfStatus(500);

    [Fact]
    public async Task The_first_fetches_it_and_the_others_wait_and_get_the_same()
    {
        var robots = new HostRobots(1);

        robots.Look().ShouldBe(default);
        var others = Enumerable.Range(0, 3).Select(_ => robots.Look().Fetching.ShouldNotBeNull()).ToList();
        robots.IsBeingFetched.ShouldBeTrue();
        robots.End(RobotsRules.AllowAll, null).ShouldBe(new RobotsResult(RobotsRules.AllowAll, null));

        (await Task.WhenAll(others)).ShouldAllBe(result => result.Rules == RobotsRules.AllowAll);
        robots.Look().Known.ShouldBe(new RobotsResult(RobotsRules.AllowAll, null));
        robots.IsBeingFetched.ShouldBeFalse();
    }

    [Fact]
    public async Task A_failure_reaches_all_who_wait_and_the_next_tries_again()
    {
        var robots = new HostRobots(2);
        robots.Look();
        var other = robots.Look().Fetching!;

        robots.End(null, Broken).ShouldBe(new RobotsResult(null, Broken));

        (await other).ShouldBe(new RobotsResult(null, Broken));
        robots.Look().ShouldBe(default);
        robots.End(RobotsRules.AllowAll, null).Failure.ShouldBeNull();
        robots.Look().Known!.Value.Rules.ShouldBe(RobotsRules.AllowAll);
    }

    [Fact]
    public void After_the_last_try_nothing_of_the_host_is_allowed_and_nobody_asks_again()
    {
        var robots = new HostRobots(2);
        for (var i = 0; i < 2; i++)
        {
            robots.Look().ShouldBe(default);
            robots.End(null, Broken);
        }

        robots.Look().Known.ShouldBe(new RobotsResult(RobotsRules.DisallowAll, Broken));
    }

    [Fact]
    public async Task Whoever_was_stopped_uses_up_no_try_and_another_fetches_it()
    {
        var robots = new HostRobots(1);
        for (var i = 0; i < 3; i++)
        {
            robots.Look().ShouldBe(default);
            var other = robots.Look().Fetching!;
            robots.End(null, null);
            (await other).ShouldBe(default);
        }

        robots.Look().ShouldBe(default);
    }

    [Fact]
    public void Each_origin_has_its_own_with_as_many_tries_as_a_URL()
    {
        var files = new RobotsFiles(new FetchOptions { Retry = 1 }, new HostTable(new FakeTimeProvider()));

        var file = files.Of("http://a"u8);
        files.Of("http://a"u8).ShouldBeSameAs(file);
        files.Of("http://a:81"u8).ShouldNotBeSameAs(file);
        file.Look();
        file.End(null, Broken).Rules.ShouldBeNull();
        file.Look();
        file.End(null, Broken).Rules.ShouldBe(RobotsRules.DisallowAll);
    }

    [Fact]
    public void The_token_is_what_the_User_Agent_begins_with()
    {
        Token(new FetchOptions { UserAgent = "spider/1.0 (here)" }).ShouldBe("spider");
        Token(new FetchOptions { Headers = [new("user-agent", "my-bot 2")] }).ShouldBe("my-bot");

        static string Token(FetchOptions options) => new RobotsFiles(options, new HostTable(new FakeTimeProvider())).Token;
    }
}
