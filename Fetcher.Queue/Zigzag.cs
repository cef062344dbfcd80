namespace Fetcher.Queue;

/// <summary>Numbers that may be negative as numbers that are not, small ones of both signs as small ones.</summary>
internal static class Zigzag
{
    public static long Of(long number) => (number << 1) ^ (number >> 63);

    public static long From(long number) => (long)((ulong)number >> 1) ^ -(number & 1);
}
