using System.Text.Json;
using CsCheck;
using Fetcher.Core;
using Fetcher.Core.Reports;

namespace Fetcher.Tests.Reports;

public sealed class TraceReportTests
{
    private const string Schema = "trace-event.schema.json";

    [Fact]
    public void A_trace_of_everything_is_as_the_format_says()
    {
        FetchResult[] results =
            [Sample.Result(), NdjsonReportTests.EveryFieldDifferent(), .. Enum.GetValues<FetchErrorKind>().Select(kind => Sample.Failed(kind: kind))];

        SchemaCheck.Problems(Schema, Written(results)).ShouldBeEmpty();
    }

    [Fact]
    public void A_trace_without_results_is_as_the_format_says() => SchemaCheck.Problems(Schema, Written()).ShouldBeEmpty();

    [Fact]
    public void A_transfer_encloses_its_phases_which_follow_one_another()
    {
        var slices = Slices(Sample.Result());

        slices.Select(slice => slice.Name).ShouldBe(["a/", "dns", "connect", "wait", "receive"]);
        slices.Select(slice => slice.Start).ShouldBe([123, 123, 1123, 2123, 103123]);
        slices.Select(slice => slice.End).ShouldBe([301123, 1123, 2123, 103123, 301123]);
    }

    [Fact]
    public void Transfers_over_one_connection_share_a_track_and_do_not_overlap()
    {
        // The first was still being saved when its connection had gone on to the second.
        var slices = Slices(At(0, 10, port: 40000), At(8, 20, port: 40000)).Where(slice => slice.Name == "a/").ToArray();

        slices[0].Track.ShouldBe(slices[1].Track);
        slices[1].Start.ShouldBe(10_000);
    }

    [Fact]
    public void Slices_of_a_track_never_overlap_whatever_order_results_come_in()
    {
        var result =
            from start in Gen.Long[0, 40]
            from port in Gen.Int[0, 2]
            from server in Gen.Int[1, 2]
            from phases in Gen.Long[0, 5].Array[6]
            from isHttp2 in Gen.Bool
            select Timed(start, port, server, phases, isHttp2 ? "2" : "1.1");
        result.Array[0, 12].Sample(results => TraceCheck.SlicesShouldNest(TraceCheck.Events(Written(results))), iter: 2000);
    }

    [Fact]
    public void Two_servers_may_be_reached_from_the_same_port_at_the_same_time()
    {
        var other = At(0, 10, port: 40000);
        other.RemoteIp = "192.0.2.1";

        Slices(At(0, 10, port: 40000), other).Select(slice => slice.Track).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public void Streams_of_a_connection_are_drawn_beside_one_another()
    {
        FetchResult[] results = [At(0, 10, port: 40000), At(5, 15, port: 40000), At(12, 20, port: 40000)];
        Array.ForEach(results, result => result.HttpVersion = "2");
        var slices = Slices(results).Where(slice => slice.Name == "a/").ToArray();

        slices.Select(slice => (slice.Start, slice.End)).ShouldBe([(0, 10_000), (5_000, 15_000), (12_000, 20_000)]);
        slices[0].Track.ShouldNotBe(slices[1].Track);
        slices[2].Track.ShouldBe(slices[0].Track);
        Written(results).ShouldContain("\"name\":\"connection 40000 #2\"");
    }

    [Fact]
    public void A_port_that_is_used_again_keeps_its_track()
    {
        var other = At(10, 20, port: 40000);
        other.RemoteIp = "192.0.2.1";

        Slices(At(0, 10, port: 40000), other).Select(slice => slice.Track).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public void Transfers_without_a_connection_are_drawn_beside_one_another()
    {
        var slices = Slices(At(0, 10, port: 0), At(5, 15, port: 0), At(12, 20, port: 0)).Where(slice => slice.Name == "a/").ToArray();

        slices.Select(slice => slice.Track).ShouldBe([slices[0].Track, slices[1].Track, slices[0].Track]);
        slices[0].Track.ShouldNotBe(slices[1].Track);
    }

    [Fact]
    public void Every_track_has_one_name()
    {
        var events = TraceCheck.Events(Written(At(0, 10, port: 1), At(10, 20, port: 1), At(0, 10, port: 2)));

        TraceCheck.TracksShouldBeNamed(events);
        events.Count(each => each.GetProperty("name").GetString() == "thread_name").ShouldBe(2);
    }

    [Fact]
    public void The_time_in_the_queue_is_told_and_not_drawn()
    {
        var result = Sample.Result();
        result.TimeQueue = Sample.Millisecond;
        result.TimeNameLookup = 2 * Sample.Millisecond;

        Slices(result)[0].Start.ShouldBe(1123);
        Written(result).ShouldContain("\"queue\":0.001000,");
    }

    [Fact]
    public void A_line_that_is_no_URL_was_no_transfer() =>
        Slices(Sample.Failed(0, "http://user:secret@", FetchErrorKind.BadUrl, "no host", 3)).ShouldBeEmpty();

    [Fact]
    public void A_transfer_over_a_kept_connection_allocates_nothing()
    {
        var trace = new TraceReport();
        var output = new System.Buffers.ArrayBufferWriter<byte>(1 << 16);
        var result = Sample.Result();
        AllocationCheck.ShouldAllocateNothing(() =>
        {
            output.ResetWrittenCount();
            trace.Write(output, result);
        });
    }

    /// <summary>A transfer whose times go up by the phases' lengths, in milliseconds.</summary>
    private static FetchResult Timed(long start, int port, int server, long[] phases, string version)
    {
        var ends = phases.Select((_, i) => phases.Take(i + 1).Sum() * Sample.Millisecond).ToArray();
        var result = At(start, start, port);
        result.RemoteIp = $"192.0.2.{server}";
        result.HttpVersion = version;
        (result.TimeQueue, result.TimeNameLookup, result.TimeConnect) = (ends[0], ends[1], ends[2]);
        (result.TimePreTransfer, result.TimeStartTransfer, result.TimeTotal) = (ends[3], ends[4], ends[5]);
        return result;
    }

    private static FetchResult At(long start, long end, int port)
    {
        var result = Sample.Result();
        result.LocalPort = port;
        result.Start = start * Sample.Millisecond;
        result.TimeNameLookup = result.TimeConnect = result.TimePreTransfer = 0;
        result.TimeStartTransfer = Sample.Millisecond;
        result.TimeTotal = (end - start) * Sample.Millisecond;
        return result;
    }

    private static Slice[] Slices(params FetchResult[] results) =>
        [.. TraceCheck.Events(Written(results)).Where(each => TraceCheck.Phase(each) == "X").Select(Slice.Of)];

    private static string Written(params FetchResult[] results) => Sample.WriteAll(new TraceReport(), Sample.Run(), results);

    private sealed record Slice(string Name, string Track, decimal Start, decimal End)
    {
        public static Slice Of(JsonElement each) =>
            new(each.GetProperty("name").GetString()!, TraceCheck.Track(each), TraceCheck.Start(each), TraceCheck.End(each));
    }
}
