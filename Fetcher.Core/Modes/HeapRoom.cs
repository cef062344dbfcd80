using System.Runtime;

namespace Fetcher.Core.Modes;

/// <summary>
/// Room on the heap for what many transfers at once live on. It is made as they begin and stays to the end of the run, so that a collection in between
/// frees nothing and copies it all (bench/NOTES.md).
/// </summary>
internal static class HeapRoom
{
    /// <summary>Fewer transfers take no more than what gathers before a collection anyway.</summary>
    private const int Many = 500;

    /// <summary>More than the objects of a transfer, its connection and its result take.</summary>
    private const int BytesOfTransfer = 8 * 1024;

    /// <summary>The part of the memory that may be had for it.</summary>
    private const int PartOfMemory = 8;

    /// <summary>Lets transfers begin without a collection; the first that is due after them ends that. Does nothing where there is no memory for it.</summary>
    /// <param name="transfers">How many at once.</param>
    public static void Reserve(int transfers)
    {
        if (BytesFor(transfers, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) is > 0 and var bytes && GCSettings.LatencyMode != GCLatencyMode.NoGCRegion)
        {
            GC.TryStartNoGCRegion(bytes, disallowFullBlockingGC: true);
        }
    }

    /// <summary>Bytes to allocate before the first collection; 0 for as many as usual.</summary>
    /// <param name="transfers">How many at once.</param>
    /// <param name="memory">Bytes that the process may have.</param>
    public static long BytesFor(int transfers, long memory) =>
        transfers < Many ? 0 : Math.Min((long)transfers * BytesOfTransfer, memory / PartOfMemory);
}
