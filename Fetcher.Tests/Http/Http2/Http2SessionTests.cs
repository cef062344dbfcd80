using CsCheck;
using Fetcher.Core.Http.Http2;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Http.Http2;

/// <summary>Windows, streams that nobody wants, and what holds for every input.</summary>
public sealed class Http2SessionTests
{
    [Fact]
    public void What_is_read_is_given_back_to_the_windows_by_halves()
    {
        var run = new SessionRun(limits: new Http2Limits { StreamWindow = 1000, ConnectionWindow = 100_000 });
        run.Receive(Http2Script.Bytes("settings | settings-ack | headers 1 200"));
        run.Sent();
        run.Receive(Http2Script.Bytes("data 1 *499"));
        run.Sent().ShouldBeEmpty();
        run.Receive(Http2Script.Bytes("data 1 *1"));
        run.Sent().ShouldBe(["WindowUpdate 1 500"]);
    }

    [Fact]
    public void What_comes_of_a_stream_behind_its_reset_disturbs_no_other()
    {
        var run = new SessionRun(streams: 2);
        run.Receive(Http2Script.Bytes("settings | headers 1 200 | rst 1 2 | headers 1 200 | data 1 x end | headers 3 200 | data 3 y end"))
            .Outcome.ShouldBe("1: 200 Reset InternalError; 3: 200 y whole; ok");
    }

    [Fact]
    public void A_server_that_goes_on_with_a_stream_that_it_has_reset_is_given_up_in_the_end()
    {
        var run = new SessionRun(limits: new Http2Limits { IdleFrames = 10 });
        run.Receive(Http2Script.Bytes("settings | rst 1 2 | " + string.Join(" | ", Enumerable.Repeat("data 1 x", 20))))
            .Outcome.ShouldEndWith("EnhanceYourCalm: too many frames that move no stream on");
    }

    [Fact]
    public void A_body_flows_until_its_end_as_long_as_the_windows_have_room()
    {
        var run = new SessionRun(streams: 2, limits: new Http2Limits { StreamWindow = 300_000 }) { Reads = false };
        run.Receive(Http2Script.Bytes("settings | settings-ack | headers 1 200")).Session.IsFlowing.ShouldBeFalse();
        run.Receive(Http2Script.Bytes("data 1 *16384")).Session.IsFlowing.ShouldBeTrue();
        run.Receive(Http2Script.Bytes(string.Join(" | ", Enumerable.Repeat("data 1 *16384", 2)))).Session.IsFlowing.ShouldBeFalse("the window is nearly closed");
        run.Session.Release(run[1], 3 * 16384);
        run.Receive(Http2Script.Bytes("headers 3 200 | data 3 *100")).Session.IsFlowing.ShouldBeTrue();
        run.Receive(Http2Script.Bytes("data 3 x end")).Session.IsFlowing.ShouldBeFalse("an answer may come next");
    }

    /// <summary>Both have the same fields, and no Content-Length.</summary>
    [Fact]
    public void A_head_that_was_all_of_one_response_is_not_all_of_the_next()
    {
        var run = new SessionRun();
        run.Receive(Http2Script.Bytes("settings | headers 1 200 end"));
        run.Open(run[1]);
        run.Receive(Http2Script.Bytes("headers 3 200 | data 3 x end")).Outcome.ShouldEndWith("200 whole 200 x whole; ok");
    }

    [Fact]
    public void Nothing_is_given_back_that_will_not_be_used()
    {
        var run = new SessionRun(limits: new Http2Limits { StreamWindow = 1000, ConnectionWindow = 100_000 });
        run.Receive(Http2Script.Bytes("settings | settings-ack | headers 1 200 content-length=900"));
        run.Sent();
        run.Receive(Http2Script.Bytes("data 1 *899 | data 1 x end"));
        run.Sent().ShouldBeEmpty();
        run.Outcome.ShouldEndWith("x whole; ok");
    }

    [Fact]
    public void Padding_and_data_of_streams_that_have_ended_count_for_the_connections_window()
    {
        var run = new SessionRun(streams: 2, limits: new Http2Limits { ConnectionWindow = 65_536 });
        run.Receive(Http2Script.Bytes("settings | headers 1 200 | headers 3 200"));
        run.Session.Abandon(run[1], drain: false);
        run.Sent()[^1].ShouldBe("RstStream 1 Cancel");
        run.Receive(Http2Script.Bytes("data 1 *16000 | data 1 *16000"));
        run.Sent().ShouldBeEmpty();
        run.Receive(Http2Script.Bytes("data 3 *600 pad=255"));
        run.Receive(Http2Script.Bytes("data 3 *1 pad=255"));
        run.Sent().ShouldBe(["WindowUpdate 0 32856"]);
        run.Session.WindowLeft.ShouldBe(65_536 - 257);
    }

    [Fact]
    public void More_than_a_window_allows_is_refused()
    {
        var limits = new Http2Limits { StreamWindow = 70_000, ConnectionWindow = 100_000 };
        var data = string.Join(" | ", Enumerable.Repeat("data 1 *16384", 5));
        new SessionRun(limits: limits) { Reads = false }.Receive(Http2Script.Bytes($"settings | settings-ack | headers 1 200 | {data}"))
            .Outcome.ShouldEndWith("Broken FlowControlError: more DATA than the stream's window; ok");
        var both = $"settings | headers 1 200 | headers 3 200 | {data[..^16]} | {data[..^16].Replace("data 1", "data 3", StringComparison.Ordinal)}";
        new SessionRun(streams: 2, limits: limits) { Reads = false }.Receive(Http2Script.Bytes(both))
            .Outcome.ShouldEndWith("; FlowControlError: more DATA than the connection's window");
    }

    [Fact]
    public void The_default_window_may_be_used_before_ours_is_known()
    {
        var limits = new Http2Limits { StreamWindow = 1000 };
        var data = "settings | headers 1 200 | data 1 *16384 | data 1 *16384 end";
        new SessionRun(limits: limits) { Reads = false }.Receive(Http2Script.Bytes(data)).Outcome.ShouldEndWith("whole; ok");
    }

    [Fact]
    public void A_window_that_the_server_knows_already_is_opened_again_in_time()
    {
        // It has read our SETTINGS, and its acknowledgement is on its way: it stops at 1000.
        var run = new SessionRun(limits: new Http2Limits { StreamWindow = 1000 });
        run.Receive(Http2Script.Bytes("settings | headers 1 200 content-length=1200"));
        run.Sent();
        run.Receive(Http2Script.Bytes("data 1 *1000"));
        run.Sent().ShouldBe(["WindowUpdate 1 1000"]);
        run.Receive(Http2Script.Bytes("settings-ack | data 1 *200 end")).Outcome.ShouldEndWith("whole; ok");
    }

    [Fact]
    public void DATA_without_end_on_a_stream_that_was_reset_is_a_flood()
    {
        var run = new SessionRun(limits: new Http2Limits { StreamWindow = 100_000, ConnectionWindow = 100_000 });
        run.Receive(Http2Script.Bytes("settings | settings-ack | headers 1 200"));
        run.Session.Abandon(run[1], drain: false);
        var (data, frames) = (Http2Script.Bytes("data 1 *1000"), 0);
        for (; run.Session.Failure is null && frames < 20_000; frames++)
        {
            run.Receive(data);
        }

        frames.ShouldBeInRange(10_000, 10_110);
    }

    [Fact]
    public void A_short_rest_of_a_body_that_nobody_wants_comes_and_a_long_one_is_reset()
    {
        var run = new SessionRun(streams: 3, limits: new Http2Limits { Drained = 100 });
        run.Receive(Http2Script.Bytes("settings | headers 1 200 | headers 3 200 | headers 5 200 content-length=101"));
        run.Sent();
        foreach (var id in new[] { 1, 3, 5 })
        {
            run.Session.Abandon(run[id], drain: true);
        }

        run.Sent().ShouldBe(["RstStream 5 Cancel"]);
        run.Session.AbandonedStreams.ShouldBe(2);
        run.Receive(Http2Script.Bytes("data 1 *100 end | data 3 *100"));
        run.Sent().ShouldBeEmpty();
        run.Receive(Http2Script.Bytes("data 3 *1 | data 3 *1000 | data 5 *1000 | fields 3 x=y end"));
        run.Sent().ShouldBe(["RstStream 3 Cancel"]);
        run.Session.Streams.ShouldBe(0);
        run.Session.AbandonedStreams.ShouldBe(0);
        run.Outcome.ShouldBe("1: 200 ; 3: 200 ; 5: 200 ; ok");
    }

    [Fact]
    public void Streams_that_nobody_wants_make_room()
    {
        var run = new SessionRun(streams: 2).Receive(Http2Script.Bytes("settings 3=2 | headers 1 200"));
        run.Session.Abandon(run[1], drain: true);
        run.Session.FreeStreams.ShouldBe(0);
        run.Session.ResetAbandoned();
        run.Session.FreeStreams.ShouldBe(1);
        run.Sent()[^1].ShouldBe("RstStream 1 Cancel");
    }

    [Fact]
    public void A_reset_within_a_frame_of_DATA_disturbs_no_other_stream()
    {
        var run = new SessionRun(streams: 2);
        var bytes = Http2Script.Bytes("settings | headers 1 200 | headers 3 200 | data 1 *1000 | data 3 hello end");
        run.Receive(bytes.AsMemory(0, bytes.Length - 500));
        var again = run[1];
        run.Session.Abandon(again, drain: false);

        // The same object, for another request.
        run.Open(again);
        run.Receive(bytes.AsMemory(bytes.Length - 500));
        run.Receive(Http2Script.Bytes("headers 5 204 end"));
        run.Outcome.ShouldStartWith("1: 200 xxx");
        run.Outcome.ShouldEndWith("204 whole; 3: 200 hello whole; ok");
    }

    [Fact]
    public void A_thousand_resets_with_data_in_flight_disturb_no_other_stream()
    {
        var run = new SessionRun(streams: 1001);
        run.Receive(Http2Script.Bytes("settings"));
        var inFlight = string.Join('|', Enumerable.Repeat("data N cd", 40));
        for (var id = 1; id < 2000; id += 2)
        {
            run.Receive(Http2Script.Bytes($"headers {id} 200 a=b | data {id} ab"));
            run.Session.Abandon(run[id], drain: false);
            run.Receive(Http2Script.Bytes($"{inFlight.Replace("N", $"{id}", StringComparison.Ordinal)} | fields {id} x=y end"));
        }

        run.Receive(Http2Script.Bytes("headers 2001 200 | data 2001 hello end"));
        run.Outcome.ShouldEndWith("; 2001: 200 hello whole; ok");
        run.Session.Streams.ShouldBe(0);
    }

    [Fact]
    public void The_number_of_streams_is_the_servers()
    {
        var run = new SessionRun(streams: 2, new Http2Limits());
        run.Receive(Http2Script.Bytes("settings 3=3"));
        run.Session.FreeStreams.ShouldBe(1);
        run.Receive(Http2Script.Bytes("settings 3=1"));
        run.Session.FreeStreams.ShouldBe(0);
        run.Receive(Http2Script.Bytes("headers 1 200 end | headers 3 200 end"));
        run.Session.FreeStreams.ShouldBe(1);
        run.Receive(Http2Script.Bytes("settings 3=0"));
        run.Session.FreeStreams.ShouldBe(0);
        new Http2Session(new Http2Limits(), 0).FreeStreams.ShouldBe(1, "before the server has said how many");
    }

    [Fact]
    public void A_response_is_seen_the_same_when_its_header_section_is_repeated()
    {
        var run = new SessionRun(streams: 4);
        run.Receive(Http2Script.Bytes("settings | headers 1 200 content-length=2 content-type=a/b | data 1 ab end | headers 3 200 content-length=2 content-type=a/b | data 3 cd end"));
        run[3].Head.ContentLength.ShouldBe(2);
        run[3].Head.Raw.SequenceEqual("HTTP/1.1 200 \r\ncontent-length: 2\r\ncontent-type: a/b\r\n\r\n"u8).ShouldBeTrue();
        run.Receive(Http2Script.Bytes("headers 5 200 content-length=0 | data 5 end | headers 7 200 content-length=0 end"));
        run.Outcome.ShouldBe("1: 200 ab whole; 3: 200 cd whole; 5: 200 whole; 7: 200 whole; ok");
    }

    [Fact]
    public void Every_split_of_an_exchange_gives_the_same()
    {
        var bytes = Http2Script.Bytes(
            "settings 3=100 1=0 | window 0 1000 | headers 1 103 link=x | headers 3 200 open | continuation 3 content-length=6 | data 3 abc pad=3 | headers 1 200 | ping | " +
            "data 1 hello | priority 3 | data 3 def | settings-ack | data 3 end | raw 200 1 7 00 | fields 1 a=b end | headers 5 404 content-length=0 end | goaway 5 0");
        var expected = new SessionRun(streams: 4).Receive(bytes);
        expected.Outcome.ShouldBe("1: 103 200 hello whole; 3: 200 abcdef whole; 5: 404 whole; 7: unprocessed; ok");
        var sent = expected.Sent();
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var run = new SessionRun(streams: 4).ReceiveCut(bytes, cut);
            run.Outcome.ShouldBe(expected.Outcome, $"cut at {cut}");
            run.Sent().ShouldBe(sent, $"cut at {cut}");
        }

        foreach (var most in new[] { 1, 2, 3, 8, 9, 10 })
        {
            new SessionRun(streams: 4).Receive(bytes, most).Outcome.ShouldBe(expected.Outcome, $"at most {most} bytes");
        }
    }

    [Fact]
    public void Any_frames_and_any_bytes_are_taken_or_refused()
    {
        var frame = Gen.Select(Gen.Int[0, 10], Gen.Byte, Gen.Int[0, 9], Gen.Byte.Array[0, 40]).Select(
            (type, flags, stream, payload) => Http2Script.Frame(type, flags, stream, payload));
        var lawful = Gen.OneOf(
            "headers 1 200", "headers 3 200 content-length=3", "data 1 abc", "data 3 abc end", "headers 5 204 end", "settings 3=1", "rst 5 8", "window 1 5", "goaway 3 0", "ping");
        var any = Gen.OneOf(frame, lawful.Select(Http2Script.Bytes), Gen.Byte.Array[0, 20]).Array[0, 12];
        Gen.Select(any, Gen.Int[1, 60]).Sample((frames, most) =>
        {
            byte[] bytes = [.. Http2Script.Bytes("settings"), .. frames.SelectMany(f => f)];
            var whole = new SessionRun(streams: 5).Receive(bytes);
            new SessionRun(streams: 5).Receive(bytes, most).Outcome.ShouldBe(whole.Outcome);
        }, iter: 4000);
    }
}
