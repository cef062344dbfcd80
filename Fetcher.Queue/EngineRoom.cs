using System.Numerics;

namespace Fetcher.Queue;

/// <summary>
/// How much of the engine's memory a batch takes: its allocator, jemalloc, has four sizes to each doubling, so that a batch which is a little larger than one
/// of them takes up to a quarter more. It is then cheaper with some URLs fewer.
/// </summary>
internal static class EngineRoom
{
    /// <summary>Below this several batches share a piece of memory (Redis' stream-node-max-bytes is 4096), in bytes.</summary>
    private const int Shared = 2048;

    /// <summary>What stands around a batch in the same piece, 33 bytes as of Redis 7.0; and what is elsewhere for it, as measured.</summary>
    private const int Around = 48, Beside = 150;

    /// <summary>With how many of its URLs a batch takes least for each.</summary>
    /// <param name="count">URLs that it has.</param>
    /// <param name="length">Its length, packed, in bytes.</param>
    /// <param name="most">The length that it must not exceed with so many.</param>
    public static int BestCount(int count, int length, out int most)
    {
        var size = SizeFor(length + Around);
        var below = size - StepTo(size);
        most = below - Around;
        var fewer = (int)((long)count * most / length);
        var isCheaper = (long)(below + Beside) * count < (long)(size + Beside) * fewer;
        return length > Shared && isCheaper ? fewer : count;
    }

    /// <summary>What is allocated for so many bytes.</summary>
    private static int SizeFor(int bytes)
    {
        var step = StepTo(bytes);
        return (bytes + step - 1) / step * step;
    }

    /// <summary>From the size below to that for so many bytes.</summary>
    private static int StepTo(int bytes) => 1 << Math.Max(0, BitOperations.Log2((uint)bytes - 1) - 2);
}
