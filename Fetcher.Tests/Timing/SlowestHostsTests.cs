using CsCheck;
using Fetcher.Core;
using Fetcher.Core.Timing;

namespace Fetcher.Tests.Timing;

public sealed class SlowestHostsTests
{
    [Fact]
    public void A_host_ranks_by_its_slowest_transfer() =>
        RankingOf(("http://a/1", 5), ("http://b/", 7), ("http://a/2", 9), ("http://a/3", 1))
            .ShouldBe([new SlowHost("a", 9, "http://a/2"), new SlowHost("b", 7, "http://b/")]);

    [Fact]
    public void The_ranking_is_exact_for_more_hosts_than_are_kept() =>
        Gen.Select(Gen.Int[0, 30], Gen.Long[0, 10_000]).Array[0, 200].Sample(transfers =>
        {
            var slowest = transfers.GroupBy(t => t.Item1).Select(host => host.Max(t => t.Item2));
            var expected = slowest.OrderDescending().Take(SlowestHosts.Capacity);
            RankingOf([.. transfers.Select(t => ($"http://host{t.Item1}/x", t.Item2))]).Select(slow => slow.TimeTotal).ShouldBe(expected);
        });

    [Theory]
    [InlineData("https://a.example:8443/x", "a.example:8443")]
    [InlineData("http://a.example?q", "a.example")]
    [InlineData("http://a.example#f", "a.example")]
    [InlineData("http://[::1]:80/", "[::1]:80")]
    [InlineData("http://a.example", "a.example")]
    public void The_host_is_what_stands_before_the_path(string url, string host) =>
        RankingOf((url, 1)).ShouldBe([new SlowHost(host, 1, url)]);

    [Theory]
    [InlineData("no url")]
    [InlineData("http:///path")]
    [InlineData("")]
    public void A_URL_without_a_host_is_passed_over(string url) => RankingOf((url, 1)).ShouldBeEmpty();

    [Fact]
    public void Merged_rankings_are_the_ranking_of_all()
    {
        var some = Of(("http://a/", 5), ("http://b/", 7));
        some.Merge(Of(("http://a/x", 6), ("http://c/", 1)));
        some.Ranking.ShouldBe([new SlowHost("b", 7, "http://b/"), new SlowHost("a", 6, "http://a/x"), new SlowHost("c", 1, "http://c/")]);
    }

    private static IReadOnlyList<SlowHost> RankingOf(params (string Url, long Time)[] transfers) => Of(transfers).Ranking;

    private static SlowestHosts Of(params (string Url, long Time)[] transfers)
    {
        var hosts = new SlowestHosts();
        foreach (var (url, time) in transfers)
        {
            var result = new FetchResult { TimeTotal = time };
            result.Url.Set(url);
            hosts.Add(result);
        }

        return hosts;
    }
}
