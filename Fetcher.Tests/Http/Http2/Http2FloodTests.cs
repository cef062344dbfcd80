using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Http.Http2;

/// <summary>Frames without end that move nothing on: they end the connection, and take no memory until then.</summary>
public sealed class Http2FloodTests
{
    private const string TooMany = "EnhanceYourCalm: too many frames that move no stream on";

    [Theory]
    [InlineData("settings")]
    [InlineData("settings 3=100")]
    [InlineData("settings-ack")]
    [InlineData("ping")]
    [InlineData("raw 6 1 0 0001020304050607")]
    [InlineData("priority 1")]
    [InlineData("window 0 1")]
    [InlineData("window 3 1")]
    [InlineData("raw 99 0 0 00")]
    [InlineData("data 3")]
    [InlineData("data 3 pad=255")]
    [InlineData("data 1 x")]
    [InlineData("rst 1 8")]
    [InlineData("fields 1 a=b")]
    [InlineData("goaway 5 0")]
    public void Idle_frames_end_the_connection_at_their_budget(string frame)
    {
        // Of the streams, 1 was reset by us, and 3 has its header section.
        var run = new SessionRun(streams: 2).Receive(Http2Script.Bytes("settings | headers 1 200 | headers 3 200"));
        run.Session.Abandon(run[1], drain: false);
        var bytes = Http2Script.Bytes(frame);
        var frames = 0;
        for (; run.Session.Failure is null && frames < 20_000; frames++)
        {
            run.Receive(bytes);
        }

        run.Outcome.ShouldEndWith(TooMany);
        // A stream that was reset may have sent up to its window.
        frames.ShouldBeInRange(9_990, frame.StartsWith("data", StringComparison.Ordinal) ? 15_000 : 10_010);
        run.Session.Output.Length.ShouldBeLessThan(20 * frames);
        run.Sent()[^1].ShouldBe("GoAway 0 EnhanceYourCalm");
    }

    [Fact]
    public void As_many_as_a_server_has_reason_for_are_taken()
    {
        var run = new SessionRun().Receive(Http2Script.Bytes("settings"));
        var ping = Http2Script.Bytes("ping");
        for (var i = 0; i < 50_000; i++)
        {
            run.Now += 1_000_000_000 / 300;
            run.Receive(ping);
            run.Session.Output.Take();
        }

        run.Outcome.ShouldBe("1:; ok");
    }

    [Theory]
    [InlineData("headers 1 103", "1: Broken EnhanceYourCalm: more than 32 interim (1xx) responses; ok")]
    [InlineData("raw 5 4 1 0000000282", "1:; ProtocolError: PUSH_PROMISE, which we have said we do not take")]
    public void Others_end_at_a_limit_of_their_own(string frame, string expected)
    {
        var run = new SessionRun().Receive(Http2Script.Bytes("settings"));
        for (var i = 0; i < 100 && run.Session.Failure is null && run.Session.Streams > 0; i++)
        {
            run.Receive(Http2Script.Bytes(frame));
        }

        run.Outcome.ShouldEndWith(expected[3..]);
    }

    [Fact]
    public void A_header_section_that_unpacks_to_too_much_ends_the_connection()
    {
        // One field of 4,000 bytes in the table, then a byte each time it is meant.
        byte[] section = [0x88, 0x40, 0x01, 0x61, 0x7F, 0xA1, 0x1E, .. new byte[4000].Select(_ => (byte)'v'), .. Enumerable.Repeat((byte)0xBE, 12_000)];
        var run = new SessionRun().Receive(Http2Script.Bytes("settings")).Receive(Http2Script.Frame(1, 4, 1, section));
        run.Outcome.ShouldEndWith("EnhanceYourCalm: a header section longer than 131072 bytes");

        // Counted on a stream that nobody wants, too.
        run = new SessionRun().Receive(Http2Script.Bytes("settings"));
        run.Session.Abandon(run[1], drain: false);
        run.Receive(Http2Script.Frame(1, 4, 1, section)).Outcome.ShouldEndWith("EnhanceYourCalm: a header section longer than 131072 bytes");
    }
}
