using Fetcher.Core.Modes;

namespace Fetcher.Tests.Modes;

public sealed class HeapRoomTests
{
    private const long Gigabyte = 1 << 30;

    [Theory]
    [InlineData(64, 8 * Gigabyte, 0)]
    [InlineData(499, 8 * Gigabyte, 0)]
    [InlineData(10_000, 8 * Gigabyte, 10_000 * 8 * 1024)]
    [InlineData(1_000_000, 8 * Gigabyte, Gigabyte)]
    [InlineData(int.MaxValue, 8 * Gigabyte, Gigabyte)]
    public void There_is_room_for_many_transfers_up_to_a_part_of_the_memory(int transfers, long memory, long bytes) =>
        HeapRoom.BytesFor(transfers, memory).ShouldBe(bytes);
}
