using System.Buffers;

namespace Fetcher.Core.Saving;

/// <summary>Buffers that a loop fills and a writer's thread empties, as many as wait for the disk at once.</summary>
/// <remarks>
/// .NET's shared pool keeps 32 of a size for each processor and drops the others. With 64 transfers and one processor that was a collection for every 600
/// bodies, and a tenth of the CPU time (bench/NOTES.md).
/// </remarks>
internal static class DiskBuffers
{
    private const int Longest = 128 * 1024;
    private const int MostOfOneSize = 512;

    /// <summary>The pool; safe for several threads.</summary>
    public static ArrayPool<byte> Pool { get; } = ArrayPool<byte>.Create(Longest, MostOfOneSize);
}
