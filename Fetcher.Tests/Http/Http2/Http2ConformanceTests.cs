using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Http.Http2;

/// <summary>
/// What RFC 9113 calls lawful and what it calls an error, by the numbers of h2spec's suite for clients (github.com/summerwind/h2spec), rebuilt as scripts, and
/// further cases by the sections of the RFC. The client has asked for one thing, on stream 1, unless the script says more.
/// </summary>
public sealed class Http2ConformanceTests
{
    private const string Ok = "1: 200 hello whole; ok";

    [Theory]
    [InlineData("1/1", "settings 3=100 4=65535 5=16384 | settings-ack | headers 1 200 | data 1 hello end", Ok)]
    [InlineData("4.1/1", "settings | raw 255 0 0 0001020304050607 | headers 1 200 | data 1 hello end", Ok)]
    [InlineData("4.1/2", "settings | raw 6 22 0 0001020304050607 | headers 1 200 | data 1 hello end", Ok)]
    [InlineData("4.1/3", "settings | raw 6 0 -2147483648 0001020304050607 | headers 1 200 | data 1 hello end", Ok)]
    [InlineData("4.2/1", "settings | headers 1 200 content-length=16384 | zeros 0 1 1 16384", "whole; ok")]
    [InlineData("4.2/2", "settings | headers 1 200 | zeros 0 1 1 16385", "FrameSizeError: a frame longer than 16384 bytes")]
    [InlineData("4.2/3", "settings | zeros 1 5 1 16385", "FrameSizeError: a frame longer than 16384 bytes")]
    [InlineData("4.3/1", "settings | raw 1 5 1 40", "CompressionError: a string that is cut off or not in the Huffman code")]
    [InlineData("5.1.1/1", "settings | headers 2 200 end", "ProtocolError: HEADERS on a stream that was never opened")]
    [InlineData("5.1/1", "settings | data 3 x", "ProtocolError: DATA on a stream that was never opened")]
    [InlineData("5.1/2", "settings | rst 3 8", "ProtocolError: RST_STREAM on a stream that was never opened")]
    [InlineData("5.1/3", "settings | window 3 1", "ProtocolError: WINDOW_UPDATE on a stream that was never opened")]
    [InlineData("5.1/4", "settings | continuation 3 a=b", "ProtocolError: CONTINUATION without a header section")]
    [InlineData("5.1/5", "settings | rst 1 8 | data 1 x", "1: Reset Cancel; ok")]
    [InlineData("5.1/6", "settings | rst 1 8 | headers 1 200", "1: Reset Cancel; ok")]
    [InlineData("5.1/7", "settings | rst 1 8 | continuation 1 a=b", "1: Reset Cancel; ProtocolError: CONTINUATION without a header section")]
    [InlineData("5.1/8", "settings | headers 1 200 end | data 1 x", "1: 200 whole; StreamClosed: DATA on a stream that had ended")]
    [InlineData("5.1/9", "settings | headers 1 200 end | headers 1 200", "1: 200 whole; StreamClosed: HEADERS on a stream that had ended")]
    [InlineData("5.1/10", "settings | headers 1 200 end | continuation 1 a=b", "1: 200 whole; ProtocolError: CONTINUATION without a header section")]
    [InlineData("5.4.1/1", "settings | raw 6 0 0 00", "FrameSizeError: PING of a wrong length")]
    [InlineData("5.5/1", "settings | raw 22 0 0 00 | headers 1 200 | raw 22 0 1 00 | data 1 hello end", Ok)]
    [InlineData("6.1/1", "settings | data 0 x", "ProtocolError: DATA on a stream that was never opened")]
    [InlineData("6.1/2", "settings | headers 1 200 end | data 1 x", "1: 200 whole; StreamClosed: DATA on a stream that had ended")]
    [InlineData("6.1/3", "settings | headers 1 200 | raw 0 9 1 0561", "1: 200 ; ProtocolError: a padding longer than its frame")]
    [InlineData("6.2/1", "settings | headers 1 200 open | priority 1", "ProtocolError: a frame within a header section")]
    [InlineData("6.2/2", "settings | headers 0 200", "ProtocolError: HEADERS on a stream that was never opened")]
    [InlineData("6.2/3", "settings | raw 1 12 1 0288", "ProtocolError: a padding longer than its frame")]
    [InlineData("6.3/1", "settings | priority 0", "ProtocolError: PRIORITY on no stream")]
    [InlineData("6.3/2", "settings | raw 2 0 1 00000000", "FrameSizeError: PRIORITY of a wrong length")]
    [InlineData("6.4/1", "settings | rst 0 8", "ProtocolError: RST_STREAM on a stream that was never opened")]
    [InlineData("6.4/2", "settings | rst 5 8", "ProtocolError: RST_STREAM on a stream that was never opened")]
    [InlineData("6.4/3", "settings | raw 3 0 1 000000", "FrameSizeError: RST_STREAM of a wrong length")]
    [InlineData("6.5/1", "settings | raw 4 1 0 00", "FrameSizeError: SETTINGS of a wrong length")]
    [InlineData("6.5/2", "settings | raw 4 0 1", "ProtocolError: SETTINGS on a stream")]
    [InlineData("6.5/3", "settings | raw 4 0 0 000300", "FrameSizeError: SETTINGS of a wrong length")]
    [InlineData("6.5.2/1", "settings 4=2147483648", "FlowControlError: a window beyond its largest size")]
    [InlineData("6.5.2/2", "settings 5=16383", "ProtocolError: a SETTINGS_MAX_FRAME_SIZE that cannot be")]
    [InlineData("6.5.2/3", "settings 5=16777216", "ProtocolError: a SETTINGS_MAX_FRAME_SIZE that cannot be")]
    [InlineData("6.5.2/4", "settings 255=1 | headers 1 200 | data 1 hello end", Ok)]
    [InlineData("6.7/3", "settings | raw 6 0 1 0001020304050607", "ProtocolError: PING on a stream")]
    [InlineData("6.7/4", "settings | raw 6 0 0 000102030405", "FrameSizeError: PING of a wrong length")]
    [InlineData("6.8/1", "settings | raw 7 0 1 0000000000000000", "ProtocolError: GOAWAY on a stream")]
    [InlineData("6.9/1", "settings | window 0 0", "ProtocolError: WINDOW_UPDATE of 0")]
    [InlineData("6.9/2", "settings | window 1 0", "1: Broken ProtocolError: WINDOW_UPDATE of 0; ok")]
    [InlineData("6.9/3", "settings | raw 8 0 0 000001", "FrameSizeError: WINDOW_UPDATE of a wrong length")]
    [InlineData("6.9.1/1", "settings | window 0 2147483647 | window 0 2147483647", "FlowControlError: a window beyond its largest size")]
    [InlineData("6.9.1/2", "settings | window 1 2147483647", "1: Broken FlowControlError: a window beyond its largest size; ok")]
    [InlineData("6.10/1", "settings | headers 1 200 open | continuation 1 a=b open | continuation 1 c=d | data 1 hello end", Ok)]
    [InlineData("6.10/2", "settings | headers 1 200 open | continuation 1 a=b open | data 1 x", "ProtocolError: a frame within a header section")]
    [InlineData("6.10/3", "settings | headers 1 200 open | continuation 0 a=b", "ProtocolError: a frame within a header section")]
    [InlineData("6.10/4", "settings | headers 1 200 | continuation 1 a=b", "1: 200 ; ProtocolError: CONTINUATION without a header section")]
    [InlineData("6.10/5", "settings | headers 1 200 open | continuation 1 a=b | continuation 1 a=b", "1: 200 ; ProtocolError: CONTINUATION without a header section")]
    [InlineData("6.10/6", "settings | headers 1 200 | data 1 x | continuation 1 a=b", "1: 200 x; ProtocolError: CONTINUATION without a header section")]
    public void The_suite_of_h2spec_for_clients(string number, string script, string expected) => Expect(number, script, expected);

    [Theory]
    // Section 3.4: SETTINGS come first.
    [InlineData("ping | settings", "1:; ProtocolError: the first frame is not SETTINGS")]
    [InlineData("settings-ack | settings", "1:; ProtocolError: the first frame is not SETTINGS")]
    // Section 6.6: no pushes, since we have said so.
    [InlineData("settings | raw 5 4 1 0000000282", "1:; ProtocolError: PUSH_PROMISE, which we have said we do not take")]
    [InlineData("settings 2=1", "1:; ProtocolError: SETTINGS_ENABLE_PUSH of a server")]
    [InlineData("settings 2=0 | headers 1 200 end", "1: 200 whole; ok")]
    // Section 6.1: padding counts, and is no body.
    [InlineData("settings | headers 1 200 content-length=5 | data 1 hel pad=200 | data 1 lo pad=0 end", Ok)]
    [InlineData("settings | headers 1 200 | raw 0 8 1", "1: 200 ; FrameSizeError: DATA without the length of its padding")]
    [InlineData("settings | headers 1 200 | data 1 hello | data 1 end", Ok)]
    [InlineData("settings | data 1 hello end", "1: Broken ProtocolError: DATA before the header section; ok")]
    // Section 6.2: padding and priority of HEADERS.
    [InlineData("settings | raw 1 45 1 01000000000088ff", "1: 200 whole; ok")]
    [InlineData("settings | raw 1 37 1 00000000", "1:; FrameSizeError: HEADERS of a wrong length")]
    // Section 6.8: what is not processed is told; the last stream never becomes a later one.
    [InlineData("settings | goaway 0 0", "1: unprocessed; ok")]
    [InlineData("settings | goaway 2147483647 0 | headers 1 200 | goaway 1 0 | data 1 hello end", Ok)]
    [InlineData("settings | goaway 1 0 | goaway 3 0", "1:; ProtocolError: GOAWAY with a later stream than before")]
    [InlineData("settings | raw 7 0 0 00000000", "1:; FrameSizeError: GOAWAY of a wrong length")]
    // Section 8.1: the order of a response's frames.
    [InlineData("settings | headers 1 103 link=x | headers 1 100 | headers 1 200 | data 1 hello end", "1: 103 100 200 hello whole; ok")]
    [InlineData("settings | headers 1 103 end", "1: Broken ProtocolError: a stream that ends with an interim response; ok")]
    [InlineData("settings | headers 1 200 | data 1 hello | fields 1 x=y end", Ok)]
    [InlineData("settings | headers 1 200 | data 1 hello | fields 1 x=y", "1: 200 hello Broken ProtocolError: a second header section that does not end the stream; ok")]
    [InlineData("settings | headers 1 200 | headers 1 200 end", "1: 200 Broken ProtocolError: a pseudo-field in the trailers; ok")]
    [InlineData("settings | headers 1 200 | data 1 a | headers 1 200 end", "Broken ProtocolError: a pseudo-field in the trailers; ok")]
    // Section 8.1.1: Content-Length is held against DATA.
    [InlineData("settings | headers 1 200 content-length=5 | data 1 hello end", Ok)]
    [InlineData("settings | headers 1 200 content-length=6 | data 1 hello end", "1: 200 Broken ProtocolError: 1 bytes less DATA than was announced; ok")]
    [InlineData("settings | headers 1 200 content-length=4 | data 1 hello end", "1: 200 Broken ProtocolError: more DATA than was announced; ok")]
    [InlineData("settings | headers 1 200 content-length=5 | data 1 hel | fields 1 x=y end", "1: 200 hel Broken ProtocolError: 2 bytes less DATA than was announced; ok")]
    [InlineData("settings | headers 1 200 content-length=5 end", "1: Broken ProtocolError: 5 bytes less DATA than was announced; ok")]
    [InlineData("settings | headers 1 304 content-length=5 end", "1: 304 whole; ok")]
    [InlineData("settings | headers 1 204 | data 1 x end", "1: 204 Broken ProtocolError: more DATA than was announced; ok")]
    [InlineData("settings | headers 1 200 content-length=5 content-length=6 end", "1: Broken ProtocolError: Content-Length values that differ; ok")]
    [InlineData("settings | headers 1 200 content-length=x end", "1: Broken ProtocolError: a Content-Length that is not a number of bytes; ok")]
    // Section 8.2: fields.
    [InlineData("settings | headers 1 200 X=y end", "1: Broken ProtocolError: a character in a field name that cannot stand there; ok")]
    [InlineData("settings | headers 1 200 x\\sy=z end", "1: Broken ProtocolError: a character in a field name that cannot stand there; ok")]
    [InlineData("settings | headers 1 200 hex=00000161 end", "1: Broken ProtocolError: an empty field name; ok")]
    [InlineData("settings | headers 1 200 x=a\\0b end", "1: Broken ProtocolError: a character in a field value that cannot stand there; ok")]
    [InlineData("settings | headers 1 200 x=\\sb end", "1: Broken ProtocolError: a character in a field value that cannot stand there; ok")]
    [InlineData("settings | headers 1 200 hex=00017803610d0a end", "1: Broken ProtocolError: a character in a field value that cannot stand there; ok")]
    [InlineData("settings | headers 1 200 connection=close end", "1: Broken ProtocolError: a field about a connection of HTTP/1.1; ok")]
    [InlineData("settings | headers 1 200 transfer-encoding=chunked end", "1: Broken ProtocolError: a field about a connection of HTTP/1.1; ok")]
    [InlineData("settings | headers 1 200 upgrade=x end", "1: Broken ProtocolError: a field about a connection of HTTP/1.1; ok")]
    [InlineData("settings | headers 1 200 keep-alive=x end", "1: Broken ProtocolError: a field about a connection of HTTP/1.1; ok")]
    [InlineData("settings | headers 1 200 proxy-connection=x end", "1: Broken ProtocolError: a field about a connection of HTTP/1.1; ok")]
    // Section 8.3: pseudo-fields.
    [InlineData("settings | fields 1 a=b end", "1: Broken ProtocolError: a field before :status; ok")]
    [InlineData("settings | fields 1 end", "1: Broken ProtocolError: no :status; ok")]
    [InlineData("settings | headers 1 200 :status=200 end", "1: Broken ProtocolError: a second :status, or one behind other fields; ok")]
    [InlineData("settings | headers 1 200 a=b :status=200 end", "1: Broken ProtocolError: a second :status, or one behind other fields; ok")]
    [InlineData("settings | headers 1 200 :path=/ end", "1: Broken ProtocolError: a pseudo-field that no response has; ok")]
    [InlineData("settings | headers 1 20 end", "1: Broken ProtocolError: a :status that is not three digits; ok")]
    [InlineData("settings | headers 1 2x0 end", "1: Broken ProtocolError: a :status that is not three digits; ok")]
    [InlineData("settings | headers 1 101 end", "1: Broken ProtocolError: status 101, which HTTP/2 does not have; ok")]
    // Section 10.5.1: header sections.
    [InlineData("settings | headers 1 200 open | continuation 1 open | continuation 1 open | continuation 1 open | continuation 1 open | continuation 1 open | continuation 1 open | continuation 1 open | continuation 1 end | data 1 hello end", Ok)]
    [InlineData("settings | headers 1 200 open | continuation 1 open | continuation 1 open | continuation 1 open | continuation 1 open | continuation 1 open | continuation 1 open | continuation 1 open | continuation 1 open | continuation 1", "1:; EnhanceYourCalm: more than 8 CONTINUATION frames")]
    public void Further_cases_of_the_RFC(string script, string expected) => Expect("", script, expected);

    [Theory]
    [InlineData("settings | headers 1 200 content-length=5 end", "1: 200 whole; ok")]
    [InlineData("settings | headers 1 200 content-length=5 | data 1 end", "1: 200 whole; ok")]
    [InlineData("settings | headers 1 200 content-length=5 | data 1 hello end", "1: 200 Broken ProtocolError: more DATA than was announced; ok")]
    public void Of_HEAD_only_the_header_section_comes(string script, string expected) =>
        new SessionRun(isHead: true).Receive(Http2Script.Bytes(script)).Outcome.ShouldBe(expected);

    [Fact]
    public void Settings_and_pings_are_acknowledged()
    {
        var run = new SessionRun();
        run.Sent().ShouldBe(["Settings 0", "WindowUpdate 0 16711681", "Headers 1"]);
        run.Receive(Http2Script.Bytes("settings | settings-ack | ping | raw 6 1 0 0001020304050607"));
        run.Sent().ShouldBe(["Settings 0 ack", "Ping 0 ack"]);
    }

    [Fact]
    public void The_server_is_told_what_was_wrong()
    {
        var run = new SessionRun(streams: 2).Receive(Http2Script.Bytes("settings | headers 1 99 end | headers 3 200 | data 3 x | raw 6 0 0 00"));
        run.Outcome.ShouldBe("1: Broken ProtocolError: a :status that is not three digits; 3: 200 x; FrameSizeError: PING of a wrong length");
        run.Sent()[^2..].ShouldBe(["RstStream 1 ProtocolError", "GoAway 0 FrameSizeError"]);
    }

    private static void Expect(string number, string script, string expected)
    {
        var bytes = Http2Script.Bytes(script);
        var outcome = new SessionRun().Receive(bytes).Outcome;
        outcome.ShouldContain(expected, Case.Sensitive, number);

        // However it is cut: as soon as it is certain, and not otherwise.
        for (var cut = 1; cut < bytes.Length; cut += Math.Max(1, bytes.Length / 200))
        {
            new SessionRun().ReceiveCut(bytes, cut).Outcome.ShouldBe(outcome, $"{number}, cut at {cut}");
        }

        new SessionRun().Receive(bytes, most: 1).Outcome.ShouldBe(outcome, $"{number}, byte by byte");
    }
}
