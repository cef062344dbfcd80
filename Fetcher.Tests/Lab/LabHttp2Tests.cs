using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Fetcher.Lab;

namespace Fetcher.Tests.Lab;

/// <summary>The lab by HTTP/2: over TLS by ALPN, without TLS on a port of its own; paces and faults are a stream's.</summary>
public sealed class LabHttp2Tests(LabFixture lab) : IClassFixture<LabFixture>
{
    private int _connects;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Over_TLS_the_client_chooses_the_version(string version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://h/get")
        {
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        (await lab.Client.SendAsync(request)).Version.ShouldBe(Version.Parse(version));
    }

    [Fact]
    public async Task Without_TLS_its_port_speaks_http_2()
    {
        using var client = Client();

        (await client.GetAsync("http://h/get")).Version.ShouldBe(HttpVersion.Version20);
    }

    [Fact]
    public async Task Hundreds_of_streams_fit_one_connection()
    {
        using var client = Client();
        await client.GetStringAsync("http://h/get");
        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => client.GetAsync("http://h/delay/0.3")));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
        _connects.ShouldBe(1);
    }

    /// <summary>Only too little time can be told on a busy machine.</summary>
    [Theory]
    [InlineData("/paced/65536?rate=500000")]
    [InlineData("/?body=65536&delay=0&pace=500000")]
    public async Task A_stream_takes_its_length_by_its_rate_also_beside_others(string path)
    {
        using var client = Client();
        await client.GetStringAsync("http://h/get");
        var times = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            var started = Stopwatch.GetTimestamp();
            (await client.GetByteArrayAsync("http://h" + path)).Length.ShouldBe(65_536);
            return Stopwatch.GetElapsedTime(started);
        }));

        times.ShouldAllBe(time => time > 0.93 * TimeSpan.FromSeconds(65_536 / 500_000.0));
    }

    [Fact]
    public async Task A_stream_whose_window_is_closed_loses_that_time()
    {
        using var client = Client();
        await client.GetStringAsync("http://h/get");
        var alone = TimeSpan.FromSeconds(1048576 / 4e6);
        var started = Stopwatch.GetTimestamp();
        using var answer = await client.GetAsync("http://h/paced/1048576?rate=4000000", HttpCompletionOption.ResponseHeadersRead);
        await Task.Delay(2 * alone);
        (await answer.Content.ReadAsByteArrayAsync()).Length.ShouldBe(1048576);

        // Had the stream gone on without the client, everything would lie ready after the pause. A window's worth does.
        Stopwatch.GetElapsedTime(started).ShouldBeGreaterThan(2.4 * alone);
    }

    [Fact]
    public async Task A_stream_that_is_reset_disturbs_no_other()
    {
        using var client = Client();
        var slow = client.GetByteArrayAsync("http://h/paced/100000?rate=500000");
        var failed = await Should.ThrowAsync<HttpRequestException>(client.GetByteArrayAsync("http://h/fault/rst-stream"));

        failed.ToString().ShouldContain("INTERNAL_ERROR");
        (await slow).Length.ShouldBe(100_000);
        _connects.ShouldBe(1);
    }

    [Theory]
    [InlineData("refused", 1)]
    [InlineData("goaway", 2)]
    [InlineData("goaway-after", 1)]
    public async Task A_request_that_was_not_begun_may_be_sent_again(string fault, int connects)
    {
        using var client = Client();

        (await client.GetStringAsync($"http://h/fault/{fault}?times=1&key={fault}")).ShouldContain("GET");
        _connects.ShouldBe(connects);
    }

    [Fact]
    public async Task A_request_after_GOAWAY_goes_on_another_connection()
    {
        using var client = Client();
        (await client.GetStringAsync("http://h/fault/goaway-after")).ShouldContain("GET");

        // GOAWAY comes behind the answer: what the client sends before it has read it is answered on the first connection still.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        do
        {
            (await client.GetStringAsync("http://h/get", patience.Token)).ShouldContain("GET");
        }
        while (_connects < 2);
        _connects.ShouldBe(2);
    }

    [Theory]
    [InlineData("refused", "REFUSED_STREAM")]
    [InlineData("goaway", "NO_ERROR")]
    [InlineData("reset", "")]
    [InlineData("reset-before", "")]
    [InlineData("truncate", "")]
    [InlineData("truncate-chunked", "")]
    [InlineData("garbage", "")]
    public async Task A_fault_fails_its_request(string fault, string reason)
    {
        using var client = Client();
        var failed = await Should.ThrowAsync<HttpRequestException>(client.GetByteArrayAsync($"http://h/fault/{fault}"));

        failed.ToString().ShouldContain(reason);
    }

    [Fact]
    public async Task A_fault_of_http_2_needs_http_2() =>
        (await lab.Client.GetAsync("http://h/fault/rst-stream")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

    [Fact]
    public async Task No_window_sends_more_than_the_client_allows()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, lab.Origin.Http2Port);
        await using var stream = new NetworkStream(socket);
        var path = "/fault/no-window"u8;
        byte[] fields = [0x82, 0x86, 0x01, 1, (byte)'h', 0x04, (byte)path.Length, .. path];
        await stream.WriteAsync((byte[])
        [
            .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. FrameOutput.Frame(type: 4, stream: 0, []), .. Headers(fields),
        ]);

        var data = 0;
        var header = new byte[9];
        while (data < 1 << 20)
        {
            await stream.ReadExactlyAsync(header);
            var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(header) >> 8];
            await stream.ReadExactlyAsync(payload);
            data += header[3] == 0 && BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)) == 1 ? payload.Length : 0;
        }

        static byte[] Headers(byte[] fields)
        {
            const byte EndStream = 1, EndHeaders = 4;
            var frame = FrameOutput.Frame(type: 1, stream: 1, fields);
            frame[4] = EndStream | EndHeaders;
            return frame;
        }
    }

    private HttpClient Client() => LabClient.ForHttp2(lab.Origin.Http2Port, () => Interlocked.Increment(ref _connects));
}
