using System.Text;

namespace Fetcher.Queue;

/// <summary>Reads numbers and texts that lie one behind the other, as <see cref="BinaryReader"/> does, but from memory.</summary>
/// <exception cref="ArgumentException">The bytes end before, or are no number.</exception>
internal ref struct ColumnReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>A number has 64 bits at most.</summary>
    private const int MostBits = 64;

    /// <summary>What was not read.</summary>
    public ReadOnlySpan<byte> Rest { get; private set; } = bytes;

    public byte Byte() => Bytes(1)[0];

    /// <summary>A number, 7 bits a byte, the lowest first.</summary>
    public long Number()
    {
        var number = 0L;
        for (var bits = 0; bits < MostBits; bits += 7)
        {
            var next = Byte();
            number |= (long)(next & 0x7F) << bits;
            if (next < 0x80)
            {
                return number;
            }
        }

        throw new ArgumentException("a number of more than ten bytes");
    }

    /// <summary>A number of what there is of something.</summary>
    public int Count() => Number() is >= 0 and <= int.MaxValue and var count ? (int)count : throw new ArgumentException("a count that is too large");

    /// <summary>So many of them.</summary>
    public int[] Counts(int count)
    {
        var counts = new int[count];
        for (var i = 0; i < count; i++)
        {
            counts[i] = Count();
        }

        return counts;
    }

    /// <summary>A text in UTF-8 behind its length.</summary>
    public string Text() => Encoding.UTF8.GetString(Bytes(Count()));

    public ReadOnlySpan<byte> Bytes(int count)
    {
        var bytes = Rest[..count];
        Rest = Rest[count..];
        return bytes;
    }
}
