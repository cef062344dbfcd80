using System.Net.Sockets;
using System.Text;

namespace Fetcher.Tests.Lab;

public sealed class LabFaultTests(LabFixture lab) : IClassFixture<LabFixture>
{
    private const int Announced = 64 << 10;
    private const int Sent = 32 << 10;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reset_sends_the_head_and_part_of_the_body_and_an_RST(bool tls)
    {
        // Many at once: an RST that comes too early takes the last TLS record with it only now and then, and more often on a busy server.
        await Parallel.ForAsync(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) =>
        {
            var (text, end) = await LabClient.ExchangeAsync(lab.Origin, tls, "/fault/reset");

            text.ShouldContain($"Content-Length: {Announced}\r\n");
            BodyOf(text).Length.ShouldBe(Sent);
            IsReset(end).ShouldBeTrue(end?.ToString());
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reset_before_sends_nothing_but_an_RST(bool tls)
    {
        var (text, end) = await LabClient.ExchangeAsync(lab.Origin, tls, "/fault/reset-before");

        text.ShouldBeEmpty();
        IsReset(end).ShouldBeTrue(end?.ToString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Truncate_ends_with_a_FIN_before_the_length_is_reached(bool tls)
    {
        var (text, end) = await LabClient.ExchangeAsync(lab.Origin, tls, "/fault/truncate");

        text.ShouldContain($"Content-Length: {Announced}\r\n");
        BodyOf(text).Length.ShouldBe(Sent);
        IsReset(end).ShouldBeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Truncate_chunked_ends_with_a_FIN_inside_a_chunk(bool tls)
    {
        var (text, end) = await LabClient.ExchangeAsync(lab.Origin, tls, "/fault/truncate-chunked");

        text.ShouldContain("Transfer-Encoding: chunked\r\n");
        BodyOf(text).ShouldBe("5\r\nwhole\r\n1000\r\nthis chunk is cut");
        IsReset(end).ShouldBeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Garbage_is_no_HTTP(bool tls)
    {
        var (text, end) = await LabClient.ExchangeAsync(lab.Origin, tls, "/fault/garbage");

        text.ShouldNotContain("HTTP/");
        text.Length.ShouldBeGreaterThan(10);
        IsReset(end).ShouldBeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stall_sends_half_a_body_and_stays_silent(bool tls)
    {
        await using var stream = await LabClient.OpenAsync(lab.Origin, tls);
        await LabClient.RequestAsync(stream, "/fault/stall");
        var buffer = new byte[Announced];
        var text = "";
        while (!text.Contains("\r\n\r\n", StringComparison.Ordinal) || BodyOf(text).Length < Sent)
        {
            text += Encoding.Latin1.GetString(buffer, 0, await stream.ReadAsync(buffer));
        }

        var more = stream.ReadAsync(buffer).AsTask();
        (await lab.Client.GetStringAsync("http://h/delay/0.1")).ShouldNotBeEmpty();
        BodyOf(text).Length.ShouldBe(Sent);
        more.IsCompleted.ShouldBeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stall_head_says_nothing(bool tls)
    {
        await using var stream = await LabClient.OpenAsync(lab.Origin, tls);
        await LabClient.RequestAsync(stream, "/fault/stall-head");
        var more = stream.ReadAsync(new byte[1]).AsTask();

        (await lab.Client.GetStringAsync("http://h/delay/0.1")).ShouldNotBeEmpty();
        more.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_fault_may_follow_a_sound_answer_on_the_same_connection()
    {
        await using var stream = await LabClient.OpenAsync(lab.Origin, tls: false);
        await LabClient.RequestAsync(stream, "/status/204");
        var buffer = new byte[1000];
        var text = "";
        while (!text.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            text += Encoding.Latin1.GetString(buffer, 0, await stream.ReadAsync(buffer));
        }

        await LabClient.RequestAsync(stream, "/fault/reset-before");
        var end = await Should.ThrowAsync<IOException>(async () => await stream.ReadExactlyAsync(buffer));

        text.ShouldStartWith("HTTP/1.1 204 ");
        IsReset(end).ShouldBeTrue();
    }

    private static string BodyOf(string answer) => answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];

    private static bool IsReset(Exception? e) => e?.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset };
}
