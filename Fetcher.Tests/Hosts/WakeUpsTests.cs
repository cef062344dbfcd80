using Fetcher.Core.Hosts;
using Fetcher.Core.Interop;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Hosts;

/// <summary>One timer for all hosts that may start something later.</summary>
public sealed class WakeUpsTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly WakeUps _wakeUps;
    private readonly HostQueue _a = new("http://a"u8.ToArray());
    private readonly HostQueue _b = new("http://b"u8.ToArray());
    private int _calls;

    public WakeUpsTests() => _wakeUps = new WakeUps(_clock, () =>
    {
        _calls++;
        _wakeUps!.OnTimer();
    });

    [Fact]
    public void The_timer_calls_when_the_first_moment_has_come_and_not_before()
    {
        Add(_a, 20);
        Add(_b, 10);

        Advance(9);
        _calls.ShouldBe(0);
        Advance(2);
        _calls.ShouldBe(1);
        Due().ShouldBe([_b]);
        Advance(10);
        _calls.ShouldBe(2);
        Due().ShouldBe([_a]);
        Advance(100);
        _calls.ShouldBe(2);
    }

    [Fact]
    public void An_earlier_moment_counts_and_a_later_one_does_not()
    {
        Add(_a, 20);
        Add(_a, 10);
        Add(_a, 30);

        Advance(11);
        Due().ShouldBe([_a]);
        Advance(100);
        Due().ShouldBeEmpty();
    }

    [Fact]
    public void A_host_may_be_added_again_after_its_moment()
    {
        Add(_a, 10);
        Advance(11);
        Due();
        Add(_a, 10);
        Advance(11);

        (_calls, Due()[0]).ShouldBe((2, _a));
    }

    [Fact]
    public void A_moment_beyond_the_longest_timer_is_reached_in_steps()
    {
        Add(_a, (long)TimeSpan.FromDays(60).TotalMilliseconds);

        _clock.Advance(TimeSpan.FromDays(59));
        Due().ShouldBeEmpty();
        _clock.Advance(TimeSpan.FromDays(2));
        Due().ShouldBe([_a]);
    }

    private void Add(HostQueue host, long milliseconds)
    {
        var now = MonotonicClock.Now(_clock);
        _wakeUps.Add(host, now + (milliseconds * 1_000_000), now);
    }

    private void Advance(int milliseconds) => _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

    private HostQueue[] Due()
    {
        var due = new List<HostQueue>();
        while (_wakeUps.TryNext(MonotonicClock.Now(_clock)) is { } host)
        {
            due.Add(host);
        }

        return [.. due];
    }
}
