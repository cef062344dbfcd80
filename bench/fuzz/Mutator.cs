namespace Fetcher.Fuzz;

/// <summary>Makes an input from another by a few small changes, now and then by a large one.</summary>
internal sealed class Mutator(Random random, List<byte[]> seeds)
{
    /// <summary>Beyond every limit of the parsers.</summary>
    public const int MostBytes = 160 * 1024;

    private const int UsualBytes = 1024;

    private static readonly byte[] Telling = "\r\n :;,=/\\0159aAfFxX-+.%@[]?#{}\"\t\0\u007f"u8.ToArray();

    private readonly byte[] _other = new byte[UsualBytes];

    /// <summary>Writes a mutation of <paramref name="input"/> and gives its length.</summary>
    public int Mutate(ReadOnlySpan<byte> input, Span<byte> output)
    {
        var length = Math.Min(input.Length, UsualBytes);
        input[..length].CopyTo(output);
        for (var changes = 1 + random.Next(4); changes > 0; changes--)
        {
            length = Change(output, length);
        }

        return random.Next(20_000) == 0 ? Repeat(output, length) : length;
    }

    private int Change(Span<byte> data, int length)
    {
        var at = random.Next(length + 1);
        switch (random.Next(7))
        {
            case 0 when at < length:
                data[at] ^= (byte)(1 << random.Next(8));
                return length;
            case 1 when at < length:
                data[at] = Telling[random.Next(Telling.Length)];
                return length;
            case 2:
                return Insert(data, length, at, [Telling[random.Next(Telling.Length)]]);
            case 3:
                var gone = Math.Min(random.Next(1, 9), length - at);
                data[(at + gone)..length].CopyTo(data[at..]);
                return length - gone;
            case 4:
                return at;
            case 5:
                return Insert(data, length, at, Piece(data[..length]));
            default:
                return Insert(data, length, at, Piece(seeds[random.Next(seeds.Count)]));
        }
    }

    /// <summary>A piece of something, mostly up to the end of a line or a word.</summary>
    private ReadOnlySpan<byte> Piece(ReadOnlySpan<byte> of)
    {
        var from = random.Next(of.Length + 1);
        var piece = of.Slice(from, Math.Min(random.Next(1, 40), of.Length - from));
        piece.CopyTo(_other);
        return _other.AsSpan(0, piece.Length);
    }

    private static int Insert(Span<byte> data, int length, int at, ReadOnlySpan<byte> piece)
    {
        if (length + piece.Length > UsualBytes)
        {
            return length;
        }

        data[at..length].CopyTo(data[(at + piece.Length)..]);
        piece.CopyTo(data[at..]);
        return length + piece.Length;
    }

    /// <summary>A part again and again, up to any length.</summary>
    private int Repeat(Span<byte> data, int length)
    {
        var from = random.Next(length + 1);
        var part = Math.Min(random.Next(1, 60), length - from);
        var end = random.Next(MostBytes);
        while (part > 0 && length + part <= end)
        {
            data.Slice(from, part).CopyTo(data[length..]);
            length += part;
        }

        return length;
    }
}
