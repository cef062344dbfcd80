namespace Fetcher.Core.Http;

/// <summary>Sees the bytes of bodies as they came over the connection, with their transfer coding.</summary>
internal interface IBodyTap
{
    /// <summary>Takes the next bytes; copies what it needs.</summary>
    void Take(ReadOnlySpan<byte> bytes);
}
