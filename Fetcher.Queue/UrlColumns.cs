using System.IO.Compression;
using System.Text;

namespace Fetcher.Queue;

/// <summary>
/// The URLs of a batch by columns: what they have in common with the one before is not there again, and what is alike is compressed together. A list of random
/// words takes 19 % less than as <see cref="UrlRecords"/>, one of a few sites a third less.
/// </summary>
/// <remarks>
/// After the byte 7 comes one stream of DEFLATE, of three parts. The first has, of all URLs, how many they are; the indices as the differences from the one
/// before; the lines, each as what its difference from the one before is more than that of the indices; the flags; of both columns of texts how many bytes at the
/// beginning, and how many of the others at the end, are those of the text before, and how many are between; then of each that has them the origin and what is
/// wrong. The second and the third have the bytes between of a column each: URLs as far as the first slash of their path, and the rest. Numbers are 7 bits a byte, the
/// lowest first, in zigzag where they may be negative; texts have their length before them. In jobs of format 2 the byte is 6, and a URL one text.
/// </remarks>
internal static class UrlColumns
{
    /// <summary>No stream of DEFLATE begins with it: there are no blocks of type 11 (RFC 1951, section 3.2.3).</summary>
    private const byte Mark = 7, OldMark = 6;

    /// <summary>The format of a job whose batches have a URL in one column.</summary>
    public const int OldFormat = 2;

    /// <summary>Literals rather than short matches: 3 % of random words, 5 % of a few sites.</summary>
    private static readonly ZLibCompressionOptions Packing = new() { CompressionLevel = 6, CompressionStrategy = ZLibCompressionStrategy.Filtered };

    [Flags]
    private enum Facts : byte
    {
        None = 0,
        HasOrigin = 1,
        HasProblem = 2,
        IsJson = 4,
    }

    /// <summary>Whether a batch is of this kind.</summary>
    public static bool Are(ReadOnlySpan<byte> packed) => packed is [Mark or OldMark, ..];

    public static ReadOnlyMemory<byte> Pack(IReadOnlyList<QueuedUrl> urls, int format = JobFacts.NewestFormat)
    {
        var isOld = format == OldFormat;
        Column[] columns = isOld
            ? [new(urls, url => url.Text)]
            : [new(urls, url => url.Text.AsMemory(0, EndOfHost(url.Text))), new(urls, url => url.Text.AsMemory(EndOfHost(url.Text)))];
        var output = new MemoryStream();
        output.WriteByte(isOld ? OldMark : Mark);
        using (var deflate = new DeflateStream(output, Packing, leaveOpen: true))
        {
            var head = new MemoryStream();
            WriteHead(head, urls, columns);
            deflate.Write(head.GetBuffer().AsSpan(0, (int)head.Length));
            foreach (var column in columns)
            {
                // Ends the block, so that the numbers and the letters of each column have a code of their own.
                deflate.Flush();
                column.WriteMiddles(deflate);
            }
        }

        return output.GetBuffer().AsMemory(0, (int)output.Length);
    }

    /// <inheritdoc cref="BatchFormat.Read"/>
    public static List<QueuedUrl> Read(long id, ReadOnlyMemory<byte> packed)
    {
        var bytes = BatchFormat.Decompress(packed[1..]);
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        try
        {
            return Read(id, bytes, reader, packed.Span[0] == OldMark ? 1 : 2);
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentException or FormatException or OverflowException)
        {
            throw new InvalidDataException("a batch of URLs is cut short or garbled", e);
        }
    }

    private static List<QueuedUrl> Read(long id, byte[] bytes, BinaryReader reader, int columns)
    {
        var count = reader.Read7BitEncodedInt();
        if (count > bytes.Length)
        {
            throw new EndOfStreamException();
        }

        var gaps = Numbers(count, reader.Read7BitEncodedInt64);
        var lines = Numbers(count, () => FromZigzag(reader.Read7BitEncodedInt64()));
        var facts = Numbers(count, reader.ReadByte);
        var parts = Numbers(columns, () => new Parts(
            Numbers(count, reader.Read7BitEncodedInt), Numbers(count, reader.Read7BitEncodedInt), Numbers(count, reader.Read7BitEncodedInt)));
        var texts = new (string? Origin, string? Problem)[count];
        for (var i = 0; i < count; i++)
        {
            texts[i].Origin = Has(facts[i], Facts.HasOrigin) ? reader.ReadString() : null;
            texts[i].Problem = Has(facts[i], Facts.HasProblem) ? reader.ReadString() : null;
        }

        var urls = new List<QueuedUrl>(count);
        var rest = bytes.AsSpan((int)reader.BaseStream.Position);
        var columnTexts = new byte[columns][][];
        for (var column = 0; column < columns; column++)
        {
            columnTexts[column] = parts[column].Read(ref rest);
        }

        var (index, line, origin) = (id, 0L, "");
        for (var i = 0; i < count; i++)
        {
            (index, line, origin) = (index + gaps[i], line + gaps[i] + lines[i], texts[i].Origin ?? origin);
            byte[] text = columns == 1 ? columnTexts[0][i] : [.. columnTexts[0][i], .. columnTexts[1][i]];
            urls.Add(new QueuedUrl(index, line, origin, texts[i].Problem, Has(facts[i], Facts.IsJson), text));
        }

        return urls;
    }

    private static void WriteHead(MemoryStream head, IReadOnlyList<QueuedUrl> urls, Column[] columns)
    {
        using var writer = new BinaryWriter(head, Encoding.UTF8, leaveOpen: true);
        var facts = new Facts[urls.Count];
        writer.Write7BitEncodedInt(urls.Count);
        Each(i => writer.Write7BitEncodedInt64(Gap(i)));
        Each(i => writer.Write7BitEncodedInt64(ToZigzag(urls[i].Line - (i == 0 ? 0 : urls[i - 1].Line) - Gap(i))));
        Each(i => writer.Write((byte)(facts[i] = FactsOf(i))));
        Array.ForEach(columns, column => column.WriteParts(writer));
        Each(i =>
        {
            if (facts[i].HasFlag(Facts.HasOrigin))
            {
                writer.Write(urls[i].Origin);
            }

            if (urls[i].Problem is { } problem)
            {
                writer.Write(problem);
            }
        });

        long Gap(int i) => i == 0 ? 0 : urls[i].Index - urls[i - 1].Index;

        Facts FactsOf(int i) => (urls[i].Origin == (i == 0 ? "" : urls[i - 1].Origin) ? Facts.None : Facts.HasOrigin)
            | (urls[i].Problem is null ? Facts.None : Facts.HasProblem) | (urls[i].IsJson ? Facts.IsJson : Facts.None);

        void Each(Action<int> write)
        {
            for (var i = 0; i < urls.Count; i++)
            {
                write(i);
            }
        }
    }

    /// <summary>Where a URL's path goes on after its first slash; its end when it has none, and 0 when it is no URL.</summary>
    private static int EndOfHost(ReadOnlySpan<byte> text)
    {
        var host = text.IndexOf("//"u8) + 2;
        var slash = host < 2 ? -1 : text[host..].IndexOf((byte)'/');
        return host < 2 ? 0 : slash < 0 ? text.Length : host + slash + 1;
    }

    private static T[] Numbers<T>(int count, Func<T> read)
    {
        var numbers = new T[count];
        for (var i = 0; i < count; i++)
        {
            numbers[i] = read();
        }

        return numbers;
    }

    private static bool Has(byte facts, Facts fact) => ((Facts)facts & fact) != 0;

    private static long ToZigzag(long number) => (number << 1) ^ (number >> 63);

    private static long FromZigzag(long number) => (long)((ulong)number >> 1) ^ -(number & 1);

    /// <summary>A column of texts, each by what it has in common with the one before.</summary>
    private sealed class Column
    {
        private readonly ReadOnlyMemory<byte>[] _middles;
        private readonly (int Head, int Tail)[] _common;

        public Column(IReadOnlyList<QueuedUrl> urls, Func<QueuedUrl, ReadOnlyMemory<byte>> textOf)
        {
            (_middles, _common) = (new ReadOnlyMemory<byte>[urls.Count], new (int, int)[urls.Count]);
            ReadOnlyMemory<byte> before = default;
            for (var i = 0; i < urls.Count; i++)
            {
                var text = textOf(urls[i]);
                _common[i] = Common(before.Span, text.Span);
                _middles[i] = text[_common[i].Head..^_common[i].Tail];
                before = text;
            }
        }

        public void WriteParts(BinaryWriter writer)
        {
            Array.ForEach(_common, common => writer.Write7BitEncodedInt(common.Head));
            Array.ForEach(_common, common => writer.Write7BitEncodedInt(common.Tail));
            Array.ForEach(_middles, middle => writer.Write7BitEncodedInt(middle.Length));
        }

        public void WriteMiddles(Stream stream) => Array.ForEach(_middles, middle => stream.Write(middle.Span));

        /// <summary>How many bytes a text has in common with the one before it, at its beginning and, of the others, at its end.</summary>
        private static (int Head, int Tail) Common(ReadOnlySpan<byte> before, ReadOnlySpan<byte> text)
        {
            var head = before.CommonPrefixLength(text);
            var (most, tail) = (Math.Min(before.Length, text.Length) - head, 0);
            while (tail < most && before[^(tail + 1)] == text[^(tail + 1)])
            {
                tail++;
            }

            return (head, tail);
        }
    }

    /// <summary>Of how many bytes the texts of a column are: of those at the beginning and at the end of the text before, and of their own.</summary>
    private sealed record Parts(int[] Heads, int[] Tails, int[] Middles)
    {
        /// <summary>The texts, whose own bytes are taken from the beginning of <paramref name="rest"/>.</summary>
        public byte[][] Read(ref Span<byte> rest)
        {
            var texts = new byte[Heads.Length][];
            byte[] before = [];
            for (var i = 0; i < texts.Length; i++)
            {
                before = texts[i] = [.. before.AsSpan(0, Heads[i]), .. rest[..Middles[i]], .. before.AsSpan(before.Length - Tails[i])];
                rest = rest[Middles[i]..];
            }

            return texts;
        }
    }
}
