using CsCheck;
using Fetcher.Core;
using Fetcher.Core.Timing;

namespace Fetcher.Tests.Timing;

public sealed class PhaseDurationsTests
{
    private static readonly Gen<(long[] Steps, bool Ok, int Attempts)> Transfers =
        Gen.Long[0, 100].Array[8].Select(Gen.Bool, Gen.Int[1, 2]);

    [Fact]
    public void The_phases_are_the_differences_of_the_cumulative_times() => PhaseDurations.Of(new FetchResult
    {
        TimeQueue = 1,
        TimeNameLookup = 3,
        TimeConnect = 7,
        TimeAppConnect = 15,
        TimePreTransfer = 16,
        TimeStartTransfer = 31,
        TimeTotal = 63,
        Attempts = 1,
    }).ShouldBe(new PhaseDurations(Queue: 1, Earlier: 0, Dns: 2, Connect: 4, Tls: 8, Wait: 16, Receive: 32));

    [Fact]
    public void A_connection_that_was_kept_alive_has_no_phases_before_the_wait() =>
        PhaseDurations.Of(new FetchResult { TimePreTransfer = 1, TimeStartTransfer = 10, TimeTotal = 30, Attempts = 1 })
            .ShouldBe(new PhaseDurations(0, 0, 0, 0, 0, Wait: 10, Receive: 20));

    [Theory]
    [InlineData(2, 0)]
    [InlineData(1, 1)]
    public void The_time_before_the_last_request_belongs_to_the_earlier_ones(int attempts, int redirects)
    {
        var result = new FetchResult
        {
            TimeQueue = 1,
            TimeBegin = 97,
            TimeNameLookup = 100,
            TimeConnect = 110,
            TimePreTransfer = 110,
            TimeStartTransfer = 130,
            TimeTotal = 200,
            Attempts = attempts,
            NumRedirects = redirects,
        };
        PhaseDurations.Of(result).ShouldBe(new PhaseDurations(Queue: 1, Earlier: 96, Dns: 3, Connect: 10, Tls: 0, Wait: 20, Receive: 70));
    }

    [Fact]
    public void What_stands_before_the_first_request_belongs_to_the_queue() => PhaseDurations.Of(new FetchResult
    {
        TimeQueue = 1,
        TimeBegin = 100,
        TimeNameLookup = 102,
        TimeConnect = 110,
        TimePreTransfer = 110,
        TimeStartTransfer = 130,
        TimeTotal = 200,
        Attempts = 1,
    }).ShouldBe(new PhaseDurations(Queue: 100, Earlier: 0, Dns: 2, Connect: 8, Tls: 0, Wait: 20, Receive: 70));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    public void A_further_request_that_never_began_is_no_phase_of_an_exchange(int attempts, int redirects) => PhaseDurations.Of(new FetchResult
    {
        Error = new FetchError(FetchErrorKind.Timeout, "too late", 28),
        TimeQueue = 1,
        TimeTotal = 200,
        Attempts = attempts,
        NumRedirects = redirects,
    }).ShouldBe(new PhaseDurations(Queue: 1, Earlier: 199, Dns: 0, Connect: 0, Tls: 0, Wait: 0, Receive: 0));

    [Fact]
    public void A_redirect_whose_target_cannot_be_connected_ends_in_connecting() => PhaseDurations.Of(new FetchResult
    {
        Error = new FetchError(FetchErrorKind.Connect, "refused", 7),
        Status = 302,
        TimeBegin = 100,
        TimeNameLookup = 101,
        TimeTotal = 150,
        Attempts = 1,
        NumConnects = 1,
        NumRedirects = 1,
    }).ShouldBe(new PhaseDurations(Queue: 0, Earlier: 100, Dns: 1, Connect: 49, Tls: 0, Wait: 0, Receive: 0));

    [Theory]
    [InlineData(FetchErrorKind.Cancelled, 0, 0, 0, 0, 0, (int)Phase.Queue)]
    [InlineData(FetchErrorKind.Timeout, 0, 0, 0, 0, 0, (int)Phase.Queue)]
    [InlineData(FetchErrorKind.Dns, 0, 0, 0, 0, 1, (int)Phase.Dns)]
    [InlineData(FetchErrorKind.Timeout, 0, 0, 0, 0, 1, (int)Phase.Dns)]
    [InlineData(FetchErrorKind.Connect, 10, 0, 0, 0, 1, (int)Phase.Connect)]
    [InlineData(FetchErrorKind.Proxy, 10, 0, 0, 0, 1, (int)Phase.Connect)]
    [InlineData(FetchErrorKind.Timeout, 10, 0, 0, 0, 1, (int)Phase.Connect)]
    [InlineData(FetchErrorKind.Tls, 10, 20, 0, 0, 1, (int)Phase.Tls)]
    [InlineData(FetchErrorKind.Timeout, 10, 20, 0, 0, 1, (int)Phase.Tls)]
    [InlineData(FetchErrorKind.Send, 10, 20, 20, 0, 1, (int)Phase.Wait)]
    [InlineData(FetchErrorKind.Receive, 10, 20, 20, 0, 1, (int)Phase.Wait)]
    [InlineData(FetchErrorKind.Timeout, 10, 20, 20, 0, 1, (int)Phase.Wait)]
    [InlineData(FetchErrorKind.Receive, 10, 20, 20, 30, 1, (int)Phase.Receive)]
    [InlineData(FetchErrorKind.HttpStatus, 10, 20, 20, 30, 1, (int)Phase.Receive)]
    public void The_time_after_the_last_mark_belongs_to_the_phase_that_failed(
        FetchErrorKind kind, long lookup, long connect, long pretransfer, long starttransfer, int begin, int phase)
    {
        var result = new FetchResult
        {
            Error = new FetchError(kind, "failed", 1),
            TimeNameLookup = lookup,
            TimeConnect = connect,
            TimePreTransfer = pretransfer,
            TimeStartTransfer = starttransfer,
            TimeTotal = 1000,
            TimeBegin = begin,
            Attempts = 1,
        };
        PhaseDurations.Of(result)[(Phase)phase].ShouldBeGreaterThanOrEqualTo(970);
    }

    [Fact]
    public void The_phases_add_up_to_the_total_time() => Transfers.Sample((steps, ok, attempts) =>
    {
        var mark = 0L;
        var times = steps.Select(step => step % 3 == 0 ? 0 : mark += step).ToArray();
        var result = new FetchResult
        {
            TimeQueue = times[0],
            TimeBegin = times[1],
            TimeNameLookup = times[2],
            TimeConnect = times[3],
            TimeAppConnect = times[4],
            TimePreTransfer = times[5],
            TimeStartTransfer = times[6],
            TimeTotal = mark,
            Attempts = attempts,
            Error = ok ? null : new FetchError(FetchErrorKind.Timeout, "too slow", 28),
        };
        var durations = PhaseDurations.Of(result);
        Enum.GetValues<Phase>().Sum(phase => durations[phase]).ShouldBe(mark);
        Enum.GetValues<Phase>().ShouldAllBe(phase => durations[phase] >= 0);
    });
}
