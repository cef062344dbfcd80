using System.Buffers;

namespace Fetcher.Queue;

/// <summary>Bytes that are written one behind the other, and whose end can be taken back.</summary>
internal sealed class LineBuffer : IBufferWriter<byte>
{
    private byte[] _bytes = [];

    /// <summary>Bytes written; less than before takes the last back.</summary>
    public int Length { get; set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <summary>Writes over one of them.</summary>
    public void Replace(int place, byte value) => _bytes[place] = value;

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        var needed = Length + Math.Max(1, sizeHint);
        if (needed > _bytes.Length)
        {
            // From the pool, so that what a buffer has grown out of is the next one's.
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(4096, 2 * _bytes.Length)));
            Written.CopyTo(larger);
            if (_bytes.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_bytes);
            }

            _bytes = larger;
        }

        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
