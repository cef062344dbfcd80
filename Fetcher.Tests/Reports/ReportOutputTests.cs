using System.Buffers;
using System.Text;
using Fetcher.Core.Reports;

namespace Fetcher.Tests.Reports;

public sealed class ReportOutputTests
{
    private const int Block = 128 * 1024;

    [Fact]
    public async Task What_is_written_arrives_whole_and_in_order()
    {
        var stream = new GatedStream();
        var expected = new StringBuilder();
        await using (var output = new ReportOutput(stream))
        {
            for (var line = 0; line < 50_000; line++)
            {
                var text = $"line {line}\n";
                expected.Append(text);
                output.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        stream.Text.ShouldBe(expected.ToString());
    }

    [Fact]
    public async Task A_piece_larger_than_a_block_is_not_torn()
    {
        var stream = new GatedStream();
        await using (var output = new ReportOutput(stream))
        {
            output.Write("head "u8);
            var big = output.GetSpan(3 * Block);
            big.Length.ShouldBeGreaterThanOrEqualTo(3 * Block);
            big[..(3 * Block)].Fill((byte)'x');
            output.Advance(3 * Block);
            output.Write(" tail"u8);
        }

        stream.Text.ShouldBe("head " + new string('x', 3 * Block) + " tail");
    }

    [Fact]
    public async Task A_line_arrives_without_another_one_behind_it()
    {
        var stream = new GatedStream();
        await using var output = new ReportOutput(stream, flushInterval: TimeSpan.FromMilliseconds(1));
        output.Write("first\n"u8);
        await stream.WaitForAsync("first\n");
        output.Write("second\n"u8);
        await stream.WaitForAsync("first\nsecond\n");
        stream.Flushes.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task In_a_stream_of_lines_only_whole_blocks_are_written_until_the_interval_is_over()
    {
        var stream = new GatedStream();
        await using (var output = new ReportOutput(stream, flushInterval: Timeout.InfiniteTimeSpan))
        {
            Fill(output, (2 * Block) + (Block / 2));
            await stream.WaitForAsync(new string('x', 2 * Block));
            stream.Text.Length.ShouldBe(2 * Block);
        }

        stream.Text.Length.ShouldBe((2 * Block) + (Block / 2));
    }

    [Fact]
    public async Task A_full_block_does_not_wait_for_the_flush_interval()
    {
        var stream = new GatedStream();
        await using var output = new ReportOutput(stream, flushInterval: Timeout.InfiniteTimeSpan);
        Fill(output, 2 * Block);
        await stream.WaitForAsync(new string('x', Block));
    }

    [Fact]
    public async Task Full_blocks_that_wait_leave_no_room_until_they_are_written()
    {
        var stream = new GatedStream();
        stream.CloseGate();
        await using var output = new ReportOutput(stream, maxWaiting: 4 * Block);
        output.HasRoom.ShouldBeTrue();
        output.WaitForRoomAsync().AsTask().IsCompleted.ShouldBeTrue();

        Fill(output, 5 * Block);
        output.HasRoom.ShouldBeFalse();
        var room = output.WaitForRoomAsync().AsTask();
        var calls = 0;
        output.NotifyWhenRoom(() => Interlocked.Increment(ref calls));
        room.IsCompleted.ShouldBeFalse();
        calls.ShouldBe(0);

        stream.OpenGate();
        await room;
        output.HasRoom.ShouldBeTrue();
        await stream.WaitForAsync(new string('x', 5 * Block));
        calls.ShouldBe(1);
        output.NotifyWhenRoom(() => Interlocked.Increment(ref calls));
        calls.ShouldBe(2);
    }

    [Fact]
    public async Task What_is_written_without_room_is_kept()
    {
        var stream = new GatedStream();
        stream.CloseGate();
        await using (var output = new ReportOutput(stream, maxWaiting: Block))
        {
            Fill(output, 10 * Block);
            output.HasRoom.ShouldBeFalse();
            stream.OpenGate();
        }

        stream.Text.Length.ShouldBe(10 * Block);
    }

    [Fact]
    public async Task A_write_error_is_kept_and_reported_once_and_frees_those_who_wait()
    {
        var error = new IOException("No space left on device");
        var reported = new List<Exception>();
        var stream = new GatedStream { Failure = error };
        stream.CloseGate();
        await using (var output = new ReportOutput(stream, maxWaiting: Block) { OnError = reported.Add })
        {
            Fill(output, 3 * Block);
            var room = output.WaitForRoomAsync().AsTask();
            output.Error.ShouldBeNull();

            stream.OpenGate();
            await room;
            output.Error.ShouldBeSameAs(error);
            Fill(output, 5 * Block);
            output.HasRoom.ShouldBeTrue();
            output.WaitForRoomAsync().AsTask().IsCompleted.ShouldBeTrue();
        }

        reported.ShouldBe([error]);
        stream.Text.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_error_of_the_last_flush_is_kept()
    {
        var stream = new GatedStream { FlushFailure = new IOException("broken pipe") };
        var output = new ReportOutput(stream);
        output.Write("x"u8);
        await output.DisposeAsync();
        output.Error.ShouldBeSameAs(stream.FlushFailure);
    }

    [Fact]
    public async Task A_stream_is_closed_at_the_end_unless_it_is_to_stay_open()
    {
        var closed = new GatedStream();
        await new ReportOutput(closed).DisposeAsync();
        closed.IsDisposed.ShouldBeTrue();

        var open = new GatedStream();
        var output = new ReportOutput(open, leaveOpen: true);
        output.Write("x"u8);
        await output.DisposeAsync();
        open.IsDisposed.ShouldBeFalse();
        open.Text.ShouldBe("x");
    }

    [Fact]
    public async Task Disposing_twice_is_disposing_once()
    {
        var output = new ReportOutput(new GatedStream());
        output.Write("x"u8);
        await output.DisposeAsync();
        await output.DisposeAsync();
    }

    [Fact]
    public async Task Writing_allocates_nothing_once_as_many_blocks_exist_as_may_wait()
    {
        var stream = new GatedStream();
        stream.CloseGate();
        await using var output = new ReportOutput(stream, maxWaiting: 2 * Block);
        Fill(output, 3 * Block);
        stream.OpenGate();
        await stream.WaitForAsync(new string('x', 3 * Block));

        AllocationCheck.ShouldAllocateNothing(() =>
        {
            output.GetSpan(1000)[..1000].Fill((byte)'x');
            output.Advance(1000);
            while (!output.HasRoom)
            {
                Thread.Yield();
            }
        });
    }

    [Fact]
    public async Task More_than_there_was_room_for_cannot_be_committed()
    {
        await using var output = new ReportOutput(new GatedStream());
        output.GetSpan(10);
        Should.Throw<ArgumentOutOfRangeException>(() => output.Advance(Block + 1));
        Should.Throw<ArgumentOutOfRangeException>(() => output.Advance(-1));
    }

    private static void Fill(ReportOutput output, int bytes)
    {
        var piece = new byte[1024];
        piece.AsSpan().Fill((byte)'x');
        for (; bytes > 0; bytes -= piece.Length)
        {
            output.Write(piece);
        }
    }
}
