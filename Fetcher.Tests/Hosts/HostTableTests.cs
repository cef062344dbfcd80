using System.Text;
using Fetcher.Core;
using Fetcher.Core.Hosts;
using Fetcher.Core.Interop;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Hosts;

/// <summary>Which hosts are kept, and which are forgotten.</summary>
public sealed class HostTableTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly HostTable _hosts;

    public HostTableTests() => _hosts = new HostTable(_clock);

    [Fact]
    public void An_origin_has_one_host()
    {
        var host = Get("http://a");

        Get("http://a").ShouldBeSameAs(host);
        Get("https://a").ShouldNotBeSameAs(host);
        _hosts.Find("http://a"u8).ShouldBeSameAs(host);
        _hosts.Find("http://b"u8).ShouldBeNull();
        _hosts.Count.ShouldBe(2);
    }

    [Fact]
    public void Hosts_that_nothing_is_known_of_are_forgotten_when_there_are_many()
    {
        Fill(HostTable.FewestSwept);
        _hosts.Count.ShouldBe(HostTable.FewestSwept);

        Fill(1);

        _hosts.Count.ShouldBe(1);
    }

    [Fact]
    public void What_is_known_or_in_use_stays()
    {
        var waits = Queue("http://waits");
        waits.Add(new UrlItem());
        Queue("http://under-way").Start(new HostPlace(), 1, Now);
        Queue("http://held").Hold(TimeSpan.FromSeconds(1), Now, Now, 1);
        AddRate("http://rate");
        Get("http://robots").Robots = new HostRobots(1);
        AddCircuit("http://circuit");

        Fill(HostTable.FewestSwept);

        _hosts.All.Select(host => Encoding.ASCII.GetString(host.Origin)).Where(origin => !origin.Contains("filler", StringComparison.Ordinal)).Order()
            .ShouldBe(["http://circuit", "http://held", "http://rate", "http://robots", "http://under-way", "http://waits"]);
    }

    [Fact]
    public void A_pause_that_is_over_keeps_no_host()
    {
        Queue("http://held").Hold(TimeSpan.FromSeconds(1), Now, Now, 1);
        AddRate("http://rate");
        _clock.Advance(TimeSpan.FromSeconds(1.02));

        Fill(HostTable.FewestSwept + 1);

        _hosts.Find("http://held"u8).ShouldBeNull();
        _hosts.Find("http://rate"u8).ShouldBeNull();
    }

    [Fact]
    public void At_the_bound_what_is_known_is_forgotten_too_but_nothing_that_is_in_use()
    {
        AddCircuit("http://circuit");
        Queue("http://waits").Add(new UrlItem());
        var fetched = new HostRobots(1);
        fetched.Look();
        Get("http://fetched").Robots = fetched;
        for (var i = _hosts.Count; i < HostTable.Most; i++)
        {
            Get($"http://{i}").Robots = new HostRobots(1);
        }

        (_hosts.Count, _hosts.HasCircuits).ShouldBe((HostTable.Most, true));
        Get("http://more");

        _hosts.All.Select(host => Encoding.ASCII.GetString(host.Origin)).Order().ShouldBe(["http://fetched", "http://more", "http://waits"]);
        _hosts.HasCircuits.ShouldBeFalse();
    }

    [Fact]
    public void Hosts_in_use_may_be_more_than_the_bound()
    {
        for (var i = 0; i < HostTable.Most + 10; i++)
        {
            Queue($"http://{i}").Add(new UrlItem());
        }

        _hosts.Count.ShouldBe(HostTable.Most + 10);
    }

    private long Now => MonotonicClock.Now(_clock);

    private Host Get(string origin) => _hosts.Get(Encoding.ASCII.GetBytes(origin));

    private HostQueue Queue(string origin)
    {
        var host = Get(origin);
        return host.Waiting ??= new HostQueue(host.Origin);
    }

    private void AddRate(string origin)
    {
        var rate = new HostRate(Nanoseconds.From(TimeSpan.FromSeconds(1)));
        rate.Grant(Now);
        Get(origin).Waiting = new HostQueue([]) { Rate = rate };
    }

    private void AddCircuit(string origin)
    {
        var host = Get(origin);
        _hosts.SetCircuit(host, new HostCircuit(host.Origin, new FetchOptions(), _clock));
    }

    private void Fill(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Get($"http://filler-{Guid.NewGuid()}");
        }
    }
}
