namespace Fetcher.Core.Loop.Uring;

/// <summary>Received bytes, lent from a buffer of the ring or in memory of their own.</summary>
/// <param name="Array">Where they are.</param>
/// <param name="Offset">Where they begin.</param>
/// <param name="Length">How many they are.</param>
/// <param name="Buffer">The number of the lent buffer they are in, or <see cref="Owned"/>.</param>
internal readonly record struct Slice(byte[] Array, int Offset, int Length, int Buffer)
{
    /// <summary>The <see cref="Buffer"/> of bytes that are in memory of their own.</summary>
    public const int Owned = -1;

    public ArraySegment<byte> Bytes => new(Array, Offset, Length);

    public Slice From(int start) => this with { Offset = Offset + start, Length = Length - start };
}
