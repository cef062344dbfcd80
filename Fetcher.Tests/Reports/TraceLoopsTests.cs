using System.Text.Json;
using Fetcher.Core.Reports;

namespace Fetcher.Tests.Reports;

public sealed class TraceLoopsTests
{
    private static readonly JsonElement[] Events =
        [.. JsonDocument.Parse(WatchedSample.Write(new TraceReport(), WatchedSample.Results())).RootElement.GetProperty("traceEvents").EnumerateArray()];

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
        ShouldLieWithin(arrow[0], Named("blocking read")[0]);
        ShouldLieWithin(arrow[1], Named("stalled")[0]);
    }

    [Fact]
    public void Slices_of_a_track_lie_within_one_another_or_apart()
    {
        foreach (var track in Events.Where(each => each.GetProperty("ph").GetString() == "X").GroupBy(Track))
        {
            var open = new Stack<decimal>();
            foreach (var slice in track.OrderBy(Start).ThenByDescending(End))
            {
                while (open.TryPeek(out var end) && end <= Start(slice))
                {
                    open.Pop();
                }

                End(slice).ShouldBeLessThanOrEqualTo(open.TryPeek(out var around) ? around : decimal.MaxValue);
                open.Push(End(slice));
            }
        }
    }

    [Fact]
    public void Transfers_in_flight_are_a_counter() =>
        Named("in flight").Select(each => each.GetProperty("args").GetProperty("transfers").GetDecimal()).ShouldBe([2, 1.5m, 0]);

    private static void ShouldLieWithin(JsonElement end, JsonElement slice)
    {
        Track(end).ShouldBe(Track(slice));
        Start(end).ShouldBeInRange(Start(slice), End(slice));
    }

    private static JsonElement[] Named(string name) => [.. Events.Where(each => each.GetProperty("name").GetString() == name)];

    private static string Track(JsonElement each) => $"{each.GetProperty("pid")}/{each.GetProperty("tid")}";

    private static decimal Start(JsonElement each) => each.GetProperty("ts").GetDecimal();

    private static decimal End(JsonElement each) => Start(each) + each.GetProperty("dur").GetDecimal();
}
