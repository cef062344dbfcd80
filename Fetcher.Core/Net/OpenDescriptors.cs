using Fetcher.Core.Interop;

namespace Fetcher.Core.Net;

/// <summary>Counts the descriptors that are open, without opening one more as a look into /proc would.</summary>
internal static class OpenDescriptors
{
    /// <summary>How many there are.</summary>
    /// <param name="limit">How many there can be.</param>
    public static int Count(int limit) => Enumerable.Range(0, limit).Count(Libc.IsOpen);
}
