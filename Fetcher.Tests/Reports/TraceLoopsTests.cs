using System.Text.Json;
using Fetcher.Core.Reports;
using static Fetcher.Tests.Reports.TraceCheck;

namespace Fetcher.Tests.Reports;

public sealed class TraceLoopsTests
{
    private static readonly JsonElement[] Events =
        TraceCheck.Events(WatchedSample.Write(new TraceReport(), WatchedSample.Results()));

    [Fact]
    public void A_trace_of_a_watched_run_is_as_the_format_says() =>
        SchemaCheck.Problems("trace-event.schema.json", WatchedSample.Write(new TraceReport(), WatchedSample.Results())).ShouldBeEmpty();

    [Fact]
    public void A_loop_has_a_track_with_what_it_ran_and_idling_is_empty()
    {
        Named("thread_name").ShouldContain(each => each.GetProperty("args").GetProperty("name").GetString() == "loop 0");
        Named("idle").ShouldBeEmpty();
        Named("blocking read").Select(Start).First().ShouldBe(100_000);
        Named("not scheduled").Length.ShouldBe(1);
    }

    [Fact]
    public void A_stall_lies_within_the_phases_it_interrupted()
    {
        // The first byte came at 103.123 ms: the wait ends there, and receiving begins.
        var stalls = Named("stalled");

        stalls.Select(Start).ShouldBe([101_000, 103_123]);
        stalls.Select(End).ShouldBe([103_123, 200_000]);
        stalls.Select(Track).Distinct().ShouldBe(Named("b/").Select(Track));
    }

    [Fact]
    public void An_arrow_leads_from_what_held_the_loop_to_the_stall()
    {
        var arrow = Named("stalled by");

        arrow.Select(end => end.GetProperty("ph").GetString()).ShouldBe(["s", "f"]);
        arrow.Select(end => end.GetProperty("id").GetInt64()).Distinct().Count().ShouldBe(1);
        Contains(Named("blocking read")[0], arrow[0]).ShouldBeTrue();
        Contains(Named("stalled")[0], arrow[1]).ShouldBeTrue();
    }

    [Fact]
    public void Slices_of_a_track_lie_within_one_another_or_apart() => SlicesShouldNest(Events);

    [Fact]
    public void Every_track_has_one_name() => TracksShouldBeNamed(Events);

    [Fact]
    public void Transfers_in_flight_are_a_counter() =>
        Named("in flight").Select(each => each.GetProperty("args").GetProperty("transfers").GetDecimal()).ShouldBe([2, 1.5m, 0]);

    private static JsonElement[] Named(string name) => [.. Events.Where(each => each.GetProperty("name").GetString() == name)];
}
