using System.Text.Json;

namespace Fetcher.Tests.Reports;

/// <summary>What Google's Trace Event Format asks of events together, which no schema can say. Perfetto drops or misplaces what does not hold to it.</summary>
internal static class TraceCheck
{
    public static JsonElement[] Events(string trace) => [.. JsonDocument.Parse(trace).RootElement.GetProperty("traceEvents").EnumerateArray()];

    public static string Phase(JsonElement each) => each.GetProperty("ph").GetString()!;

    public static string Track(JsonElement each) => $"{each.GetProperty("pid")}/{each.GetProperty("tid")}";

    public static decimal Start(JsonElement each) => each.GetProperty("ts").GetDecimal();

    public static decimal End(JsonElement each) => Start(each) + each.GetProperty("dur").GetDecimal();

    public static bool Contains(JsonElement slice, JsonElement end) =>
        Track(end) == Track(slice) && Start(end) >= Start(slice) && Start(end) <= End(slice);

    /// <summary>Slices of a track lie within one another or apart.</summary>
    public static void SlicesShouldNest(IEnumerable<JsonElement> events)
    {
        foreach (var track in events.Where(each => Phase(each) == "X").GroupBy(Track))
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

    /// <summary>Every arrow has a start and an end, each on a slice.</summary>
    public static void ArrowsShouldHoldToSlices(IReadOnlyCollection<JsonElement> events)
    {
        var slices = events.Where(each => Phase(each) == "X").ToLookup(Track);
        foreach (var arrow in events.Where(each => Phase(each) is "s" or "f").GroupBy(each => each.GetProperty("id").GetInt64()))
        {
            arrow.Select(Phase).ShouldBe(["s", "f"]);
            arrow.ShouldAllBe(end => slices[Track(end)].Any(slice => Contains(slice, end)));
        }
    }

    /// <summary>Every track with slices has one name.</summary>
    public static void TracksShouldBeNamed(IReadOnlyCollection<JsonElement> events)
    {
        var named = events.Where(each => Phase(each) == "M" && each.GetProperty("name").GetString() == "thread_name").Select(Track).ToArray();
        named.ShouldBeUnique();
        events.Where(each => Phase(each) == "X").Select(Track).Distinct().Except(named).ShouldBeEmpty();
    }
}
