using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Fetcher.Lab;

namespace Fetcher.Tests.Lab;

/// <summary>A rate is a lower bound of a time, and 1 MiB at 4 MB/s takes a hundred times as long as the quickest of some without pacing.</summary>
public sealed class LabPacingTests(LabFixture lab) : IClassFixture<LabFixture>
{
    private const string Paced = "/paced/1048576?rate=4000000";
    private const string Unpaced = "/bytes/1048576";

    [Fact]
    public void A_rate_is_set_on_the_socket_and_taken_back()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var connection = new PacedConnection(socket);

        connection.SetRate(5_000_000_000);
        MaxPacingRate().ShouldBe(5_000_000_000UL);
        connection.SetRate(0);
        MaxPacingRate().ShouldBe(ulong.MaxValue);

        ulong MaxPacingRate()
        {
            Span<byte> value = stackalloc byte[sizeof(ulong)];
            socket.GetRawSocketOption(1, 47, value);
            return BinaryPrimitives.ReadUInt64LittleEndian(value);
        }
    }

    [Theory]
    [InlineData(Paced, false)]
    [InlineData(Paced, true)]
    [InlineData("/?body=1048576&delay=0&pace=4000000", false)]
    public async Task A_paced_body_takes_at_least_five_times_as_long_as_an_unpaced_one(string path, bool tls)
    {
        await using var stream = await LabClient.OpenAsync(lab.Origin, tls);
        var paced = await TimeAsync(stream, path);

        await ShouldBeAFifthAsync(paced, stream, Unpaced);
    }

    /// <summary>
    /// Only too little time can be told on a busy machine: what the server sends by the clock never comes earlier than its pace. In a body that is left
    /// to the kernel three packets do: of the first, which finds the connection idle, the kernel takes off a half, it lets one go after the ten
    /// segments, and after the last it waits for nothing. None is larger than 64 KiB.
    /// </summary>
    [Theory]
    [InlineData(20_000, 200_000, 0, false)]
    [InlineData(65_536, 500_000, 0, false)]
    [InlineData(65_536, 500_000, 0, true)]
    [InlineData(400_000, 2_000_000, 0, false)]
    [InlineData(1_048_576, 4_000_000, 160 << 10, false)]
    public async Task A_body_takes_its_length_by_its_rate_on_a_fresh_connection_and_on_a_kept_one(int length, int rate, int early, bool tls)
    {
        await using var stream = await LabClient.OpenAsync(lab.Origin, tls);
        var shortest = TimeSpan.FromSeconds((double)(length - early) / rate);
        for (var i = 0; i < 3; i++)
        {
            (await TimeAsync(stream, $"/?body={length}&delay=0&pace={rate}")).ShouldBeGreaterThanOrEqualTo(shortest, $"answer {i}");
        }
    }

    [Fact]
    public async Task An_answer_after_a_paced_one_on_the_same_connection_is_unpaced()
    {
        await using var stream = await LabClient.OpenAsync(lab.Origin, tls: false);
        await TimeAsync(stream, Unpaced);
        var paced = await TimeAsync(stream, Paced);
        await ShouldBeAFifthAsync(paced, stream, Unpaced);
        var pacedAgain = await TimeAsync(stream, Paced);

        await ShouldBeAFifthAsync(pacedAgain, stream, Unpaced);
    }

    [Fact]
    public async Task A_client_that_does_not_read_loses_that_time()
    {
        // Fresh connections, because a window that has grown once would take in the whole body.
        var alone = TimeSpan.FromSeconds(1048576 / 4e6);
        await FreshAsync();
        var pausing = await FreshAsync(() => Task.Delay(2 * alone));

        // Had the path gone on without the client, everything would lie ready after the pause. A busy machine only adds to it.
        pausing.ShouldBeGreaterThan(2.4 * alone);
    }

    [Fact]
    public async Task A_host_paces_its_page_by_its_name()
    {
        await using var stream = await LabClient.OpenAsync(lab.Origin, tls: false);
        var paced = await TimeAsync(stream, "/?delay=0");

        await ShouldBeAFifthAsync(paced, stream, "/?delay=0&pace=0");
    }

    [Fact]
    public async Task Many_paced_connections_are_served_at_once()
    {
        // None reads its body before all have their heads, which a server that serves one after the other would never send.
        const int Connections = 16;
        var haveHeads = 0;
        var all = new TaskCompletionSource();

        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => FreshAsync(WaitForAllAsync))).WaitAsync(TimeSpan.FromSeconds(60));

        haveHeads.ShouldBe(Connections);

        Task WaitForAllAsync()
        {
            if (Interlocked.Increment(ref haveHeads) == Connections)
            {
                all.SetResult();
            }

            return all.Task;
        }
    }

    /// <summary>A busy machine may slow one answer down, or ten, but not each: an unpaced one takes a hundredth.</summary>
    private static async Task ShouldBeAFifthAsync(TimeSpan paced, Stream stream, string path)
    {
        var quickest = TimeSpan.MaxValue;
        for (var i = 0; i < 100 && quickest > paced / 5; i++)
        {
            var time = await TimeAsync(stream, path);
            quickest = time < quickest ? time : quickest;
        }

        quickest.ShouldBeLessThan(paced / 5);
    }

    private static async Task<TimeSpan> TimeAsync(Stream stream, string path, Func<Task>? afterHead = null)
    {
        var buffer = new byte[256 << 10];
        var started = Stopwatch.StartNew();
        await LabClient.RequestAsync(stream, path);
        var have = 0;
        var head = -1;
        while (head < 0)
        {
            have += await stream.ReadAsync(buffer.AsMemory(have));
            head = buffer.AsSpan(0, have).IndexOf("\r\n\r\n"u8);
        }

        await (afterHead?.Invoke() ?? Task.CompletedTask);
        var fields = Encoding.ASCII.GetString(buffer, 0, head).Split("\r\n");
        var length = int.Parse(fields.Single(field => field.StartsWith("Content-Length: ", StringComparison.Ordinal)).AsSpan(16), null);
        for (var left = length - (have - head - 4); left > 0;)
        {
            left -= await stream.ReadAsync(buffer);
        }

        return started.Elapsed;
    }

    private async Task<TimeSpan> FreshAsync(Func<Task>? afterHead = null)
    {
        await using var stream = await LabClient.OpenAsync(lab.Origin, tls: false);
        return await TimeAsync(stream, Paced, afterHead);
    }
}
