using System.IO.Compression;
using Fetcher.Core;

namespace Fetcher.Queue;

/// <summary>Results as lines of JSON (<see cref="ResultLine"/>), compressed together with DEFLATE: what jobs up to format 3 have.</summary>
internal sealed class ResultLines : ResultPack
{
    /// <summary>The last format of a job that has them.</summary>
    public const int NewestFormat = 3;

    private readonly LineBuffer _lines = new();
    private readonly ResultLine _line = new();
    private readonly MemoryStream _packed = new();

    /// <inheritdoc cref="ResultPack.Read"/>
    public static IEnumerable<FetchResult> ReadAll(ReadOnlyMemory<byte> packed, FetchResult into) => ReadLines(BatchFormat.Decompress(packed), into);

    /// <summary>Reads lines, one result after the other; what is no result's line is left out.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="into">Takes each result in its turn.</param>
    /// <returns><paramref name="into"/>, once for each result.</returns>
    public static IEnumerable<FetchResult> ReadLines(ReadOnlyMemory<byte> lines, FetchResult into)
    {
        for (var rest = lines; !rest.IsEmpty;)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (ResultLine.TryRead(line.Span, into))
            {
                yield return into;
            }
        }
    }

    public override void Add(FetchResult result) => _line.Write(_lines, result);

    public override ReadOnlyMemory<byte> Pack()
    {
        // Quickly: results come and go, and workers have other things to do.
        _packed.SetLength(0);
        using (var deflate = new DeflateStream(_packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(_lines.Written);
        }

        return _packed.GetBuffer().AsMemory(0, (int)_packed.Length);
    }

    public override void Clear() => _lines.Length = 0;

    public override void Dispose()
    {
        _line.Dispose();
        base.Dispose();
    }
}
