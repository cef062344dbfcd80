using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;

namespace Fetcher.Core.Timing;

/// <summary>
/// Counts durations in HdrHistogram's layout with three significant digits, and encodes them as its libraries read them
/// (https://github.com/HdrHistogram/HdrHistogram, encoding V2).
/// </summary>
internal sealed class HdrHistogram
{
    private const int Digits = 3;

    /// <summary>Twice 1000, rounded up to a power of two, are the sub-buckets of a bucket; but of the first, the lower half belongs to the bucket before.</summary>
    private const int HalfMagnitude = 10, Half = 1 << HalfMagnitude, Mask = (2 * Half) - 1;

    private const int Cookie = 0x1c849313, CompressedCookie = 0x1c849314, HeaderLength = 40;

    private readonly long[] _counts = new long[IndexOf(Histogram.MaxTracked) + 1];

    /// <summary>Values recorded.</summary>
    public long Count { get; private set; }

    /// <summary>The largest, in nanoseconds.</summary>
    public long Max { get; private set; }

    /// <summary>Counts a value in nanoseconds.</summary>
    public void Record(long nanoseconds)
    {
        var value = Math.Clamp(nanoseconds, 0, Histogram.MaxTracked);
        _counts[IndexOf(value)]++;
        Count++;
        Max = Math.Max(Max, value);
    }

    /// <summary>Forgets all values.</summary>
    public void Reset()
    {
        Array.Clear(_counts, 0, IndexOf(Max) + 1);
        Count = Max = 0;
    }

    /// <summary>All values as logs have them: encoded, compressed, in Base64.</summary>
    public string ToBase64()
    {
        using var compressed = new MemoryStream();
        Span<byte> head = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(head, CompressedCookie);
        compressed.Write(head);
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(Encode());
        }

        var bytes = compressed.GetBuffer().AsSpan(0, (int)compressed.Length);
        BinaryPrimitives.WriteInt32BigEndian(bytes[4..], bytes.Length - head.Length);
        return Convert.ToBase64String(bytes);
    }

    private static int IndexOf(long value)
    {
        var bucket = BitOperations.Log2((ulong)value | Mask) - HalfMagnitude;
        return ((bucket + 1) << HalfMagnitude) + (int)(value >> bucket) - Half;
    }

    /// <summary>The header, then the counts up to the last: each as a ZigZag LEB128 number; a negative one is so many zeros.</summary>
    private ReadOnlySpan<byte> Encode()
    {
        var used = IndexOf(Max) + 1;
        var bytes = new byte[HeaderLength + (9 * used)];
        var length = HeaderLength;
        for (var i = 0; i < used; i++)
        {
            var zeros = _counts[i] != 0 ? 0 : _counts.AsSpan(i, used - i).IndexOfAnyExcept(0) is var next and >= 0 ? next : used - i;
            WriteZigZag(bytes, ref length, zeros > 1 ? -zeros : _counts[i]);
            i += Math.Max(0, zeros - 1);
        }

        BinaryPrimitives.WriteInt32BigEndian(bytes, Cookie);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), length - HeaderLength);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(12), Digits);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(16), 1);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(24), Histogram.MaxTracked);
        BinaryPrimitives.WriteDoubleBigEndian(bytes.AsSpan(32), 1);
        return bytes.AsSpan(0, length);
    }

    private static void WriteZigZag(byte[] bytes, ref int length, long value)
    {
        var rest = (ulong)((value << 1) ^ (value >> 63));
        for (; rest > 0x7F; rest >>= 7)
        {
            bytes[length++] = (byte)(rest | 0x80);
        }

        bytes[length++] = (byte)rest;
    }
}
