namespace Fetcher.Core.Saving;

/// <summary>
/// A hash that is the same in every run, for tables of names and URLs: FNV-1a (RFC 9923), 64 bits, with its bits mixed once more.
/// </summary>
internal static class Hash64
{
    public static long Of(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in bytes)
        {
            hash = (hash ^ value) * 1099511628211UL;
        }

        hash ^= hash >> 32;
        return (long)(hash * 0x9E3779B97F4A7C15UL);
    }
}
