using Fetcher.Core.Interop;
using Fetcher.Core.Loop;

namespace Fetcher.Tests.Loop;

/// <summary>When a loop finds that letting events gather does not pay.</summary>
public sealed class GatheringTrialTests
{
    private const int Windows = 1000;

    /// <summary>Bytes that had gathered, and come at once when a window of asking at once begins.</summary>
    private const int Left = 300;

    /// <summary>As long as it takes at most, where asking at once was found to be better.</summary>
    private const int UntilNextTrial = 256;

    private readonly GatheringTrial _trial;
    private long _now = 1;
    private long _cpu;

    public GatheringTrialTests() => _trial = new GatheringTrial(() => _cpu);

    [Fact]
    public void They_gather_where_as_much_comes_either_way() => GatheringIn(Windows, (_, _) => 1000).ShouldBeGreaterThan(Windows * 9 / 10);

    [Fact]
    public void They_do_not_where_less_comes_when_they_gather() =>
        GatheringIn(Windows, (_, gathers) => gathers ? 900 : 1000).ShouldBeLessThan(Windows / 10);

    [Fact]
    public void What_disturbs_some_windows_tells_nothing() =>
        GatheringIn(Windows, (window, _) => window % 3 == 0 ? 500 : 1000).ShouldBeGreaterThan(Windows * 9 / 10);

    [Theory]
    [InlineData(40, 700)]
    [InlineData(300, 900)]
    [InlineData(7, 500)]
    public void A_machine_that_is_slower_for_a_time_tells_nothing(int windows, int bytes) =>
        GatheringIn(Windows, (window, _) => window / windows % 2 == 0 ? 1000 : bytes).ShouldBeGreaterThan(Windows * 9 / 10);

    [Fact]
    public void They_gather_again_once_it_delays_nothing_any_more()
    {
        GatheringIn(Windows, (_, gathers) => gathers ? 900 : 1000);
        GatheringIn(UntilNextTrial, (_, _) => 1000);
        GatheringIn(Windows, (_, _) => 1000).ShouldBeGreaterThan(Windows * 9 / 10);
    }

    [Fact]
    public void They_do_not_where_that_takes_more_of_the_processor() =>
        GatheringIn(Windows, (_, _) => 1000, gathers => gathers ? 1100 : 1000).ShouldBeLessThan(Windows / 10);

    [Fact]
    public void They_do_where_that_takes_less_of_it() =>
        GatheringIn(Windows, (_, _) => 1000, gathers => gathers ? 900 : 1000).ShouldBeGreaterThan(Windows * 9 / 10);

    [Theory]
    [InlineData(980, true)]
    [InlineData(1000, false)]
    public void They_lose_no_more_than_they_save(long cpu, bool gather) =>
        (GatheringIn(Windows, (_, gathers) => gathers ? 970 : 1000, gathers => gathers ? cpu * 97 / 100 : 1000) > Windows / 2).ShouldBe(gather);

    [Fact]
    public void They_gather_again_once_it_saves_something()
    {
        GatheringIn(Windows, (_, _) => 1000, gathers => gathers ? 1100 : 1000);
        GatheringIn(UntilNextTrial, (_, _) => 1000, gathers => gathers ? 900 : 1000);
        GatheringIn(Windows, (_, _) => 1000, gathers => gathers ? 900 : 1000).ShouldBeGreaterThan(Windows * 9 / 10);
    }

    [Theory]
    [InlineData(700, true)]
    [InlineData(800, false)]
    public void They_may_lose_a_little_more_where_that_saves_much(long cpu, bool gather) =>
        (GatheringIn(Windows, (_, gathers) => gathers ? 950 : 1000, gathers => gathers ? cpu * 95 / 100 : 1000) > Windows / 2).ShouldBe(gather);

    /// <summary>The rates of two windows differ, though neither way is the better: what came to one may have been sent in the other.</summary>
    [Fact]
    public void Rates_that_scatter_tell_nothing()
    {
        var random = new Random(1);
        GatheringIn(10 * Windows, (_, _) => 1000 + random.Next(-150, 150), gathers => gathers ? 500 : 1000).ShouldBeGreaterThan(10 * Windows * 9 / 10);
    }

    [Fact]
    public void A_loss_among_rates_that_scatter_is_found()
    {
        var random = new Random(1);
        GatheringIn(10 * Windows, (_, gathers) => (gathers ? 850 : 1000) + random.Next(-150, 150)).ShouldBeLessThan(10 * Windows / 4);
    }

    [Fact]
    public void Among_many_sockets_a_window_need_not_hear_of_each()
    {
        _trial.Note(events: 0, sockets: 10_000, _now);
        _trial.Gathers.ShouldBeTrue();

        _trial.Note(events: 1024, sockets: 10_000, _now + 5_000_000);

        _trial.Gathers.ShouldBeFalse("the second window is a trial");
    }

    /// <summary>In how many of so many windows they gather.</summary>
    private int GatheringIn(int windows, Func<int, bool, int> bytes, Func<bool, long>? cpu = null)
    {
        const int Sockets = 64;
        var gathering = 0;
        for (var window = 0; window < windows; window++)
        {
            gathering += _trial.Gathers ? 1 : 0;
            SyscallCounters.Current.CountReceivedBytes(_trial.Gathers ? 0 : Left);
            _trial.Note(0, Sockets, _now += 2_000_000);
            _cpu += cpu?.Invoke(_trial.Gathers) ?? 1000;
            SyscallCounters.Current.CountReceivedBytes(bytes(window, _trial.Gathers));
            _trial.Note(events: 100 * Sockets, Sockets, _now += 10_000_000);
        }

        return gathering;
    }
}
